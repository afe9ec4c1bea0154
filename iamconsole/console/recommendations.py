"""The security checklist as one caller may see it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import checklist
from accounts.actions.access_keys import list_access_keys
from accounts.actions.mfa import list_mfa_devices
from accounts.caller import Caller
from accounts.checklist import Recommendation
from accounts.errors import NoSuchEntity, ServiceError
from iamconsole.console.components.panels import Panel, panel


@dataclass(frozen=True, slots=True)
class Recommendations:
    """The rows, and why some of them are missing."""

    classic: list[Recommendation]
    today: list[Recommendation]
    error: ServiceError | None

    @property
    def done(self) -> int:
        """How many of the classic steps are done."""
        return sum(step.done is True for step in self.classic)

    @property
    def open_items(self) -> int:
        """How many rows say that something is to be done."""
        return sum(step.done is False for step in self.classic + self.today)


def recommendations(caller: Caller, summary: Panel, policy: Panel) -> Recommendations:
    """The checklist from what GetAccountSummary and GetAccountPasswordPolicy answered."""
    own = _for_user(caller) if caller.user is not None else []
    if summary.error is not None:
        return Recommendations([], own, summary.error)
    unknown = policy.error is not None and not isinstance(policy.error, NoSuchEntity)
    has_policy = None if unknown else policy.error is None
    return Recommendations(
        checklist.classic(summary.value, has_password_policy=has_policy),
        checklist.for_root(summary.value) + own,
        None,
    )


def _for_user(caller: Caller) -> list[Recommendation]:
    devices, keys = panel(list_mfa_devices, caller), panel(list_access_keys, caller)
    return checklist.for_user(
        caller.display_name,
        has_mfa=None if devices.error else bool(devices.value.items),
        keys=None if keys.error else keys.value.items,
        now=caller.now,
    )
