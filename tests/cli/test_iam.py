"""Operations of IAM typed into the shell."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.actions.registry import ACTIONS
from accounts.models import Event, User
from iamconsole.cli import flags
from tests.cast import ACCOUNT_ID, allow, arn, document


@pytest.fixture
def iam(account, capsys):
    """`iam("get-user", "--user-name", "bob")`: what was printed, read."""

    def iam(operation: str, *arguments: str) -> Any:
        printed = io.StringIO()
        call_command("iam", operation, "--account", ACCOUNT_ID, *arguments, stdout=printed)
        return json.loads(printed.getvalue()) if printed.getvalue() else None

    return iam


def test_an_answer_is_printed_as_the_aws_command_prints_it(iam):
    made = iam(
        "create-user", "--user-name", "carol", "--tags", "Key=Team,Value=Größe", "Key=a,Value="
    )
    assert made["User"]["Tags"] == [{"Key": "Team", "Value": "Größe"}, {"Key": "a", "Value": ""}]
    shown = iam("get-user", "--user-name", "carol")["User"]
    assert shown["Arn"] == arn("user/carol")
    assert shown["CreateDate"].endswith("+00:00")
    assert "PasswordLastUsed" not in shown


def test_what_answers_nothing_prints_nothing(iam, bob):
    assert iam("delete-user", "--user-name", "bob") is None
    assert not User.objects.filter(name="bob").exists()


def test_it_is_the_root_user_who_called_and_from_the_shell(iam):
    iam("create-group", "--group-name", "admins")
    event = Event.objects.latest("id")
    assert (event.action, event.face, event.principal_kind) == ("iam:CreateGroup", "shell", "root")


def test_a_refusal_is_one_line_and_exit_code_2(iam):
    with pytest.raises(
        CommandError, match=r"^The user with name nobody cannot be found\.$"
    ) as told:
        iam("get-user", "--user-name", "nobody")
    assert told.value.returncode == 2


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (["list-userz"], "invalid choice: 'list-userz'; --help lists what there is$"),
        (["get-user", "--user", "bob"], "--user"),
        (["list-users", "--search", "bob"], "--search"),
        (["list-users", "--max-items", "many"], "many"),
        (["delete-user"], "--user-name"),
        (["tag-user", "--user-name", "bob", "--tags", "Team"], "Name=value"),
        (["tag-user", "--user-name", "bob", "--tags", "Name=Team"], "Key, Value, and not Name"),
        (["tag-user", "--user-name", "bob", "--tags", '{"Key": 1}'], "between quotes"),
        (["untag-user", "--user-name", "bob", "--tag-keys", "[1]"], "between quotes"),
        (["tag-user", "--user-name", "bob", "--tags", '[["Key"]]'], "takes objects"),
        (["untag-user", "--user-name", "bob", "--tag-keys", '["a"'], "not JSON"),
        (["create-policy", "--policy-name", "p", "--policy-document", "file://nowhere"], "be read"),
    ],
)  # fmt: skip
def test_what_is_mistyped_is_said_in_one_line(iam, bob, typed, why):
    with pytest.raises(CommandError, match=why) as told:
        iam(*typed)
    assert told.value.returncode == 2
    assert "\n" not in str(told.value)


def test_an_account_that_is_not_there_is_refused(db):
    with pytest.raises(CommandError) as told:
        call_command("iam", "list-users", "--account", "999999999999")
    assert told.value.returncode == 2


def test_of_another_account_nothing_is_seen(iam, eve):
    assert iam("list-users")["Users"] == []


def test_a_policy_comes_from_a_file_and_is_shown_as_json(iam, tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(document(allow("s3:*")))
    made = iam("create-policy", "--policy-name", "buckets", "--policy-document", f"file://{file}")
    version = ["--policy-arn", made["Policy"]["Arn"], "--version-id", "v1"]
    shown = iam("get-policy-version", *version)["PolicyVersion"]
    assert shown["Document"] == json.loads(document(allow("s3:*")))


def test_lists_and_objects_are_also_taken_as_json(iam, bob):
    tags = json.dumps([{"Key": "Team", "Value": "Red: =Blue"}, {"Key": "b", "Value": ""}])
    iam("tag-user", "--user-name", "bob", "--tags", tags)
    iam("untag-user", "--user-name", "bob", "--tag-keys", "b", "c")
    assert iam("list-user-tags", "--user-name", "bob")["Tags"] == [
        {"Key": "Team", "Value": "Red: =Blue"}
    ]
    decided = iam(
        "simulate-custom-policy",
        "--policy-input-list",
        document(allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        "--action-names",
        "s3:ListBucket",
        "iam:ListUsers",
        "--context-entries",
        json.dumps(
            {
                "ContextKeyName": "aws:SecureTransport",
                "ContextKeyValues": ["true"],
                "ContextKeyType": "boolean",
            }
        ),
    )
    assert [one["EvalDecision"] for one in decided["EvaluationResults"]] == [
        "allowed",
        "implicitDeny",
    ]


def test_a_password_need_not_be_typed_where_others_see_it(iam, bob, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct-Horse-7-battery\n"))
    iam("create-login-profile", "--user-name", "bob", "--password", "-")
    user = User.objects.get(name="bob")
    assert user.login.check_password("correct-Horse-7-battery")


def test_flags_of_yes_and_no_have_both(iam):
    iam("update-account-password-policy", "--require-symbols", "--no-require-numbers")
    policy = iam("get-account-password-policy")["PasswordPolicy"]
    assert (policy["RequireSymbols"], policy["RequireNumbers"]) == (True, False)


def test_a_secret_is_printed_once(iam, bob):
    made = iam("create-access-key", "--user-name", "bob")["AccessKey"]
    assert len(made["SecretAccessKey"]) == 40
    assert "SecretAccessKey" not in json.dumps(iam("list-access-keys", "--user-name", "bob"))


def test_bytes_are_printed_in_base64(iam):
    made = iam("create-virtual-mfa-device", "--virtual-mfa-device-name", "phone")
    assert made["VirtualMFADevice"]["QRCodePNG"].startswith("iVBORw0KGgo")


def test_every_operation_of_iam_has_a_command_under_the_name_that_aws_gives_it(iam, capsys):
    names = {flags.command_name(name) for name in ACTIONS if name.startswith("iam:")}
    assert {"list-mfa-devices", "create-saml-provider", "get-user"} <= names
    for name in sorted(names):
        with pytest.raises(SystemExit) as left:
            call_command("iam", name, "--help")
        assert left.value.code == 0
    assert "--user-name" in capsys.readouterr().out
