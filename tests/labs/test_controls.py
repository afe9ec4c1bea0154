"""The console's controls that labs point at: known, documented, and one of a kind on their page."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from accounts import demo, instance
from accounts.actions import attachments, users
from iamconsole.labs.proving import controls
from tests import pages
from tests.cast import ADMINISTRATOR, caller_of
from tests.console.browsers import signed_in

#: What stands there in a state in which no page of the demo account is.
ONLY_SOMETIMES = {
    "access-key-2",
    "answer",
    "delete-object",
    "enable-console-access",
    "end-suspension",
    "explain",
    "remove-boundary",
    "remove-mfa",
    "results",
    "resync-mfa",
    "switch-back",
    "switch-link",
}
FORMAT = Path(settings.BASE_DIR) / "docs" / "lab-format.md"


def documented() -> set[str]:
    """The ids in the second column of the table of controls."""
    part = FORMAT.read_text(encoding="utf-8").partition("## Controls")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in part.splitlines() if line.startswith("|")]
    return set(re.findall(r"`([^`]+)`", " ".join(rows)))


def test_every_documented_control_is_somewhere():
    assert len(documented()) > 100
    assert documented() - controls.ids() == set()


def test_a_control_that_is_nowhere_is_not_known():
    assert "create-usr" not in controls.ids()
    assert "{{" not in "".join(controls.ids())


@pytest.mark.django_db
def test_no_page_of_the_console_has_an_id_twice_and_each_documented_one_is_on_some_page():
    made = demo.create()
    found = pages.addresses(pages.furnish(made))
    chief = instance.root(made.account)
    users.create_user(chief, user_name="boss")
    attachments.attach_user_policy(chief, user_name="boss", policy_arn=ADMINISTRATOR)
    browser = signed_in(caller_of(made.account.users.get(name="boss")))
    seen: set[str] = set()
    for name, url in found.items():
        answer = browser.get(url)
        if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
            continue
        counted = Counter(re.findall(r'\sid="([^"]*)"', answer.content.decode()))
        assert [each for each, times in counted.items() if times > 1] == [], name
        seen |= set(counted)
    unseen = {each for each in documented() - seen if not each.startswith(("id_", "visual-"))}
    assert unseen == ONLY_SOMETIMES
