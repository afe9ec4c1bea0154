"""The kinds of arguments: AWS's limits, AWS's words, and the look-alikes that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import types
from accounts.actions import groups, password_policy, users
from accounts.errors import InvalidInput, ValidationError
from accounts.types import Tag, check, rule_of, tag_mapping

TAG = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"


def complaint(annotation: Any, value: Any, name: str = "user_name") -> str:
    """What is said of one argument of a type."""
    rule = rule_of(annotation)
    assert rule is not None
    with pytest.raises(ValidationError) as refused:
        check({name: rule}, {name: value})
    assert refused.value.argument == name
    return refused.value.message


def accepted(annotation: Any, value: Any) -> bool:
    """Whether a value of a type is taken."""
    rule = rule_of(annotation)
    assert rule is not None
    return rule.problems(value, "here") == []


CONSTRAINT = "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must "


@pytest.mark.parametrize(
    ("annotation", "name", "value", "rule"),
    [
        (types.UserName, "user_name", "x" * 65, "have length less than or equal to 64"),
        (types.UserName | None, "user_name", "x" * 65, "have length less than or equal to 64"),
        (types.ExistingUserName, "user_name", "x" * 129, "have length less than or equal to 128"),
        (types.Arn, "policy_arn", "arn:aws", "have length greater than or equal to 20"),
        (types.AccessKeyId, "access_key_id", "A" * 15, "have length greater than or equal to 16"),
        (
            types.AccessKeyId,
            "access_key_id",
            "AKIA-not-a-key-id",
            r"satisfy regular expression pattern: [\w]+",
        ),
        (types.MaxItems, "max_items", 1001, "have value less than or equal to 1000"),
        (types.MaxItems, "max_items", 0, "have value greater than or equal to 1"),
        (types.MaxAge, "max_password_age", 1096, "have value less than or equal to 1095"),
        (types.Status, "status", "Broken", "satisfy enum value set"),
        (types.Tags, "tags", [Tag("k", "v")] * 51, "have length less than or equal to 50"),
        (types.TagKeys, "tag_keys", ["k"] * 51, "have length less than or equal to 50"),
    ],
)
def test_a_refusal_is_in_awss_words(annotation, name, value, rule):
    said = complaint(annotation, value, name)
    assert said == CONSTRAINT.format(types.camel_case(name)) + rule


@pytest.mark.parametrize(
    ("tag", "at", "rule"),
    [
        (Tag("k" * 129, ""), "key", "have length less than or equal to 128"),
        (Tag("", ""), "key", "have length greater than or equal to 1"),
        (Tag("k", "v" * 257), "value", "have length less than or equal to 256"),
        (Tag("a#b", ""), "key", f"satisfy regular expression pattern: {TAG}+"),
        (Tag("k", "a;b"), "value", f"satisfy regular expression pattern: {TAG}*"),
    ],
)
def test_a_tag_is_named_by_its_place(tag, at, rule):
    said = complaint(types.Tags, [Tag("fine", "yes"), tag], "tags")
    assert said == CONSTRAINT.format(f"tags.2.member.{at}") + rule


def test_for_a_plain_member_aws_lists_all_constraints_of_the_list():
    assert complaint(types.TagKeys, ["fine", "a#b"], "tag_keys") == (
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must "
        "satisfy constraint: [Member must have length less than or equal to 128, Member must have "
        "length greater than or equal to 1, Member must satisfy regular expression pattern: "
        rf"{TAG}+, Member must not be null]"
    )


def test_a_name_is_explained_in_the_words_of_the_console():
    assert complaint(types.UserName, "two words") == (
        "The specified value for userName is invalid. It must contain only alphanumeric "
        "characters and/or the following: +=,.@_-"
    )


@pytest.mark.parametrize(
    "name",
    [
        "\u0430lice",  # a Cyrillic letter that looks like ours
        "al\u0131ce",  # a dotless i
        "alice\uff11",  # a full-width digit
        "alice\u200b",  # nothing to see
        "alice\u0301",
        "\u202ealice",
        "alice\n",
        "\nalice",
        "alice\x00",
        "ali ce",
        "<b>",
        "",
    ],
)
def test_letters_that_only_look_like_ours_are_refused(name):
    assert not accepted(types.UserName, name)


@pytest.mark.parametrize("name", ["=1+1", "@SUM", "-2+3", "a.b,c@d_e", "0", "A" * 64])
def test_whatever_aws_allows_in_a_name_is_allowed(name):
    assert accepted(types.UserName, name)


@pytest.mark.parametrize(
    "code", ["\u0661\u0662\u0663\u0664\u0665\u0666", "12345", "1234567", "12 456"]
)
def test_a_code_is_six_ascii_digits(code):
    assert not accepted(types.Code, code)


@pytest.mark.parametrize("path", ["/", "/dev/", "/a/b/", "/<svg/onload=alert(1)>/", "//x//"])
def test_a_path_is_anything_printable_between_slashes(path):
    assert accepted(types.Path, path)


@pytest.mark.parametrize(
    "path", ["", "dev", "/dev", "dev/", "/d v/", "/d\u00e9v/", "/" + "a" * 511 + "/"]
)
def test_a_path_begins_and_ends_with_a_slash(path):
    assert not accepted(types.Path, path)


@pytest.mark.parametrize(
    "text", ["Gr\u00fc\u00dfe an \u6771\u4eac 7", "a.b:c/d=e+f-g@h_i", "\u00a0", "\u00bd\u2160"]
)
def test_a_tag_holds_letters_numbers_and_spaces_of_any_language(text):
    assert types.tag_characters(text)


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\x85b", "\U0001f600", "a&b", "a\u0301", "a*"])
def test_a_tag_holds_neither_control_characters_nor_pictures(text):
    assert not types.tag_characters(text)


@pytest.mark.parametrize("text", ["half \ud800 a character", "the null\x00character"])
@pytest.mark.parametrize(
    "annotation", [types.Free, types.Arn, types.PolicyDescription, types.Marker]
)
def test_what_no_database_stores_is_refused_everywhere(annotation, text):
    assert not accepted(annotation, text.ljust(20))


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (types.UserName, 7),
        (types.UserName, b"alice"),
        (types.UserName, ["alice"]),
        (types.MaxItems, "7"),
        (types.MaxItems, True),
        (types.MaxItems, 7.0),
        (types.Flag, 1),
        (types.Flag, "true"),
        (types.Status, ["Active"]),
        (types.TagKeys, "team"),
        (types.Tags, {"team": "dev"}),
        (types.Tags, ["team"]),
        (types.Tags, [{"Key": "team", "Value": "dev"}]),
        (types.TagKeys, [None]),
    ],
)
def test_the_wrong_type_is_refused_and_breaks_nothing(annotation, value):
    assert not accepted(annotation, value)


def test_every_problem_is_gathered_and_the_first_argument_blamed(root):
    with pytest.raises(ValidationError) as refused:
        users.create_user(root, user_name="x" * 65, path="nowhere", tags=[Tag("", "v" * 257)])
    error = refused.value
    assert error.message.startswith("4 validation errors detected: Value at 'path'")
    assert error.argument == "path"
    assert [argument for argument, _ in error.problems] == [
        "path",
        "user_name",
        "tags",
        "tags",
    ]
    assert error.message.count("; ") == 3


def test_an_argument_that_had_to_be_given_is_named(root):
    with pytest.raises(ValidationError) as refused:
        groups.add_user_to_group(root)  # type: ignore[call-arg]
    assert refused.value.message == (
        "2 validation errors detected: Value at 'groupName' failed to satisfy constraint: Member "
        "must not be null; Value at 'userName' failed to satisfy constraint: Member must not be "
        "null"
    )
    assert [argument for argument, _ in refused.value.problems] == ["group_name", "user_name"]


def test_what_was_typed_is_not_repeated():
    for annotation in (types.Password, types.Code, types.UserName):
        assert "hunter2" not in complaint(annotation, "hunter2\u4e00" * 40)


def test_passwords_take_latin_1_and_line_ends_only():
    assert accepted(types.Password, "p\u00e4ssw\u00f6rd \t\r\n \u00ff")
    assert not accepted(types.Password, "p\u0105ssword")
    assert not accepted(types.Password, "pass\x07word")
    assert not accepted(types.Password, "x" * 129)
    assert not accepted(types.Password, "")


def test_numbers_of_the_password_policy_keep_awss_bounds(root):
    wanted: tuple[tuple[str, Any, Any], ...] = (
        ("minimum_password_length", 6, 128),
        ("max_password_age", 1, 1095),
        ("password_reuse_prevention", 1, 24),
    )
    update: Any = password_policy.update_account_password_policy
    for name, low, high in wanted:
        for wrong in (low - 1, high + 1, -1, 10**30):
            with pytest.raises(ValidationError) as refused:
                update(root, **{name: wrong})
            assert refused.value.argument == name
        for right in (low, high):
            update(root, **{name: right})
            stored = password_policy.get_account_password_policy(root)
            assert getattr(stored, name) == right


# --- Tags as a mapping ---------------------------------------------------------------------------


def test_a_tag_key_given_twice_is_refused_whatever_its_case():
    with pytest.raises(InvalidInput, match=r"Duplicate tag keys found. Please note that Tag keys"):
        tag_mapping([Tag("Team", "a"), Tag("team", "b")])


def test_a_tag_that_is_there_gets_the_new_value_and_the_new_spelling():
    assert tag_mapping([Tag("TEAM", "b")], present={"team": "a", "city": "Pune"}) == {
        "city": "Pune",
        "TEAM": "b",
    }


@pytest.mark.parametrize("key", ["aws:x", "AWS:x", "Aws:cloudformation:stack"])
def test_awss_own_tag_keys_cannot_be_set(key):
    with pytest.raises(InvalidInput, match="aws:"):
        tag_mapping([Tag(key, "")])


def test_there_is_room_for_fifty_tags_counting_those_present():
    present = {f"k{number}": "" for number in range(49)}
    assert len(tag_mapping([Tag("one more", "")], present=present)) == 50
    assert len(tag_mapping([Tag("k1", "again"), Tag("new", "")], present=present)) == 50
    with pytest.raises(InvalidInput, match="maximum limit of 50"):
        tag_mapping([Tag("one more", ""), Tag("and another", "")], present=present)


def test_argument_names_are_spelt_as_aws_spells_them():
    assert types.camel_case("user_name") == "userName"
    assert types.camel_case("authentication_code1") == "authenticationCode1"
    assert types.camel_case("tags") == "tags"
