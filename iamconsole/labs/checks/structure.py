"""Checks of what is there: who has which policies, groups, tags and boundaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from accounts.models import Attachment, Group, PolicyVersion, Role, User
from iamconsole.labs.checks import entities, globs
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place
from iamconsole.labs.checks.words import capital, counted, listed
from iamconsole.sandbox.models import Bucket, Instance, Topic

Arguments = Mapping[str, Any]


# --- Whether there is one ------------------------------------------------------------------------


def exists(place: Place, arguments: Arguments) -> Finding:
    """There is one of that kind and name."""
    kind, name = next(iter(arguments.items()))
    found = _present(place, kind, name)
    what = entities.one_of(f"{_noun(kind)}/{name}")
    return Finding(
        bool(found),
        f"There is {_article(kind, name)}{what}{place.here}.",
        _found(place, kind, name, found),
        "There is one.",
    )


def absent(place: Place, arguments: Arguments) -> Finding:
    """There is none of that kind and name."""
    kind, name = next(iter(arguments.items()))
    found = _present(place, kind, name)
    noun = f"{_noun(kind)} named" if globs.is_glob(name) else _noun(kind)
    return Finding(
        not found,
        f"There is no {noun} {name}{place.here}.",
        _found(place, kind, name, found),
        "There is none.",
    )


def _noun(kind: str) -> str:
    return {"policy": "customer managed policy"}.get(kind, kind.replace("_", " "))


def _article(kind: str, name: str) -> str:
    return "" if globs.is_glob(name) else "the "


def _found(place: Place, kind: str, name: str, found: list[str]) -> str:
    if not found:
        noun = f"{_noun(kind)} named" if globs.is_glob(name) else _noun(kind)
        return f"There is no {noun} {name}{place.here}."
    return f"There is {listed(f'{_noun(kind)} {each}' for each in found)}{place.here}."


def _present(place: Place, kind: str, name: str) -> list[str]:
    """The names of what is there."""
    if kind == "policy":
        return entities.names_of(entities.policies(place, name))
    if kind in _NAMED:
        return entities.names_of(entities.rows(place, kind, name))
    return [each for each in _OTHERS[kind](place) if globs.fits_name(name, each)][: globs.MOST]


_NAMED = ("user", "group", "role", "instance_profile")


def _access_keys(place: Place) -> Iterable[str]:
    keys = place.account.access_keys
    return place.once(("keys",), lambda: list(keys.values_list("access_key_id", flat=True)))


def _alias(place: Place) -> Iterable[str]:
    return [place.account.alias] if place.account.alias else []


def _buckets(place: Place) -> Iterable[str]:
    return place.once(
        ("buckets",),
        lambda: list(
            Bucket.objects.filter(account=place.account).values_list("name", flat=True)[:1000]
        ),
    )


def _topics(place: Place) -> Iterable[str]:
    return place.once(
        ("topics",),
        lambda: list(
            Topic.objects.filter(account=place.account).values_list("name", flat=True)[:1000]
        ),
    )


def instances(place: Place) -> list[Instance]:
    """The account's instances that were not terminated."""
    return place.once(
        ("instances",),
        lambda: list(
            Instance.objects.filter(account=place.account)
            .exclude(state="terminated")
            .select_related("profile__role")[:1000]
        ),
    )


def _instances(place: Place) -> Iterable[str]:
    return [name for each in instances(place) for name in (each.name, each.id) if name]


def _providers(place: Place) -> Iterable[str]:
    def find() -> list[str]:
        account = place.account
        return [
            *(each.name for each in account.saml_providers.all()),
            *(each.arn.partition("oidc-provider/")[2] for each in account.oidc_providers.all()),
        ]

    return place.once(("identity providers",), find)


def _policy_versions(place: Place) -> Iterable[str]:
    """As `NAME/v2`, newest first."""

    def find() -> list[str]:
        found = PolicyVersion.objects.filter(policy__account=place.account)
        found = found.select_related("policy").order_by("policy__folded_name", "-number")
        return [f"{each.policy.name}/{each.version_id}" for each in found[:1000]]

    return place.once(("policy versions",), find)


_OTHERS: Mapping[str, Callable[[Place], Iterable[str]]] = {
    "access_key": _access_keys,
    "alias": _alias,
    "bucket": _buckets,
    "topic": _topics,
    "instance": _instances,
    "identity_provider": _providers,
    "policy_version": _policy_versions,
}


# --- Policies ------------------------------------------------------------------------------------


