"""Users, groups, roles and policies of a place, found by a name in which `*` and `?` may stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.models import Account, Attachment, Group, InlinePolicy, Membership, Policy, Role, User
from iamconsole.labs.checks import globs
from iamconsole.labs.checks.place import Place, TooLarge

_ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "user": ("users", ("boundary",)),
    "group": ("groups", ()),
    "role": ("roles", ("boundary",)),
    "policy": ("policies", ()),
    "instance_profile": ("instance_profiles", ("role",)),
}
_MANAGED = "arn:aws:iam::aws:policy/"


def rows(place: Place, kind: str, pattern: str) -> list[Any]:
    """The rows of a kind whose names fit, by name. Raise TooLarge for more than MOST."""
    manager, related = _ROWS[kind]
    folded = pattern.lower()

    def find() -> list[Any]:
        found = getattr(place.account, manager).order_by("folded_name")
        if related:
            found = found.select_related(*related)
        if globs.is_glob(folded):
            names = [name for name in _names(place, kind) if globs.fits(folded, name)]
            if len(names) > globs.MOST:
                raise TooLarge
            found = found.filter(folded_name__in=names)
        else:
            found = found.filter(folded_name=folded)
        return [_of(place.account, row) for row in found]

    return place.once(("rows", kind, folded), find)


def _names(place: Place, kind: str) -> list[str]:
    manager, _ = _ROWS[kind]
    every = getattr(place.account, manager)
    return place.once(("names", kind), lambda: list(every.values_list("folded_name", flat=True)))


def _of(account: Account, row: Any) -> Any:
    row.account = account
    return row


def users(place: Place, pattern: str) -> list[User]:
    """The users of such a name."""
    return rows(place, "user", pattern)


def roles(place: Place, pattern: str) -> list[Role]:
    """The roles of such a name."""
    return rows(place, "role", pattern)


def policies(place: Place, named: str) -> list[Policy]:
    """The customer managed policies of such a name or ARN."""
    if not named.startswith("arn:"):
        return rows(place, "policy", named)
    found = rows(place, "policy", named.rpartition("/")[2])
    return [each for each in found if globs.fits(named, each.arn)]


def identities(place: Place, named: str) -> list[User | Group | Role]:
    """What `user/NAME`, `group/NAME` or `role/NAME` names."""
    kind, _, name = named.partition("/")
    return rows(place, kind, name)


def called(identity: User | Group | Role) -> str:
    """How sentences name it: `user ana`, `group Staff`."""
    return f"{identity.arn_kind} {identity.name}"


def one_of(named: str) -> str:
    """How sentences name what may be several: `user ana`, or `a user named dev-*`."""
    kind, _, name = named.partition("/")
    return f"a {kind} named {name}" if globs.is_glob(name) else f"{kind} {name}"


def missing(place: Place, named: str) -> str:
    """The sentence that there is none of that name, written `user/ana`."""
    kind, _, name = named.partition("/")
    return f"There is no {kind.replace('_', ' ')} {name}{place.here}."


def is_policy(named: str, arn: str, name: str) -> bool:
    """Whether a name or ARN, in which wildcards may stand, means that managed policy."""
    return globs.fits(named, arn) if named.startswith("arn:") else globs.fits_name(named, name)


# --- What hangs on them --------------------------------------------------------------------------


def groups_of(place: Place, user: User) -> list[Group]:
    """The groups that a user is in, by name."""
    return groups_of_each(place, [user])[user.pk]


def groups_of_each(place: Place, users: Sequence[User]) -> dict[int, list[Group]]:
    """The groups of each of these users, by the users' primary keys."""

    def find() -> dict[int, list[Group]]:
        found: dict[int, list[Group]] = {user.pk: [] for user in users}
        rows = Membership.objects.filter(user__in=list(found)).select_related("group")
        for row in rows.order_by("group__folded_name"):
            found[row.user_id].append(row.group)
        return found

    return place.once(("groups of", *(user.pk for user in users)), find)


def attachments_of(
    place: Place, identity: User | Group | Role, *, direct: bool = False
) -> list[Attachment]:
    """What managed policies an identity has; of a user, through groups, too, unless `direct`."""
    return attachments_of_each(place, [identity], direct=direct)[identity.pk]


def attachments_of_each(
    place: Place, identities: Sequence[User | Group | Role], *, direct: bool = False
) -> dict[int, list[Attachment]]:
    """The same for each of several of one kind, by their primary keys."""
    kind = identities[0].arn_kind

    def find() -> dict[int, list[Attachment]]:
        users = [each for each in identities if isinstance(each, User) and not direct]
        through = groups_of_each(place, users) if users else {}
        groups = {group.pk: group for found in through.values() for group in found}
        own = {each.pk: each for each in identities}
        rows = _attachments(kind, own)
        of_groups = _attachments("group", groups) if groups else {}
        return {
            pk: [
                *rows.get(pk, ()),
                *(row for group in through.get(pk, ()) for row in of_groups.get(group.pk, ())),
            ]
            for pk in own
        }

    return place.once(("attached", kind, direct, *(each.pk for each in identities)), find)


def _attachments(kind: str, owners: Mapping[int, Any]) -> dict[int, list[Attachment]]:
    """The attachments of owners of one kind, which they get set, by the owners' primary keys."""
    found: dict[int, list[Attachment]] = {}
    rows = Attachment.objects.filter(**{f"{kind}__in": list(owners)}).select_related("policy")
    for row in rows.order_by("pk"):
        owner = owners[getattr(row, f"{kind}_id")]
        setattr(row, kind, owner)
        found.setdefault(owner.pk, []).append(row)
    return found


def inline_of(place: Place, identity: User | Group | Role) -> list[InlinePolicy]:
    """An identity's own inline policies, by name."""
    return place.once(
        ("inline", identity.arn_kind, identity.pk),
        lambda: list(InlinePolicy.objects.filter(**{identity.arn_kind: identity}).order_by("name")),
    )


def names_of(found: Iterable[Any]) -> list[str]:
    """Their names."""
    return [each.name for each in found]
