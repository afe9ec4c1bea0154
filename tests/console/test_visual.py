"""The visual editor: what somebody changed is changed, and not a byte of anything else."""

from __future__ import annotations

import pytest

from accounts import engine
from iamconsole.console.policies.visual import breaks, with_breaks
from tests.cast import ACCOUNT_ID
from tests.console.visual_documents import (
    DOCUMENTS,
    ODD,
    ONE_LINE,
    READ_A_BUCKET,
    SEEDED,
    pieces,
    statements,
)
from tests.console.visual_pages import VisualPage


def shown_service(page: VisualPage) -> str:
    """The service whose actions are listed."""
    return page.fields.get("visual-shown", [""])[0]


# --- Nothing changed ----------------------------------------------------------------------------
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_form_in_which_nothing_was_changed_leaves_every_byte(name: str) -> None:
    page = VisualPage(DOCUMENTS[name])
    assert page.editor.problem is None
    for number in range(len(page.editor.blocks)):
        opened = page.press(f"open:{number}")
        assert opened.document == DOCUMENTS[name]
        assert opened.press("keep").document == DOCUMENTS[name]
        assert opened.press("enter").document == DOCUMENTS[name]
        went_on = opened.press(None)
        assert went_on.document == DOCUMENTS[name]
        assert not went_on.editor.browsing


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_the_author_wrote_is_never_markup(name: str) -> None:
    page = VisualPage(DOCUMENTS[name])
    for number in range(len(page.editor.blocks)):
        html = page.press(f"open:{number}").html
        assert not {"<b>", "<img", "<script"} & {
            tag for tag in ("<b>", "<img", "<script") if tag in html
        }


def test_line_ends_of_every_kind_come_back() -> None:
    for text in ("", "a", "a\nb\n", "a\r\nb\r\n", "a\rb", "\n\r\n\r\r\n\n\n", "a\r\nb\nc\nd"):
        sent = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
        assert with_breaks(sent, breaks(text)) == text
    assert with_breaks("a\r\nb", "not letters of ours") == "a\r\nb"


# --- One thing changed --------------------------------------------------------------------------
def test_a_ticked_action_is_one_more_line_in_the_authors_style() -> None:
    page = VisualPage(READ_A_BUCKET)
    after = page.press("keep", action=[*page.ticked(), "PutObject"])
    assert after.document == READ_A_BUCKET.replace(
        '"s3:ListBucket"\n', '"s3:ListBucket",\n                "s3:PutObject"\n'
    )
    assert "PutObject" in after.ticked()


def test_an_unticked_action_goes_with_its_comma_and_nothing_else() -> None:
    page = VisualPage(READ_A_BUCKET)
    assert page.ticked() == ["ListBucket", "GetObject"] or set(page.ticked()) == {
        "GetObject",
        "ListBucket",
    }
    after = page.press("keep", action="GetObject")
    assert after.document == READ_A_BUCKET.replace(
        '"s3:GetObject",\n                "s3:ListBucket"\n', '"s3:GetObject"\n'
    )
    assert page.press("keep", action="ListBucket").document == READ_A_BUCKET.replace(
        '"s3:GetObject",\n                ', ""
    )


def test_what_a_filter_hides_stays_as_it_is() -> None:
    page = VisualPage(READ_A_BUCKET).press("keep", filter="Tagging")
    assert page.document == READ_A_BUCKET
    assert page.ticked() == []
    assert page.press("keep", filter="").document == READ_A_BUCKET
    tagged = page.press("keep", action="PutObjectTagging")
    assert statements(tagged.document)[0]["Action"] == [
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObjectTagging",
    ]


def test_a_whole_access_level_is_ticked_and_unticked_at_once() -> None:
    page = VisualPage(READ_A_BUCKET)
    whole = page.press("keep", level=["List"])
    assert whole.fields["visual-level"] == ["List"]
    back = whole.press("keep", level=None)
    assert statements(back.document)[0]["Action"] == ["s3:GetObject"]


