"""What goes when a user is deleted, and the actions that do it, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.errors import AccessDenied, NoSuchEntity
from iamconsole.console.components import steps
from iamconsole.console.components.steps import Step, step
from iamconsole.console.components.verdicts import Verdicts
from iamconsole.console.users import bulk
from iamconsole.console.users.columns import verdicts

#: What is asked for before a user is deleted.
_READS = (
    "iam:GetLoginProfile",
    "iam:ListMFADevices",
    "iam:ListAccessKeys",
    "iam:ListSigningCertificates",
    "iam:ListSSHPublicKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:ListGroupsForUser",
    "iam:ListAttachedUserPolicies",
    "iam:ListUserPolicies",
)


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
    def problem(self) -> str:
        """Why it can't begin, in words, or nothing."""
        return f"You need {', '.join(self.missing)}." if self.missing else self.obstacle

    @property
    def possible(self) -> bool:
        """Whether it can begin."""
        return not self.missing and not self.obstacle

    @property
    def state(self) -> str:
        """The user and what hangs on it as text, to be compared with what it is later."""
        lines = [f"{heading}: {', '.join(names)}" for heading, names in self.goes]
        return "\n".join([f"Name: {self.user_name}", *lines])


def plan(caller: Caller, user_name: str) -> Deletion:
    """Ask what hangs on a user. Raises NoSuchEntity where there is none of that name."""
    found = Deletion(caller, user_name)
    return _planned(found, {name: _asked(found, name) for name in _READS})


def plans(caller: Caller, names: Sequence[str]) -> list[Deletion]:
    """The same for several users, in as many queries for 100 as for one: verdicts in memory.

    Raises NoSuchEntity for the first that is not there.
    """
    users, allowed = bulk.all_of(caller, names), verdicts(caller)
    for user in users:
        _remember(caller, user)
    return [_planned(*_loaded(caller, user, allowed)) for user in users]


def _remember(caller: Caller, user: Any) -> None:
    """Spare the steps, which name what they are about, looking it up one by one."""
    caller.once(("user", user.folded_name), partial(_same, user))
    for group in user.groups.all():
        caller.once(("group", group.folded_name), partial(_same, group))
    for device in user.mfa_devices.all():
        caller.once(("device", device.serial_number), partial(_same, device))


def _same(row: Any) -> Any:
    return row


def _asked(deletion: Deletion, name: str) -> Sequence[Any]:
    """What a reading action returns, or nothing with the action among the missing."""
    try:
        found = ACTIONS[name].run(deletion.caller, user_name=deletion.user_name)
    except AccessDenied:
        deletion.missing.append(name)
        return ()
    except NoSuchEntity:
        # No password; that there is no such user, the other actions say as well.
        if name == "iam:GetLoginProfile":
            return ()
        raise
    return (found,) if name == "iam:GetLoginProfile" else tuple(found.items)


def _loaded(
    caller: Caller, user: Any, allowed: Verdicts
) -> tuple[Deletion, dict[str, Sequence[Any]]]:
    """The same from a user that was read with all that hangs on it."""
    deletion = Deletion(caller, user.name)
    read: dict[str, Sequence[Any]] = {
        "iam:GetLoginProfile": (user,) if user.password_set_at else (),
        "iam:ListMFADevices": user.mfa_devices.all(),
        "iam:ListAccessKeys": user.listed_keys,
        "iam:ListSigningCertificates": user.signing_certificates.all(),
        "iam:ListSSHPublicKeys": user.ssh_public_keys.all(),
        "iam:ListServiceSpecificCredentials": user.service_credentials.all(),
        "iam:ListGroupsForUser": user.groups.all(),
        "iam:ListAttachedUserPolicies": user.attachments.all(),
        "iam:ListUserPolicies": [policy.name for policy in user.inline_policies.all()],
    }
    for name in _READS:
        if allowed.missing([name], user):
            deletion.missing.append(name)
            read[name] = ()
    return deletion, read


