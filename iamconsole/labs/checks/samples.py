"""Actions and resources that a pattern stands for: the ones on which an answer may differ.

Of a pattern of ARNs nobody can try everything. What decides are the resources that the statements
about the action name, those that are there, and any other: one of each is tried.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from accounts import engine, policy_sets
from accounts.caller import Caller
from accounts.engine import Access, catalog, symbolic
from accounts.engine.document import Statement
from accounts.engine.rules import Rule, rules
from accounts.engine.symbolic import Probe
from accounts.engine.variables import show
from accounts.models import Account
from iamconsole.labs.checks import globs
from iamconsole.labs.checks.place import Place
from iamconsole.sandbox import bucket_policies, topic_policies
from iamconsole.sandbox.models import Bucket, Instance, StoredObject, Topic

#: What stars become: something that no policy names, plain and with a folder.
_FILLS = ("anything", "any/thing")
#: Rows of a kind that are looked at one by one.
_MOST = 30
#: Places of two patterns that are looked at together to find a text that fits both.
_MOST_STATES = 20_000


def by_service(pattern: str) -> Iterator[str]:
    """A pattern of actions, for each service that it may be about: `s3:*` for `*`.

    The facts about a service take a while to read: most need not be.
    """
    prefix, colon, name = pattern.lower().partition(":")
    if colon and not globs.is_glob(prefix):
        yield pattern
        return
    for service in catalog.services():
        if globs.fits(prefix, service.prefix):
            yield f"{service.prefix}:{name if colon else '*'}"


class Speaking:
    """All statements that may speak for a caller, and what of a pattern they may be about."""

    def __init__(self, place: Place, caller: Caller, keys: engine.Context) -> None:
        self._place = place
        self._policies = policy_sets.of_caller(caller)
        self._entries = keys.entries

    # Many a check names all that it asks about: then none of this is needed.

    @cached_property
    def _layers(self) -> symbolic.Layers:
        return symbolic.layers_of(self._policies)

    @cached_property
    def _own(self) -> list[Rule]:
        return [
            rule
            for _, policies in self._policies.layers()
            for policy in policies
            for rule in rules(policy.document)
        ]

    @cached_property
    def _of_resources(self) -> list[Rule]:
        policies = _resource_policies(self._place)
        return [rule for policy in policies for rule in rules(policy.document)]

    def nothing_allows(self, action: str, on: str) -> bool:
        """Whether it is certain that no action of a pattern is allowed on what fits another."""
        probe = Probe(action.lower(), on)
        if symbolic.answer(self._layers, probe).level is not Access.NONE:
            return False
        return not any(
            rule.allows and symbolic.coverage(rule, probe) is not Access.NONE
            for rule in self._of_resources
        )

    def everything_allows(self, action: str, on: str) -> bool:
        """Whether it is certain that every action of a pattern is allowed on what fits another."""
        if symbolic.answer(self._layers, Probe(action.lower(), on)).level is not Access.FULL:
            return False
        return all(rule.allows for rule in self._of_resources)

    def about(self, action: str, *, allows: bool) -> list[Rule]:
        """The statements about an action."""
        service, _, name = action.lower().partition(":")
        return [
            rule
            for rule in (*self._own, *self._of_resources)
            if rule.allows is allows and not rule.broken and rule.covers_action(service, name)
        ]

    def resources(self, action: str, pattern: str, *, allows: bool) -> list[str]:
        """ARNs that fit the pattern, on which Allows (or else Denies) may be about the action."""
        if not globs.is_glob(pattern):
            return [pattern]
        if pattern == "*" and not _formats(action):
            return ["*"]
        deciding = self.about(action, allows=allows)
        found = dict.fromkeys(_filled(pattern) if pattern != "*" else ["*"])
        for rule in deciding:
            for named in _named(rule.statement):
                shown = show(named, self._entries) if "${" in named else named
                common = witness(pattern, shown) if shown != "*" else None
                found |= dict.fromkeys(_filled(common) if common else ())
        if any(rule.checks or rule.resources_excepted for rule in deciding):
            there = existing(self._place, action.partition(":")[0])
            found |= dict.fromkeys(arn for arn in there if globs.fits(pattern, arn))
        return [arn for arn in found if arn == "*" or _can_be_about(action, arn)] or ["*"]


def _named(statement: Statement) -> tuple[str, ...]:
    return statement.resources or statement.not_resources


def _filled(pattern: str) -> list[str]:
    plain = pattern.replace("?", "x")
    return [plain.replace("*", fill) for fill in _FILLS] if "*" in plain else [plain]


@lru_cache(maxsize=2048)
def _formats(action: str) -> tuple[str, ...]:
    """The patterns of ARNs of the resource types that an action accepts."""
    known = catalog.action(action)
    service = catalog.service(known.service) if known else None
    if known is None or service is None:
        return ()
    types = (service.resource_types.get(each.name.lower()) for each in known.resource_types)
    return tuple(_as_pattern(each.arn) for each in types if each is not None)


def _as_pattern(form: str) -> str:
    """`arn:${Partition}:s3:::${BucketName}` with stars."""
    parts = form.split("${")
    return parts[0] + "".join("*" + part.partition("}")[2] for part in parts[1:])


def _can_be_about(action: str, arn: str) -> bool:
    """Whether the action accepts such a resource; of one that is about none, any will do."""
    formats = _formats(action)
    if not formats:
        return True
    kinds = [each for each in formats if globs.fits(each, arn)]
    # A bucket's format fits an object's ARN, too.
    return bool(kinds) and not (
        arn.startswith("arn:aws:s3:::") and "/" in arn and all("/" not in each for each in kinds)
    )


# --- A text that fits two patterns ---------------------------------------------------------------


@lru_cache(maxsize=4096)
def witness(pattern: str, other: str) -> str | None:
    """A pattern of texts that fit both; nothing where none does, or where it takes too long."""
    a, b = _collapsed(pattern), _collapsed(other)
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same] and a[same] not in "*?":
        same += 1
    rest = _common(a[same:], b[same:])
    return None if rest is None else a[:same] + rest


def _collapsed(pattern: str) -> str:
    while "**" in pattern:
        pattern = pattern.replace("**", "*")
    return pattern


def _common(a: str, b: str) -> str | None:
    """Breadth first through the places that both patterns can have reached together."""
    before: dict[tuple[int, int], tuple[tuple[int, int], str]] = {(0, 0): ((0, 0), "")}
    queue = deque([(0, 0)])
    end = (len(a), len(b))
    while queue and len(before) < _MOST_STATES:
        at = queue.popleft()
        if at == end:
            break
        for to, text in _steps(a, b, *at):
            if to not in before:
                before[to] = (at, text)
                queue.append(to)
    if end not in before:
        return None
    told: list[str] = []
    at = end
    while at != (0, 0):
        at, text = before[at]
        told.append(text)
    return _collapsed("".join(reversed(told)))


def _steps(a: str, b: str, i: int, j: int) -> Iterator[tuple[tuple[int, int], str]]:
    one = a[i] if i < len(a) else ""
    two = b[j] if j < len(b) else ""
    if one == "*" and two == "*":
        yield (i + 1, j), "*"
        yield (i, j + 1), "*"
        return
    if one == "*":
        yield (i + 1, j), ""
        if two:
            yield (i, j + 1), two
    elif two == "*":
        yield (i, j + 1), ""
        if one:
            yield (i + 1, j), one
    elif one and two and (one == two or "?" in (one, two)):
        yield (i + 1, j + 1), two if one == "?" else one


# --- What is there -------------------------------------------------------------------------------


def existing(place: Place, service: str) -> list[str]:
    """ARNs of what is there of a service in the run's accounts, a few of each kind."""
    accounts = list(place.run_accounts.values())
    return place.once(("there of", service), lambda: list(_existing(accounts, service)))


