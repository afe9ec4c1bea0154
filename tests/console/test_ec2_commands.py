"""The lines that a learner copies to be an instance: they are the instance in any shell."""

from __future__ import annotations

import subprocess

import pytest

from iamconsole.console.ec2 import commands
from iamconsole.sandbox.models import Instance

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


@pytest.mark.parametrize("lines", ["one_line", "exports"])
def test_keys_that_were_exported_before_are_not_taken_instead_of_the_instances(lines: str) -> None:
    written = getattr(commands.of(Instance(region="us-east-1"), "secret"), lines)
    script = written.removesuffix("aws s3 ls") + ("env" if lines == "one_line" else "\nenv")
    found = subprocess.run(
        ["/bin/sh", "-c", script],
        env={"PATH": "/usr/bin:/bin"} | dict.fromkeys(KEYS, "somebody's"),
        capture_output=True, text=True, check=True, timeout=30,
    ).stdout  # fmt: skip
    assert "/metadata/secret\n" in found
    assert "somebody's" not in found
