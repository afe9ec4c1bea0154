"""The SDK for JavaScript, version 3."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cast import ACCOUNT_ID, arn, trust
from tests.clients.conftest import Run, installed

STORY = Path(__file__).parent / "javascript" / "story.mjs"


def test_the_sdk_signs_in_lists_in_pages_takes_on_a_role_and_knows_the_errors(run: Run, tmp_path):
    modules = installed("javascript", "node_modules")
    node = shutil.which("node")
    if node is None:
        pytest.skip("The SDK for JavaScript did NOT run: node is not installed")
    # Node looks for packages beside the program that asks for them.
    (tmp_path / "node_modules").symlink_to(modules.resolve())
    story = shutil.copy(STORY, tmp_path)
    said = run(node, str(story))
    assert said.returncode == 0, said.stderr
    denied = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/audit/morning"
    assert json.loads(said.stdout) == {
        "me": arn("user/admin"),
        "tags": [{"Key": "Team", "Value": "Größe"}],
        "dated": True,
        "users": [["admin", "carol"], ["dave"]],
        "trust": json.loads(trust(AWS=ACCOUNT_ID)),
        "other": denied,
        "missing": "The user with name nobody cannot be found.",
        "denied": [
            "AccessDenied",
            403,
            f"User: {denied} is not authorized to perform: iam:CreateUser on resource: "
            f"{arn('user/erin')} because no identity-based policy allows the iam:CreateUser action",
        ],
    }
