"""The wizard that creates a role: what was filled in so far, and which step is to be shown.

Nothing is kept on the server: each step carries what the others hold in hidden fields, so that two
tabs can't mix and going back loses nothing.
"""

from __future__ import annotations

from functools import cached_property

from accounts import quotas
from accounts.actions.oidc_providers import list_open_id_connect_providers
from accounts.actions.saml_providers import list_saml_providers
from accounts.types import Tag
from iamconsole.console.components.panels import Panel, panel
from iamconsole.console.components.picker import policy_picker
from iamconsole.console.forms.roles import (
    ACCOUNT,
    CUSTOM,
    FOR_CONSOLE,
    OTHER,
    SERVICE,
    THIS_ACCOUNT,
    USE_CASE_NAMES,
    WEB,
    RoleForm,
    TrustForm,
)
from iamconsole.console.forms.tags import PREFIX, posted_tag_rows, tag_rows
from iamconsole.console.policies import editor as editing
from iamconsole.console.policies.editor import TRUST, TRUST_SKELETON, PolicyEditor
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import trust
from iamconsole.console.roles.use_cases import EC2, use_case

STEPS = ("Select trusted entity", "Add permissions", "Name, review, and create")
MOST_POLICIES = quotas.POLICIES_PER["role"]
CREATE = "create"
_FIRST = {
    "trusted_entity": SERVICE,
    "service": EC2,
    "account_kind": THIS_ACCOUNT,
    "saml_access": FOR_CONSOLE,
}
_POLICIES, _BOUNDARY, _BOUNDED = "policies", "boundary", "bounded"


