"""Which condition keys a document names, and which values fit a type of key."""

import pytest

from accounts.engine import context_keys, fits, load

from .cast import allow
from .cast import text as document

CONDITIONS = {
    "StringEquals": {"aws:username": "${aws:PrincipalTag/team, 'none'}", "S3:prefix": "${*}"},
    "NumericLessThan": {"s3:max-keys": "10"},
}
TEXT = document(
    [
        allow("s3:*", "arn:aws:s3:::home/${aws:userid}/*", Condition=CONDITIONS),
        allow("s3:*", Condition={"Null": {"AWS:UserName": "true"}}),
    ]
)


def test_keys_of_conditions_and_variables_are_listed_sorted_and_once_whatever_their_case():
    assert context_keys(load(TEXT)) == (
        "aws:PrincipalTag/team",
        "aws:userid",
        "aws:username",
        "s3:max-keys",
        "S3:prefix",
    )


def test_a_key_that_only_variables_with_a_default_name_can_be_left_out():
    assert "aws:PrincipalTag/team" not in context_keys(load(TEXT), with_defaults=False)
    twice = TEXT.replace("${aws:userid}", "${aws:PrincipalTag/team}")
    assert "aws:PrincipalTag/team" in context_keys(load(twice), with_defaults=False)


def test_before_version_2012_a_variable_is_plain_text():
    assert context_keys(load(TEXT.replace("2012-10-17", "2008-10-17"))) == (
        "aws:username",
        "s3:max-keys",
        "S3:prefix",
    )


def test_variables_count_only_where_they_are_read():
    text = document(allow("s3:${aws:userid}", Condition={"Bool": {"a:b": "${aws:username}"}}))
    assert context_keys(load(text)) == ("a:b",)


def test_what_was_not_understood_names_its_keys_all_the_same():
    text = document(allow("s3:*", "arn:aws:s3:::${", Condition={"StringSame": {"a:b": "${c:d}"}}))
    assert context_keys(load(text)) == ("a:b",)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", "anything at all", None),
        ("numeric", "-1.5", "ten"),
        ("boolean", "true", "yes"),
        ("ip", "2001:db8::1", "10.0.0.0/8"),
        ("binary", "QmluYXJ5", "Bin!"),
        ("date", "2026-01-15T12:00:00Z", "yesterday"),
    ],
)
def test_a_value_fits_the_type_that_can_read_it(kind, good, bad):
    assert fits(good, kind)
    assert bad is None or not fits(bad, kind)