def _existing(accounts: Iterable[Account], service: str) -> Iterator[str]:
    ids = [account.pk for account in accounts]
    if service == "s3":
        yield from (each.arn for each in Bucket.objects.filter(account__in=ids)[:_MOST])
        objects = StoredObject.objects.filter(bucket__account__in=ids)
        for name, key in objects.values_list("bucket__name", "key").order_by("key")[:_MOST]:
            yield f"arn:aws:s3:::{name}/{key}"
    elif service == "sns":
        yield from (each.arn for each in Topic.objects.filter(account__in=ids)[:_MOST])
    elif service == "ec2":
        yield from (each.arn for each in Instance.objects.filter(account__in=ids)[:_MOST])
    elif service in ("iam", "sts"):
        for account in accounts:
            for kind in ("users", "groups", "roles", "policies"):
                yield from (each.arn for each in getattr(account, kind).all()[:_MOST])


def _resource_policies(place: Place) -> list[engine.Policy]:
    """The bucket and topic policies of the run's accounts."""

    def find() -> list[engine.Policy]:
        ids = list(place.run_accounts)
        buckets = Bucket.objects.filter(account__in=ids).exclude(policy="")[:_MOST]
        topics = Topic.objects.filter(account__in=ids).exclude(policy="")[:_MOST]
        return [
            *(bucket_policies.compiled(each, each.account_id) for each in buckets),
            *map(topic_policies.compiled, topics),
        ]

    return place.once(("policies of resources",), find)