class RoleWizard:
    """The three steps as sent. `step` is the one to show, from 1: the first that is not right."""

    use_cases = USE_CASE_NAMES

    def __init__(self, request: ConsoleRequest) -> None:
        posted = request.POST
        self.request = request
        self.posted = posted
        self.account_id = request.caller.home.id
        self.asked = posted.get("go", "")
        self.policies = policy_picker(request, MOST_POLICIES, key=_POLICIES)
        self.boundary = policy_picker(request, None, key=_BOUNDARY, single=True)
        self.editor = PolicyEditor(request, TRUST, initial=TRUST_SKELETON)
        wanted = self._wanted()
        typed = posted.dict()
        providers = {"oidc": self.oidc.value or (), "saml": self.saml.value or ()}
        bound = wanted > 1
        self.trust = (
            TrustForm(posted, **providers)
            if bound
            else TrustForm(initial=_FIRST | typed, **providers)
        )
        # Its fields are empty until the third step was seen: no errors before it is sent.
        naming = self.asked == CREATE
        self.naming = RoleForm(posted) if naming else RoleForm(initial=typed)
        has_tags = f"{PREFIX}-TOTAL_FORMS" in posted
        self.tags = posted_tag_rows(posted) if has_tags else tag_rows()
        self.step = self._reached(wanted)

    @cached_property
    def oidc(self) -> Panel:
        """The account's OpenID Connect providers."""
        return panel(list_open_id_connect_providers, self.request.caller)

    @cached_property
    def saml(self) -> Panel:
        """The account's SAML providers."""
        return panel(list_saml_providers, self.request.caller)

    @property
    def audiences(self) -> list[str]:
        """The audiences that the account's providers know."""
        known = [each for provider in self.oidc.value or () for each in provider.client_ids]
        return list(dict.fromkeys(known))

    @property
    def complete(self) -> bool:
        """Whether *Create role* was pressed and everything is well-formed."""
        if self.asked != CREATE or self.step != len(STEPS):
            return False
        # Both are asked, so that both say what is wrong.
        return all([self.naming.is_valid(), self.tags.is_valid()])

    @property
    def refused(self) -> bool:
        """Whether what was sent did not do."""
        sent = self.trust.is_bound and not self._trust_is_right
        return sent or self.asked == CREATE or (self.step == 2 and bool(self.policies_problem))

    @property
    def policies_problem(self) -> str:
        """What is wrong with the choice of the second step, in words."""
        if self.bounded and not self.boundary.chosen:
            return "Choose the policy that is to be the permissions boundary."
        return self.policies.problem or (self.boundary.problem if self.bounded else "")

    @property
    def bounded(self) -> bool:
        """Whether the role is to have a permissions boundary."""
        return _BOUNDED in self.posted

    @property
    def boundary_arn(self) -> str | None:
        """The policy that is to be the boundary."""
        return self.boundary.chosen[0] if self.bounded and self.boundary.chosen else None

    @property
    def service(self) -> str:
        """The service that the role is for, or nothing. Only once the first step is right."""
        chosen = self.trust.cleaned_data
        if chosen["trusted_entity"] != SERVICE:
            return ""
        found = use_case(chosen["use_case"]) if chosen["service"] == OTHER else None
        return found.principal if found else str(chosen["service"])

    @property
    def makes_profile(self) -> bool:
        """Whether an instance profile comes with the role."""
        return self.service == EC2

    @property
    def trust_policy(self) -> str:
        """The document that the first step means. Only once it is right."""
        chosen = self.trust.cleaned_data
        entity = chosen["trusted_entity"]
        if entity == CUSTOM:
            return self.editor.document
        if entity == SERVICE:
            return trust.of_service(self.service)
        if entity == ACCOUNT:
            other = chosen["account_kind"] == OTHER
            return trust.of_account(
                chosen["account_id"] if other else self.account_id,
                external_id=chosen["external_id"] if chosen["require_external_id"] else "",
                require_mfa=chosen["require_mfa"],
            )
        return self._of_web_identity() if entity == WEB else self._of_saml()

    @property
    def chosen_tags(self) -> list[Tag]:
        """The tags. Only once the rows are right."""
        return [Tag(key, value) for key, value in self.tags.tags]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the other steps hold, for this step's hidden fields."""
        return [
            (name, value)
            for name, values in self.posted.lists()
            if _step_of(name) not in (None, self.step)
            for value in values
        ]

    def _of_web_identity(self) -> str:
        chosen = self.trust.cleaned_data
        provider, subject = chosen["web_provider"], chosen["subject"]
        if trust.issuer_of(provider) == trust.GITHUB and chosen["github_organization"]:
            subject = trust.github_subject(
                chosen["github_organization"], chosen["github_repository"], chosen["github_branch"]
            )
        return trust.of_web_identity(provider, audience=chosen["audience"], subject=subject)

    def _of_saml(self) -> str:
        chosen = self.trust.cleaned_data
        if chosen["saml_access"] != OTHER:
            return trust.of_saml(chosen["saml_provider"])
        return trust.of_saml(
            chosen["saml_provider"],
            attribute=chosen["saml_attribute"] or "SAML:aud",
            value=chosen["saml_value"],
        )

    @cached_property
    def _trust_is_right(self) -> bool:
        if not self.trust.is_valid():
            return False
        return self.trust.cleaned_data["trusted_entity"] != CUSTOM or not self.editor.blocked

    def _wanted(self) -> int:
        if editing.CHECK in self.posted:
            return 1
        if self.policies.browsing or self.boundary.browsing:
            return 2
        if "add_tag" in self.posted or self.asked == CREATE:
            return 3
        return int(self.asked) if self.asked in ("1", "2", "3") else 1

    def _reached(self, wanted: int) -> int:
        if wanted > 1 and not self._trust_is_right:
            return 1
        if wanted > 2 and self.policies_problem:
            return 2
        return wanted


def _step_of(name: str) -> int | None:
    """The step that a field belongs to; nothing for what is not carried along."""
    if name in TrustForm.base_fields or name == editing.FIELD:
        return 1
    if name in (_POLICIES, _BOUNDARY, _BOUNDED):
        return 2
    return 3 if name in RoleForm.base_fields or name.startswith(f"{PREFIX}-") else None
