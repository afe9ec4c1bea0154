"""What the visual editor can't show, or is not to be shown: said, kept, and never in its way."""

from __future__ import annotations

import json
from time import perf_counter

import pytest
from django.http import QueryDict

from accounts import engine, managed_policies
from iamconsole.console.policies.visual_form import VisualForm
from tests.cast import ACCOUNT_ID
from tests.console.visual_documents import ODD, READ_A_BUCKET, pieces, statements
from tests.console.visual_pages import VisualPage


# --- What can't be shown --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("number", "names"),
    [
        (0, ["NotAction"]),
        (1, ["NotResource"]),
        (2, []),
        (3, ["Principal", "Extra"]),
        (4, ["Statement"]),
    ],
)
def test_what_it_has_no_form_for_is_said_at_its_statement_and_kept(
    number: int, names: list[str]
) -> None:
    page = VisualPage(ODD).press(f"open:{number}")
    assert [each.name for each in page.editor.blocks[number].kept] == names
    for each in page.editor.blocks[number].kept:
        assert each.reason in page.text
        assert ODD.splitlines()[each.line - 1].find(each.raw[:8]) >= 0


def test_beside_what_it_cannot_show_the_rest_can_be_changed() -> None:
    page = VisualPage(ODD).press("open:0")
    after = page.press("resource-add", resource="arn:aws:s3:::x")
    assert after.document == ODD.replace('"Resource":"*",\n', '"Resource":"arn:aws:s3:::x",\n', 1)
    assert "visual-action" not in page.fields
    assert page.press("pattern", pattern="s3:Get*").document == ODD


def test_the_documents_own_oddities_are_said() -> None:
    page = VisualPage(ODD)
    assert [each.name for each in page.editor.kept] == ["Id"]
    assert "Nonsense" in page.press("open:2").text


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{\n  "Version": }', 2, 14),
        ('{"a": 1, "a": 2}', 1, 10),
        ("[]", 1, 1),
        ("[" * 5000, 1, 17),
        ('{"a": NaN}', 1, 2),
        ('{"a": "\x00"}', 1, 8),
    ],
)
def test_a_text_that_is_no_document_says_where_and_stays(text: str, line: int, column: int) -> None:
    page = VisualPage(text)
    assert page.editor.problem
    assert page.editor.problem[1:] == (line, column)
    assert f"Line {line}, column {column}." in page.text
    assert page.editor.blocks == ()
    if "\x00" not in text:
        assert page.press("add").document == text


def test_an_endless_text_is_not_read() -> None:
    text = '{"a": "' + "x" * 131_072 + '"}'
    assert "longer than" in VisualPage(text).text


def test_thousands_of_patterns_are_kept_and_not_all_looked_up() -> None:
    patterns = [f"ec2:*{number}*" for number in range(5000)]
    text = json.dumps({"Statement": {"Effect": "Allow", "Action": patterns, "Resource": "*"}})
    started = perf_counter()
    page = VisualPage(text)
    assert "4900 more are kept" in page.text
    assert page.press("keep").document == text
    assert perf_counter() - started < 10


def test_what_was_typed_and_not_added_holds_the_form_back() -> None:
    page = VisualPage(READ_A_BUCKET)
    for typed in (
        {"pattern": "s3:Put*"},
        {"resource": "arn:aws:s3:::x"},
        {"condition_new_key": "aws:SourceIp"},
    ):
        after = page.press(None, **typed)
        assert after.editor.browsing
        assert after.document == READ_A_BUCKET
        assert "have not added it" in after.text
        name, value = next(iter(typed.items()))
        assert after.fields["visual-" + name.replace("_", "-")] == [value]


@pytest.mark.parametrize(
    "button",
    [
        "open:99", "open:-1", "open:x", "remove:99", "duplicate:", "unpick:99", "unpick:x",
        "resource-remove:99", "condition-remove:99", "effect:", "service:nope", "arn", "arn-any",
        "condition-add", "nonsense", "open:99999999999999999999", "٣",
    ],
)  # fmt: skip
def test_a_button_that_means_nothing_changes_nothing(button: str) -> None:
    assert VisualPage(READ_A_BUCKET).press(button).document == READ_A_BUCKET


def test_characters_that_no_policy_can_hold_are_refused_or_escaped() -> None:
    page = VisualPage(READ_A_BUCKET)
    refused = page.press("keep", resource_0="arn:aws:s3:::\x00")
    assert refused.document == READ_A_BUCKET
    assert "can't hold" in refused.text
    escaped = page.press("keep", resource_0="arn:aws:s3:::漢😀é")
    assert "\\u6f22\\ud83d\\ude00é" in escaped.document
    assert engine.parse(escaped.document)


# --- Every policy that AWS publishes ------------------------------------------------------------
def test_every_managed_policy_keeps_all_that_is_not_changed() -> None:
    odd = []
    for policy in managed_policies.all():
        text = policy.document
        last = len(pieces(text)) - 1
        post = QueryDict(f"visual-open={last}&visual-sid=ChangedByTest&visual=keep")
        changed = VisualForm(text, post, ACCOUNT_ID).text
        before, after = pieces(text), pieces(changed)
        if before[:-1] != after[:-1] or statements(changed)[-1] != {
            **statements(text)[-1],
            "Sid": "ChangedByTest",
        }:
            odd.append(policy.name)
    assert odd == []


@pytest.mark.parametrize("policy", managed_policies.all()[::40], ids=lambda policy: policy.name)
def test_a_managed_policy_comes_back_from_its_form_as_it_was(
    policy: managed_policies.ManagedPolicy,
) -> None:
    page = VisualPage(policy.document)
    opened = page.press(f"open:{len(page.editor.blocks) - 1}")
    assert opened.press(None).document == policy.document
