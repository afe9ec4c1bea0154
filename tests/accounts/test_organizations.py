"""What is said of organizations where there are none."""

from __future__ import annotations

import pytest

from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.errors import AccessDenied, OrganizationNotFound
from accounts.models import Event
from tests.cast import ACCOUNT_ID, CallerWith, allow

NAMES = sorted(name for name in ACTIONS if "Organizations" in name)


@pytest.mark.parametrize("name", NAMES)
def test_whoever_may_ask_is_told_that_the_account_is_in_no_organization(
    name: str, caller_with: CallerWith
):
    asking = caller_with(allow(name))
    with pytest.raises(OrganizationNotFound, match=ACCOUNT_ID):
        ACTIONS[name].run(asking)
    event = Event.objects.get(account=asking.home)
    assert (event.action, event.outcome) == (name, "error")
    assert event.error_code == "OrganizationNotFoundException"


@pytest.mark.parametrize("name", NAMES)
def test_whoever_may_not_ask_is_not_told(name: str, alice: Caller):
    with pytest.raises(AccessDenied, match=f"to perform: {name} on resource: \\*"):
        ACTIONS[name].run(alice)


def test_all_five_operations_on_root_access_are_there():
    assert len(NAMES) == 5