def _planned(found: Deletion, read: dict[str, Sequence[Any]]) -> Deletion:
    if read["iam:GetLoginProfile"]:
        found.goes.append(("Console access", ["The password, with every session"]))
        _add(found, "Delete the password", "iam:DeleteLoginProfile")
    _devices(found, read["iam:ListMFADevices"])
    _keys(found, read["iam:ListAccessKeys"])
    _certificates(found, read["iam:ListSigningCertificates"])
    _ssh_keys(found, read["iam:ListSSHPublicKeys"])
    _credentials(found, read["iam:ListServiceSpecificCredentials"])
    _groups(found, sorted(group.name for group in read["iam:ListGroupsForUser"]))
    _policies(found, read["iam:ListAttachedUserPolicies"], read["iam:ListUserPolicies"])
    name = found.user_name
    found.steps.append(step(f"Delete user {name}", "iam:DeleteUser", user_name=name))
    lacking = steps.missing(found.caller, found.steps)
    found.missing += [name for name in lacking if name not in found.missing]
    return found


def _devices(deletion: Deletion, devices: Sequence[Any]) -> None:
    _note(deletion, "MFA devices", [device.name for device in devices])
    for device in devices:
        serial = device.serial_number
        _add(deletion, f"Deactivate {device.name}", "iam:DeactivateMFADevice", serial_number=serial)
        deletion.steps.append(
            step(f"Delete {device.name}", "iam:DeleteVirtualMFADevice", serial_number=serial)
        )


def _keys(deletion: Deletion, keys: Sequence[Any]) -> None:
    deletion.active_keys += [key.access_key_id for key in keys if key.is_active]
    _note(deletion, "Access keys", [key.access_key_id for key in keys])
    for key in keys:
        key_id = key.access_key_id
        _add(deletion, f"Delete key {key_id}", "iam:DeleteAccessKey", access_key_id=key_id)


def _certificates(deletion: Deletion, rows: Sequence[Any]) -> None:
    ids = [row.certificate_id for row in rows]
    _note(deletion, "Signing certificates", ids)
    for each in ids:
        label = f"Delete certificate {each}"
        _add(deletion, label, "iam:DeleteSigningCertificate", certificate_id=each)


def _ssh_keys(deletion: Deletion, keys: Sequence[Any]) -> None:
    ids = [key.key_id for key in keys]
    _note(deletion, "SSH public keys", ids)
    for each in ids:
        label = f"Delete SSH public key {each}"
        _add(deletion, label, "iam:DeleteSSHPublicKey", ssh_public_key_id=each)


def _credentials(deletion: Deletion, rows: Sequence[Any]) -> None:
    _note(deletion, "Service-specific credentials", [f"{row.name} ({row.service})" for row in rows])
    for row in rows:
        _add(
            deletion,
            f"Delete credential {row.name}",
            "iam:DeleteServiceSpecificCredential",
            service_specific_credential_id=row.credential_id,
        )


def _groups(deletion: Deletion, names: list[str]) -> None:
    _note(deletion, "Group memberships", names)
    for name in names:
        _add(deletion, f"Remove from group {name}", "iam:RemoveUserFromGroup", group_name=name)


def _policies(deletion: Deletion, attached: Sequence[Any], inline: Sequence[str]) -> None:
    _note(deletion, "Attachments (the policies stay)", [row.policy_name for row in attached])
    for row in attached:
        label = f"Detach {row.policy_name}"
        _add(deletion, label, "iam:DetachUserPolicy", policy_arn=row.policy_arn)
    _note(deletion, "Inline policies", list(inline))
    for name in inline:
        _add(deletion, f"Delete inline policy {name}", "iam:DeleteUserPolicy", policy_name=name)


def _note(deletion: Deletion, heading: str, names: list[str]) -> None:
    if names:
        deletion.goes.append((heading, names))


def _add(deletion: Deletion, label: str, name: str, **arguments: Any) -> None:
    deletion.steps.append(step(label, name, user_name=deletion.user_name, **arguments))