def attached(place: Place, arguments: Arguments) -> Finding:
    """A managed policy is attached to each that is meant."""
    to, policy = arguments["to"], arguments["policy"]
    asked = f"{_policy(policy)} is attached to {_every(to)}."
    expected = "It is attached."
    found = entities.identities(place, to)
    if not found:
        return Finding(False, asked, entities.missing(place, to), expected)
    through: list[str] = []
    rows = _rows(place, found, arguments)
    for each in found:
        paths = _paths(rows[each.pk], policy)
        if not paths:
            told = _what_is_attached(each, rows[each.pk], arguments)
            return Finding(False, asked, told, expected)
        through += paths
    return Finding(True, asked, f"{capital(listed(through))}.", expected, tuple(through))


def not_attached(place: Place, arguments: Arguments) -> Finding:
    """A managed policy is attached to none of those that are meant."""
    to, policy = arguments["to"], arguments["policy"]
    asked = f"{_no_policy(policy)} attached to {entities.one_of(to)}."
    expected = "It is not attached."
    found = entities.identities(place, to)
    if not found:
        return Finding(True, asked, entities.missing(place, to), expected)
    rows = _rows(place, found, arguments)
    through = [path for each in found for path in _paths(rows[each.pk], policy)]
    if through:
        return Finding(False, asked, f"{capital(listed(through))}.", expected, tuple(through))
    told = _what_is_attached(found[0], rows[found[0].pk], arguments)
    return Finding(True, asked, told, expected)


def _every(named: str) -> str:
    kind, _, name = named.partition("/")
    return f"every {kind} named {name}" if globs.is_glob(name) else f"{kind} {name}"


def _policy(named: str) -> str:
    if named == "*":
        return "A policy"
    return f"A policy that fits {named}" if globs.is_glob(named) else named


def _no_policy(named: str) -> str:
    if named == "*":
        return "No policy is"
    return f"No policy that fits {named} is" if globs.is_glob(named) else f"{named} is not"


def _rows(
    place: Place, found: Sequence[User | Group | Role], arguments: Arguments
) -> Mapping[int, list[Attachment]]:
    return entities.attachments_of_each(place, found, direct=arguments.get("direct", False))


def _paths(rows: Iterable[Attachment], policy: str) -> list[str]:
    return [
        _path(row) for row in rows if entities.is_policy(policy, row.policy_arn, row.policy_name)
    ]


def _path(row: Attachment) -> str:
    return f"{row.policy_name} attached to {entities.called(row.identity)}"


def _what_is_attached(
    identity: User | Group | Role, rows: Sequence[Attachment], arguments: Arguments
) -> str:
    direct = " directly" if arguments.get("direct") else ""
    if not rows:
        return f"No managed policy is attached to {entities.called(identity)}{direct}."
    names = listed(row.policy_name for row in rows)
    return f"Attached to {entities.called(identity)}{direct}: {names}."


def has_inline_policy(place: Place, arguments: Arguments) -> Finding:
    """Each that is meant has such an inline policy."""
    to, name = arguments["to"], arguments.get("name", "*")
    what = "an inline policy" if name == "*" else f"an inline policy named {name}"
    asked = f"{capital(_every(to))} has {what}."
    expected = "There is one."
    found = entities.identities(place, to)
    if not found:
        return Finding(False, asked, entities.missing(place, to), expected)
    through: list[str] = []
    for each in found:
        names = entities.names_of(entities.inline_of(place, each))
        fitting = [one for one in names if globs.fits_name(name, one)]
        if not fitting:
            has = f"only {listed(names)}" if names else "no inline policy"
            return Finding(False, asked, f"{capital(entities.called(each))} has {has}.", expected)
        through += [f"inline policy {one} of {entities.called(each)}" for one in fitting]
    return Finding(True, asked, f"There is {listed(through)}.", expected, tuple(through))


def boundary_is(place: Place, arguments: Arguments) -> Finding:
    """That policy is the permissions boundary of each that is meant."""
    of, policy = arguments["of"], arguments["policy"]
    asked = f"{_policy(policy)} is the permissions boundary of {_every(of)}."
    expected = "It is."
    found = entities.identities(place, of)
    if not found:
        return Finding(False, asked, entities.missing(place, of), expected)
    for each in found:
        arn = each.boundary_arn  # type: ignore[union-attr]
        if arn is None:
            told = f"{capital(entities.called(each))} has no permissions boundary."
            return Finding(False, asked, told, expected)
        name = arn.rpartition("/")[2]
        told = f"The permissions boundary of {entities.called(each)} is {name}."
        if not entities.is_policy(policy, arn, name):
            return Finding(False, asked, told, expected, (f"the permissions boundary {name}",))
    return Finding(True, asked, told, expected, (f"the permissions boundary {name}",))


