"""What goes when a user is deleted, and the actions that do it, one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.errors import AccessDenied, NoSuchEntity
from iamconsole.console.components import steps
from iamconsole.console.components.steps import Step, step


@dataclass(slots=True)
class Deletion:
    """The deletion of one user, planned and not begun."""

    caller: Caller
    user_name: str
    #: Headings, each with the names of what goes.
    goes: list[tuple[str, list[str]]] = field(default_factory=list)
    active_keys: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    #: The actions that the caller lacks, be it to see what goes or to do it.
    missing: list[str] = field(default_factory=list)

    @property
    def obstacle(self) -> str:
        """What else is in the way, in words."""
        if self.own:
            # Half-way the policies would be gone that allow the rest.
            return "You are signed in as this user. Ask another administrator."
        return "Deactivate the access keys first." if self.active_keys else ""

    @property
    def own(self) -> bool:
        """Whether it is the caller who would be deleted."""
        user = self.caller.user
        return user is not None and user.name.lower() == self.user_name.lower()

    @property
    def possible(self) -> bool:
        """Whether it can begin."""
        return not self.missing and not self.obstacle


def plan(caller: Caller, user_name: str) -> Deletion:
    """Ask what hangs on a user. Raises NoSuchEntity where there is none of that name."""
    found = Deletion(caller, user_name)
    _password(found)
    _devices(found)
    _keys(found)
    _groups(found)
    _policies(found)
    found.steps.append(step(f"Delete user {user_name}", "iam:DeleteUser", user_name=user_name))
    lacking = steps.missing(caller, found.steps)
    found.missing += [name for name in lacking if name not in found.missing]
    return found


def _password(deletion: Deletion) -> None:
    try:
        ACTIONS["iam:GetLoginProfile"].run(deletion.caller, user_name=deletion.user_name)
    except NoSuchEntity:
        return
    except AccessDenied as error:
        deletion.missing.append(error.action)
        return
    deletion.goes.append(("Console access", ["The password, with every session"]))
    _add(deletion, "Delete the password", "iam:DeleteLoginProfile")


def _devices(deletion: Deletion) -> None:
    devices = _listed(deletion, "iam:ListMFADevices")
    _note(deletion, "MFA devices", [device.name for device in devices])
    for device in devices:
        serial = device.serial_number
        _add(deletion, f"Deactivate {device.name}", "iam:DeactivateMFADevice", serial_number=serial)
        deletion.steps.append(
            step(f"Delete {device.name}", "iam:DeleteVirtualMFADevice", serial_number=serial)
        )


def _keys(deletion: Deletion) -> None:
    keys = _listed(deletion, "iam:ListAccessKeys")
    deletion.active_keys += [key.access_key_id for key in keys if key.is_active]
    _note(deletion, "Access keys", [key.access_key_id for key in keys])
    for key in keys:
        key_id = key.access_key_id
        _add(deletion, f"Delete key {key_id}", "iam:DeleteAccessKey", access_key_id=key_id)


def _groups(deletion: Deletion) -> None:
    names = [group.name for group in _listed(deletion, "iam:ListGroupsForUser")]
    _note(deletion, "Group memberships", names)
    for name in names:
        _add(deletion, f"Remove from group {name}", "iam:RemoveUserFromGroup", group_name=name)


def _policies(deletion: Deletion) -> None:
    attached = _listed(deletion, "iam:ListAttachedUserPolicies")
    _note(deletion, "Attachments (the policies stay)", [row.policy_name for row in attached])
    for row in attached:
        label = f"Detach {row.policy_name}"
        _add(deletion, label, "iam:DetachUserPolicy", policy_arn=row.policy_arn)
    inline = _listed(deletion, "iam:ListUserPolicies")
    _note(deletion, "Inline policies", list(inline))
    for name in inline:
        _add(deletion, f"Delete inline policy {name}", "iam:DeleteUserPolicy", policy_name=name)


def _listed(deletion: Deletion, name: str) -> Any:
    try:
        return ACTIONS[name].run(deletion.caller, user_name=deletion.user_name).items
    except AccessDenied:
        deletion.missing.append(name)
        return ()


def _note(deletion: Deletion, heading: str, names: list[str]) -> None:
    if names:
        deletion.goes.append((heading, names))


def _add(deletion: Deletion, label: str, name: str, **arguments: Any) -> None:
    deletion.steps.append(step(label, name, user_name=deletion.user_name, **arguments))
