"""What tests with AWS's own clients use: a server, its administrator's key, and the programs.

`make test-all` installs the programs and says where in CLIENTS; everywhere else their tests are
skipped.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.caller import Caller
from tests.api.clients import Key, key_of

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def endpoint(transactional_db: None, live_server: Any) -> str:
    """Where the server is."""
    return str(live_server.url)


@pytest.fixture
def key(admin: Caller) -> Key:
    """The administrator's access key."""
    return key_of(admin)


@pytest.fixture
def environment(endpoint: str, key: Key, tmp_path: Path) -> dict[str, str]:
    """All that a client of AWS has to be told. It finds nothing in its home."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """`run(program, *arguments, **variables)`: what a program of AWS's or Ansible's said."""

    def run(program: str | Path, *arguments: str, **variables: str) -> Any:
        return subprocess.run(
            [program, *arguments],
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


def installed(*path: str) -> Path:
    """A file of what `make test-all` installed; skip the test where it is not there."""
    if "CLIENTS" not in os.environ:
        pytest.skip("AWS's own clients did NOT run: `make test-all` installs and runs them")
    found = Path(os.environ["CLIENTS"], *path)
    if not found.exists():
        pytest.skip(f"{path[-1]} did NOT run: `make test-all` could not install it")
    return found
