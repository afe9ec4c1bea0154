"""Editing a managed policy: the version to begin with, the one that has to go, and the steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from django.urls import reverse

from accounts.actions.policies import get_policy
from accounts.actions.policy_versions import Version, get_policy_version, list_policy_versions
from accounts.actions.shared import policy_resource
from accounts.arns import last_part
from accounts.quotas import VERSIONS_PER_POLICY
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import Step, step
from iamconsole.console.forms.policy_editor import VersionForm
from iamconsole.console.policies import pages
from iamconsole.console.policies.editor import MANAGED
from iamconsole.console.policies.writing import Writing
from iamconsole.console.policies.writing_pages import Page
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject


class NewVersion:
    """The form that edits the customer managed policy of this ARN.

    Raises what reading it raises: who may not read a policy can't edit it.
    """

    def __init__(self, request: ConsoleRequest, policy_arn: str) -> None:
        self._caller = request.caller
        self.policy_arn = policy_arn
        self.name = last_part(policy_arn)
        self.policy = get_policy(request.caller, policy_arn=policy_arn)
        self.default = self._version(self.policy.default_version_id)
        self.begun = self._begun(request.GET.get("version", ""))
        self.writing = Writing(
            request,
            MANAGED,
            initial=self.begun.document or "",
            held=tuple(VersionForm.base_fields),
        )
        self.edited = Edited(request, f"policy {self.name}", self._state())
        oldest = self.oldest.version_id if self.oldest else ""
        if self.writing.saving:
            self.form = VersionForm(request.POST, oldest=oldest)
        else:
            seen = "oldest" in request.POST
            typed = request.POST.dict() if seen else {"set_as_default": True}
            self.form = VersionForm(initial={**typed, "oldest": oldest}, oldest=oldest)

    @cached_property
    def oldest(self) -> Version | None:
        """The version that has to be deleted before there is room: the oldest not in force.

        Nothing where there is room, or where the caller may not list the versions.
        """
        found = panels.subject(list_policy_versions, self._caller, policy_arn=self.policy_arn)
        versions: list[Version] = list(found.value.items) if found.value else []
        if len(versions) < VERSIONS_PER_POLICY:
            return None
        return next(version for version in reversed(versions) if not version.is_default)

    @property
    def page(self) -> Page:
        """What the form's pages say."""
        url = reverse("console:policy", args=[self.policy_arn])
        on = policy_resource(self._caller, policy_arn=self.policy_arn)
        begun = "" if self.begun.is_default else f" It begins with version {self.begun.version_id}."
        return Page(
            steps=("Modify permissions", "Review and save"),
            title=f"Edit {self.name}",
            trail=Subject("policy", self.policy_arn).trail,
            back_url=url,
            button="Save changes",
            denied=panels.missing(
                self._caller, "iam:CreatePolicyVersion", on, policy_arn=self.policy_arn
            ),
            help=f"What you save becomes a new version of the policy.{begun}",
        )

    @property
    def affected(self) -> str:
        """Whom the change concerns, in numbers."""
        attached, bounded = self.policy.attachment_count, self.policy.boundary_count
        told = "Nobody has it" if not attached else _counted(attached, "has it", "have it")
        if bounded:
            told += f", and {_counted(bounded, 'is', 'are')} limited by it as a boundary"
        return f"{told}."

    def steps(self) -> list[Step]:
        """The actions to call, once the form is right."""
        create = step(
            "Create a new version",
            "iam:CreatePolicyVersion",
            policy_arn=self.policy_arn,
            policy_document=self.writing.document,
            set_as_default=self.form.cleaned_data["set_as_default"],
        )
        if self.oldest is None:
            return [create]
        goes = self.oldest.version_id
        delete = step(
            f"Delete version {goes}",
            "iam:DeletePolicyVersion",
            policy_arn=self.policy_arn,
            version_id=goes,
        )
        return [delete, create]

    def _state(self) -> Callable[[], str]:
        # Once for a page that begins; once more when it is saved, for what it is by then.
        if not self.writing.saving:
            return lambda: pages.state_of(self.default)
        return pages.state_of_versions(self._caller, self.policy_arn)

    def _begun(self, version_id: str) -> Version:
        if version_id in ("", self.default.version_id):
            return self.default
        return self._version(version_id)

    def _version(self, version_id: str) -> Version:
        return get_policy_version(self._caller, policy_arn=self.policy_arn, version_id=version_id)


def _counted(number: int, one: str, many: str) -> str:
    return (
        f"1 user, group or role {one}"
        if number == 1
        else (f"{number} users, groups and roles {many}")
    )