def test_all_actions_of_a_service_are_one_pattern_and_what_was_named_stays() -> None:
    page = VisualPage(READ_A_BUCKET)
    every = page.press("keep", all="1")
    assert statements(every.document)[0]["Action"] == ["s3:GetObject", "s3:ListBucket", "s3:*"]
    assert "by s3:*" in every.text
    assert every.press("keep", all=None).document == READ_A_BUCKET


def test_an_action_that_a_pattern_covers_can_only_be_taken_away_with_the_pattern() -> None:
    page = VisualPage(SEEDED.replace("<actions>", "s3:Get*"))
    assert page.ticked() == []
    assert page.press("keep").document == page.document
    gone = page.press("unpick:0")
    assert statements(gone.document)[0]["Action"] == []


def test_a_single_value_stays_single_while_there_is_one() -> None:
    page = VisualPage(READ_A_BUCKET)
    after = page.press("keep", resource_0="arn:aws:s3:::other/*")
    assert after.document == READ_A_BUCKET.replace("examplebucket", "other")
    two = after.press("resource-add", resource="arn:aws:s3:::more")
    assert statements(two.document)[0]["Resource"] == ["arn:aws:s3:::other/*", "arn:aws:s3:::more"]
    one = two.press("resource-remove:1")
    assert statements(one.document)[0]["Resource"] == ["arn:aws:s3:::other/*"]


def test_a_service_is_found_by_prefix_and_by_name_and_offered_where_several_fit() -> None:
    page = VisualPage('{"Statement": [{"Effect": "Allow", "Action": [], "Resource": []}]}')
    assert shown_service(page) == ""
    by_prefix = page.press("service", service="IAM")
    assert shown_service(by_prefix) == "iam"
    by_name = page.press("service", service="Amazon S3")
    assert shown_service(by_name) == "s3"
    several = page.press("service", service="dynamo")
    assert {"dynamodb", "dax"} & {each.prefix for each in several.editor.found_services}
    assert "service:dynamodb" in several.buttons
    none = page.press("service", service="<b>no such</b>")
    assert "No service is called" in none.text
    assert none.document == page.document


def test_a_pattern_gets_the_prefix_of_the_service_that_is_shown() -> None:
    page = VisualPage(READ_A_BUCKET)
    assert statements(page.press("pattern", pattern="Put*").document)[0]["Action"][-1] == "s3:Put*"
    assert (
        statements(page.press("enter", pattern="iam:?et*").document)[0]["Action"][-1] == "iam:?et*"
    )
    assert page.press("pattern", pattern="s3:GetObject").document == READ_A_BUCKET


def test_an_arn_is_made_of_its_parts_and_what_is_empty_is_any() -> None:
    page = VisualPage(ONE_LINE.replace('"Action":"*"', '"Action":"iam:GetUser"'))
    chosen = page.press("keep", kind="iam:user")
    preview = chosen.press("keep", arn_UserNameWithPath="alice")
    assert f"arn:aws:iam::{ACCOUNT_ID}:user/alice" in preview.text
    assert preview.document == page.document
    added = preview.press("arn")
    assert added.document == page.document.replace(
        '"Resource":"*"', f'"Resource":"arn:aws:iam::{ACCOUNT_ID}:user/alice"'
    )
    more = added.press("arn-any")
    assert statements(more.document)[0]["Resource"][1] == f"arn:aws:iam::{ACCOUNT_ID}:user/*"
    assert more.press("resource-all").document == page.document


def test_the_effect_is_turned_in_place() -> None:
    page = VisualPage(READ_A_BUCKET)
    denied = page.press("effect:Deny")
    assert denied.document == READ_A_BUCKET.replace('"Allow"', '"Deny"')
    assert denied.press("effect:Allow").document == READ_A_BUCKET
    assert page.press("effect:Maybe").document == READ_A_BUCKET