def version_count(place: Place, arguments: Arguments) -> Finding:
    """A customer managed policy has so many versions."""
    named = arguments["policy"]
    asked = f"The policy {named} has {wanted(arguments, 'version')}."
    expected = f"It has {wanted(arguments, 'version')}."
    found = entities.policies(place, named)
    if not found:
        return Finding(False, asked, _found(place, "policy", named, []), expected)
    for each in found:
        row = each
        number = place.once(("versions", row.pk), lambda row=row: row.versions.count())  # type: ignore[misc]
        told = f"The policy {row.name} has {counted(number, 'version')}."
        if not is_count(arguments, number):
            return Finding(False, asked, told, expected)
    return Finding(True, asked, told, expected)


def wanted(arguments: Arguments, noun: str) -> str:
    """How sentences say a number that `count`, `at_least` and `at_most` give."""
    if "count" in arguments:
        return counted(arguments["count"], noun)
    least, most = arguments.get("at_least"), arguments.get("at_most")
    if least is not None and most is not None:
        return f"{least} to {counted(most, noun)}"
    if least is not None:
        return f"at least {counted(least, noun)}"
    return f"at most {counted(most or 0, noun)}" if most else f"no {noun}"


def is_count(arguments: Arguments, number: int) -> bool:
    """Whether a number is as `count`, `at_least` and `at_most` say."""
    exact = arguments.get("count", number)
    return bool(
        number == exact
        and arguments.get("at_least", number) <= number <= arguments.get("at_most", number)
    )


# --- Groups and tags -----------------------------------------------------------------------------


def member_of(place: Place, arguments: Arguments) -> Finding:
    """Each user that is meant is in such a group."""
    named, group = arguments["user"], arguments["group"]
    which = f"a group named {group}" if globs.is_glob(group) else f"the group {group}"
    which = "a group" if group == "*" else which
    asked = f"{capital(_every(f'user/{named}'))} is in {which}."
    expected = "There is such a membership."
    found = entities.users(place, named)
    if not found:
        return Finding(False, asked, entities.missing(place, f"user/{named}"), expected)
    through: list[str] = []
    groups = entities.groups_of_each(place, found)
    for each in found:
        names = entities.names_of(groups[each.pk])
        fitting = [name for name in names if globs.fits_name(group, name)]
        if not fitting:
            where = f"only in {listed(names)}" if names else "in no group"
            return Finding(False, asked, f"{each.name} is {where}.", expected)
        through += [f"group {name}" for name in fitting]
    told = f"{entities.called(found[0])} is in {listed(through)}."
    return Finding(True, asked, capital(told), expected, tuple(dict.fromkeys(through)))


def tag(place: Place, arguments: Arguments) -> Finding:
    """Each thing that is meant has the tag."""
    on, key, value = arguments["on"], arguments["key"], arguments.get("value")
    what = f"the tag {key}" if value is None else f"the tag {key} with the value {value}"
    asked = f"{capital(_every(on))} has {what}."
    expected = "The tag is there."
    found = _tagged(place, on)
    if not found:
        return Finding(False, asked, entities.missing(place, on), expected)
    for name, tags in found:
        values = [text for own, text in tags.items() if own.casefold() == key.casefold()]
        if not values:
            has = f"only {listed(tags)}" if tags else "none"
            return Finding(False, asked, f"Of the tags {name} has {has}.", expected)
        if value is not None and not globs.fits(value, values[0]):
            told = f"The tag {key} of {name} has the value {values[0]}."
            return Finding(False, asked, told, expected)
        told = f"The tag {key} of {name} has the value {values[0]}."
    return Finding(True, asked, told, expected)


def _tagged(place: Place, on: str) -> list[tuple[str, Mapping[str, str]]]:
    """The things that are meant, as sentences name them, and their tags."""
    kind, _, name = on.partition("/")
    if kind == "instance":
        fitting = [
            each
            for each in instances(place)
            if globs.fits_name(name, each.name) or globs.fits_name(name, each.id)
        ]
        return [(f"instance {each.name or each.id}", each.tags) for each in fitting]
    if kind == "bucket":
        rows = place.once(
            ("tags of buckets",),
            lambda: list(Bucket.objects.filter(Q(account=place.account))[:1000]),
        )
        return [(f"bucket {row.name}", row.tags) for row in rows if globs.fits(name, row.name)]
    found: list[Any] = (
        entities.policies(place, name) if kind == "policy" else entities.rows(place, kind, name)
    )
    return [(f"{kind} {row.name}", row.tags) for row in found]
