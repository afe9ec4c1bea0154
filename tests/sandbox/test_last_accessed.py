"""What is done in the sandbox, as what was last accessed tells it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import events
from accounts.actions.attempts import attempts, bring_up_to_date, permission_of
from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.engine import catalog

OF_SANDBOX = sorted(
    name
    for name, each in ACTIONS.items()
    if each.function.__module__.startswith("iamconsole.sandbox")
)


@pytest.mark.parametrize("name", OF_SANDBOX)
def test_every_operation_counts_as_a_permission_that_policies_know(name: str):
    permission = permission_of(name)
    known = catalog.action(permission)
    assert known is not None, "else last accessed and unused permissions would miss it"
    assert known.full_name == permission


def test_listing_a_bucket_by_either_version_is_one_permission(account, alice: Caller):
    for name in ("s3:ListObjects", "s3:ListObjectsV2"):
        events.write(
            [events.describe(alice, name, outcome="success", read_only=True, parameters={})]
        )
    since = alice.now - timedelta(days=1)
    found = attempts(account, None, since, bring_up_to_date(account))
    assert list(found) == [(alice.unique_id, "s3:ListBucket")]
