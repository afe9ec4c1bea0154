"""Ansible's amazon.aws modules: what they make, make a second time, and unmake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Group, InstanceProfile, Role, User
from tests.clients.conftest import installed

PLAYBOOK = Path(__file__).parent / "ansible.yml"


@pytest.fixture
def play(run, tmp_path):
    """`play("present")`: how many tasks of the playbook changed something."""
    program = installed("python", "bin", "ansible-playbook")
    python = program.with_name("python")

    def play(state: str) -> int:
        told: dict[str, Any] = {"state": state, "ansible_python_interpreter": str(python)}
        said = run(
            program,
            str(PLAYBOOK),
            "--inventory=localhost,",
            "--connection=local",
            f"--extra-vars={json.dumps(told)}",
            ANSIBLE_STDOUT_CALLBACK="ansible.posix.json",
            ANSIBLE_DEPRECATION_WARNINGS="false",
            ANSIBLE_LOCAL_TEMP=str(tmp_path / "temporary"),
            LC_ALL="C.UTF-8",
        )
        assert said.returncode == 0, said.stdout + said.stderr
        counts: dict[str, int] = json.loads(said.stdout)["stats"]["localhost"]
        assert counts["failures"] == 0
        return counts["changed"]

    return play


def test_a_playbook_makes_what_it_says_once_and_unmakes_it_once(play):
    assert play("present") == 7
    carol = User.objects.get(name="carol")
    assert (carol.path, carol.boundary_arn) == ("/team/", "arn:aws:iam::aws:policy/PowerUserAccess")
    assert carol.login.check_password("correct-Horse-7-battery")
    assert [group.name for group in Group.objects.filter(memberships__user=carol)] == ["builders"]
    assert Role.objects.get(name="machine").instance_profiles.get().name == "machine"
    assert play("present") == 0
    assert play("absent") == 7
    names = [
        *User.objects.values_list("name", flat=True),
        *Role.objects.values_list("name", flat=True),
    ]
    assert names == ["admin"]
    assert not Group.objects.exists()
    assert not InstanceProfile.objects.exists()
