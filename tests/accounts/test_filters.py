"""Property filters are a closed language, and mean the same in a query as in memory."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from accounts.actions import groups, roles, users
from accounts.actions.filters import OPERATORS, Filter, Kind, Property, fits, makes_sense, where
from accounts.errors import InvalidInput
from accounts.models import AccessKey, Group, Membership, MFADevice, Role
from tests.cast import new_user, trust

NAMES = ("alice", "Bob", "carol_x", "d%e")


def found(root, *asked: Filter) -> list[str]:
    return [user.name for user in users.list_users(root, page=1, filters=asked).items]


@pytest.fixture
def people(account, now):
    """Four users, whose last sign-ins and groups differ."""
    made = {name: new_user(account, name) for name in NAMES}
    for name, age in (("alice", 0), ("Bob", 90), ("carol_x", 91)):
        made[name].password_last_used = now - timedelta(days=age, hours=1)
        made[name].save()
    for number, name in enumerate(NAMES):
        for each in range(number):
            group, _ = Group.objects.get_or_create(
                account=account,
                folded_name=f"g{each}",
                defaults={"name": f"g{each}", "unique_id": f"AGPA{each}", "created_at": now},
            )
            Membership.objects.create(user=made[name], group=group, created_at=now)
    return made


@pytest.mark.parametrize("value", ["alice", "BOB", "o", "_", "%", "c", "nobody"])
def test_texts_are_compared_without_case_and_without_wildcards(root, people, value):
    for sign in OPERATORS[Kind.TEXT]:
        asked = Filter("name", sign, value)
        expected = [name for name in NAMES if fits(asked, Kind.TEXT, name, root.now)]
        assert found(root, asked) == expected, asked


def test_numbers_are_compared_and_no_group_counts_as_none(root, people):
    for sign, value in product(OPERATORS[Kind.NUMBER], ("0", "2")):
        asked = Filter("groups", sign, value)
        expected = [n for i, n in enumerate(NAMES) if fits(asked, Kind.NUMBER, i, root.now)]
        assert found(root, asked) == expected, asked


def test_days_are_whole_and_never_is_neither_few_nor_many(root, people):
    values = {name: people[name].password_last_used for name in NAMES}
    for sign, value in product(OPERATORS[Kind.DAYS], ("0", "1", "90", "91", "99999", "never")):
        asked = Filter("last_sign_in", sign, value)
        if not makes_sense(asked, users.PROPERTIES["last_sign_in"]):
            assert value == "never"
            continue
        expected = [n for n in NAMES if fits(asked, Kind.DAYS, values[n], root.now)]
        assert found(root, asked) == expected, asked
    assert found(root, Filter("last_sign_in", ">=", "90")) == ["Bob", "carol_x"]
    assert found(root, Filter("last_sign_in", "=", "never")) == ["d%e"]


def test_words_keys_and_several_conditions(root, people, account, now):
    MFADevice.objects.create(
        account=account, name="phone", serial_number="s" * 9, sealed_seed="x", user=people["Bob"],
        slot=1, created_at=now,
    )  # fmt: skip
    for slot, key in ((1, "AKIAFIRST"), (2, "AKIASECOND")):
        AccessKey.objects.create(
            account=account, user=people["alice"], slot=slot, access_key_id=key, sealed_secret="x",
            created_at=now - timedelta(days=slot),
        )  # fmt: skip
    assert found(root, Filter("mfa", "=", "virtual")) == ["Bob"]
    assert found(root, Filter("mfa", "!=", "Virtual")) == ["alice", "carol_x", "d%e"]
    assert found(root, Filter("access_key_id", "^", "akia")) == ["alice"]
    assert found(root, Filter("access_key_id", "!:", "second")) == ["Bob", "carol_x", "d%e"]
    assert found(root, Filter("active_key_age", "=", "2")) == ["alice"]
    both = (Filter("groups", ">", "0"), Filter("last_activity", "<", "91"))
    assert found(root, *both) == ["Bob"]


@pytest.mark.parametrize("sign", [*OPERATORS[Kind.TEXT], "<", ">=", "__in", ""])
@pytest.mark.parametrize(
    "name", ["account_id", "login__password", "access_keys__sealed_secret", "folded_name", ""]
)
def test_nothing_but_the_declared_properties_is_asked(root, name, sign):
    with pytest.raises(InvalidInput):
        users.list_users(root, page=1, filters=[Filter(name, sign, "x")])


@pytest.mark.parametrize(
    ("kind", "sign", "value"),
    [
        (Kind.TEXT, "<", "a"),
        (Kind.TEXT, "=", ""),
        (Kind.TEXT, "=", "a\0b"),
        (Kind.TEXT, "=", "a" * 2049),
        (Kind.NUMBER, ":", "1"),
        (Kind.NUMBER, "=", "-1"),
        (Kind.NUMBER, "=", "²"),
        (Kind.NUMBER, "=", "123456"),
        (Kind.DAYS, "<", "never"),
        (Kind.DAYS, "=", "2026-01-01"),
        (Kind.CHOICE, "=", "other"),
        (Kind.CHOICE, "^", "one"),
    ],
)
def test_a_value_of_another_kind_or_a_foreign_operator_is_refused(root, kind, sign, value):
    about = Property(kind, "name", choices={"one": where([], {}, root.now)})
    asked = Filter("name", sign, value)
    assert not makes_sense(asked, about)
    with pytest.raises(InvalidInput):
        where([asked], {"name": about}, root.now)


def test_groups_and_roles_are_filtered_by_their_own_properties(root, people, account, now):
    Role.objects.create(
        account=account, name="web", unique_id="AROA1", created_at=now, description="Front end",
        trust_policy=trust(Service="ec2.amazonaws.com"), last_used_at=now - timedelta(days=3),
    )  # fmt: skip
    asked = [Filter("users", ">=", "2"), Filter("permissions", "=", "Not defined")]
    assert [g.name for g in groups.list_groups(root, page=1, filters=asked).items] == ["g0", "g1"]
    for one, names in (
        (Filter("description", ":", "front"), ["web"]),
        (Filter("last_activity", ">", "3"), []),
    ):
        assert [r.name for r in roles.list_roles(root, page=1, filters=[one]).items] == names
    with pytest.raises(InvalidInput):
        roles.list_roles(root, page=1, filters=[Filter("trust_policy", ":", "x")])


def test_ages_sort_the_young_before_the_old_and_nothing_before_both(root, people, account, now):
    for name, days in (("alice", 9), ("Bob", 3)):
        AccessKey.objects.create(
            account=account, user=people[name], slot=1, access_key_id=f"AKIA{name}",
            sealed_secret="x", created_at=now - timedelta(days=days),
        )  # fmt: skip
    page = users.list_users(root, page=1, sort="active_key_age")
    assert [user.name for user in page.items] == ["carol_x", "d%e", "Bob", "alice"]
    page = users.list_users(root, page=1, sort="-active_key_age")
    assert [user.name for user in page.items][:2] == ["alice", "Bob"]


def test_users_asked_for_by_name_are_found_in_any_case_and_no_stranger(root, people, eve):
    page = users.list_users(root, page=1, names=["ALICE", "bob", "eve", "nobody"])
    assert [user.name for user in page.items] == ["alice", "Bob"]