def test_a_sid_is_written_changed_and_taken_away() -> None:
    page = VisualPage(READ_A_BUCKET)
    assert page.press("keep", sid="Write").document == READ_A_BUCKET.replace('"Read"', '"Write"')
    gone = page.press("keep", sid="")
    assert gone.document == READ_A_BUCKET.replace('"Sid": "Read",\n            ', "")
    assert statements(gone.press("keep", sid="Read").document)[0]["Sid"] == "Read"


def test_conditions_are_added_changed_and_removed() -> None:
    page = VisualPage(READ_A_BUCKET)
    mfa = page.press("mfa")
    assert statements(mfa.document)[0]["Condition"] == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"}
    }
    both = mfa.press(
        "condition-add",
        condition_new_key="aws:SourceIp",
        condition_new_operator="IpAddress",
        condition_new_values="192.0.2.0/24\n203.0.113.0/24\n",
    )
    assert statements(both.document)[0]["Condition"]["IpAddress"] == {
        "aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]
    }
    fewer = both.press("keep", condition_1_values="203.0.113.0/24")
    assert statements(fewer.document)[0]["Condition"]["IpAddress"]["aws:SourceIp"] == [
        "203.0.113.0/24"
    ]
    turned = fewer.press(
        "keep", condition_1_operator="NotIpAddress", condition_1_exists="1",
        condition_1_qualifier="ForAnyValue",
    )  # fmt: skip
    assert "ForAnyValue:NotIpAddressIfExists" in statements(turned.document)[0]["Condition"]
    only = turned.press("condition-remove:0")
    assert list(statements(only.document)[0]["Condition"]) == ["ForAnyValue:NotIpAddressIfExists"]
    assert only.press("condition-remove:0").document == READ_A_BUCKET


def test_a_condition_that_is_there_already_is_refused_and_nothing_is_lost() -> None:
    page = VisualPage(READ_A_BUCKET).press("mfa")
    again = page.press("mfa")
    assert again.document == page.document
    assert "already" in again.text


def test_numbers_and_truths_stay_what_they_are() -> None:
    page = VisualPage(ODD).press("open:2")
    after = page.press("keep", condition_0_values="3600.0\n20\n7e3")
    assert after.document == ODD.replace('"10"', '"20"').replace("7e2", "7e3")
    truth = VisualPage(ODD).press("open:0").press("keep", condition_0_values="true")
    assert truth.document == ODD.replace(": false", ": true")


# --- Whole statements ---------------------------------------------------------------------------
def test_a_statement_is_added_to_a_list_and_beside_one_that_stood_alone() -> None:
    for text in (READ_A_BUCKET, SEEDED, ONE_LINE, '{"Statement": []}', "{}"):
        page = VisualPage(text)
        before = pieces(text) if "Statement" in text else []
        after = page.press("add")
        assert pieces(after.document)[:-1] == before
        assert statements(after.document)[-1] == {"Effect": "Allow", "Action": [], "Resource": []}
        assert after.fields["visual-open"] == [str(len(before))]


def test_a_copy_stands_behind_its_statement_with_a_sid_of_its_own() -> None:
    copied = VisualPage(READ_A_BUCKET).press("duplicate:0")
    first, second = pieces(copied.document)
    assert [first] == pieces(READ_A_BUCKET)
    assert second == first.replace('"Read"', '"Read2"')
    assert engine.parse(copied.document)
    again = copied.press("duplicate:0")
    assert [each["Sid"] for each in statements(again.document)] == ["Read", "Read3", "Read2"]


def test_a_removed_statement_takes_nothing_with_it() -> None:
    whole = pieces(ODD)
    for number in range(len(whole)):
        after = VisualPage(ODD).press(f"remove:{number}")
        assert pieces(after.document) == whole[:number] + whole[number + 1 :]
    assert statements(VisualPage(SEEDED).press("remove:0").document) == []
