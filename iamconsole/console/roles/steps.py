"""The steps behind the buttons of the role pages, and what deleting a role takes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts import arns
from accounts.actions.attachments import list_attached_role_policies
from accounts.actions.inline_policies import list_role_policies
from accounts.actions.instance_profiles import list_instance_profiles_for_role
from accounts.actions.roles import get_role
from accounts.arns import Resource, last_part
from accounts.caller import Caller
from accounts.errors import AccessDenied
from accounts.types import Tag, tag_mapping
from iamconsole.console.components import deleting, panels
from iamconsole.console.components.steps import Step, step
from iamconsole.console.policies.attaching import attachments, detachments
from iamconsole.console.templatetags.ui import in_full


def creation(
    name: str,
    trust_policy: str,
    *,
    with_profile: bool = False,
    boundary: str | None = None,
    description: str = "",
    tags: Sequence[Tag] = (),
    policies: Sequence[str] = (),
) -> list[Step]:
    """Make a role and the instance profile of its name where wanted, and attach policies to it."""
    made = step(
        f"Create role {name}",
        "iam:CreateRole",
        role_name=name,
        assume_role_policy_document=trust_policy,
        description=description,
        permissions_boundary=boundary,
        tags=list(tags),
    )
    profile = [
        step(
            f"Create instance profile {name}", "iam:CreateInstanceProfile",
            instance_profile_name=name,
        ),
        step(
            f"Add the role to instance profile {name}", "iam:AddRoleToInstanceProfile",
            instance_profile_name=name, role_name=name,
        ),
    ]  # fmt: skip
    return [made, *(profile if with_profile else []), *attachments("role", name, policies)]


def future(caller: Caller, name: str, tags: Sequence[Tag], boundary: str | None = None) -> Resource:
    """The role that `creation` is going to make, as policies will see it."""
    return Resource(
        arns.named(caller.home, "role", "/", name),
        caller.home.id,
        tags=tag_mapping(tags),
        context=arns.bounded(boundary),
    )


@dataclass(slots=True)
class Deletion(deleting.Deletion):
    """Deleting one role."""

    #: When it was last used, in words.
    last_activity: str = ""
    #: Whether it belongs to a service: then only the service's deletion is asked for.
    linked: bool = False
    #: The instance profile of the role's name, which goes with it.
    profile: str = ""
    #: Other instance profiles that hold the role: as long as they do, it can't be deleted.
    holders: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    @property
    def consequences(self) -> list[tuple[str, str]]:
        """What goes with the role: heading and names."""
        return [
            ("Last activity", self.last_activity or "None"),
            ("Instance profile deleted", self.profile),
            ("Policies detached", ", ".join(map(last_part, self.attached))),
            ("Inline policies deleted", ", ".join(self.inline)),
        ]

    @property
    def obstacle(self) -> str:
        """Why the role can't be deleted, in words, or nothing."""
        if not self.holders:
            return ""
        names = ", ".join(self.holders)
        return f"As long as other instance profiles hold the role, it can't be deleted: {names}."

    @property
    def steps(self) -> list[Step]:
        """The steps in order."""
        if self.linked:
            label = f"Ask the service to delete {self.name}"
            return [step(label, "iam:DeleteServiceLinkedRole", role_name=self.name)]
        inline = [
            step(
                f"Delete inline policy {policy}", "iam:DeleteRolePolicy",
                role_name=self.name, policy_name=policy,
            )
            for policy in self.inline
        ]  # fmt: skip
        delete = step(f"Delete role {self.name}", "iam:DeleteRole", role_name=self.name)
        return [*self._profile, *detachments("role", self.name, self.attached), *inline, delete]

    @property
    def _profile(self) -> list[Step]:
        if not self.profile:
            return []
        return [
            step(
                f"Remove the role from instance profile {self.profile}",
                "iam:RemoveRoleFromInstanceProfile",
                instance_profile_name=self.profile,
                role_name=self.name,
            ),
            step(
                f"Delete instance profile {self.profile}",
                "iam:DeleteInstanceProfile",
                instance_profile_name=self.profile,
            ),
        ]


def deletion(caller: Caller, name: str) -> Deletion:
    """What deleting a role takes, as far as the caller may read it.

    Raises NoSuchEntity where there is no such role.
    """
    found = Deletion(name)
    role = panels.subject(get_role, caller, role_name=name)
    profiles = panels.subject(list_instance_profiles_for_role, caller, role_name=name)
    attached = panels.subject(list_attached_role_policies, caller, role_name=name)
    inline = panels.subject(list_role_policies, caller, role_name=name, max_items=1000)
    found.unread = [
        each.error
        for each in (role, profiles, attached, inline)
        if isinstance(each.error, AccessDenied)
    ]
    if role.value:
        found.name = role.value.name
        found.linked = role.value.is_service_linked
        found.last_activity = in_full(role.value.last_used_at) if role.value.last_used_at else ""
    for profile in profiles.value.items if profiles.value else ():
        if profile.name.lower() == name.lower():
            found.profile = profile.name
        else:
            found.holders.append(profile.name)
    if attached.value:
        found.attached = [row.policy_arn for row in attached.value.items]
    if inline.value:
        found.inline = list(inline.value.items)
    return found
