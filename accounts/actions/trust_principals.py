"""Users and roles that trust policies name: kept by their unique ids, shown by their ARNs.

IAM User Guide, "AWS JSON policy elements: Principal": once a policy is saved, an ARN stands for the
one user or role that had it then. Whoever is made later under the same name is not trusted.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from accounts import ids
from accounts.errors import MalformedPolicyDocument
from accounts.models import Role, User

_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):(user|role)(/(?:.*/)?)([^/]+)")
_ID = re.compile(rf"(?:{ids.USER}|{ids.ROLE})[A-Z0-9]+")
_ELEMENT = re.compile(r'"Principal"\s*:\s*')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def is_unique_id(name: str) -> bool:
    """Whether a principal is a unique id. Where it is shown as one, nobody has it any more."""
    return _ID.fullmatch(name) is not None


def stored(home: str, text: str, argument: str) -> str:
    """A sound trust policy as it is kept: with unique ids in place of the ARNs of users and roles.

    `home` is the account. Raises MalformedPolicyDocument for a user or role of it that is not
    there, by ARN or by id. Those of other accounts that are not here stay as they are written.
    """
    found: dict[str, str] = {}
    for name in dict.fromkeys(_principals(json.loads(text))):
        if match := _ARN.fullmatch(name):
            account, kind, path, last = match.groups()
            unique_id = _id_of(account, kind, path, last)
            if not unique_id and account == home:
                raise _invalid(name, argument)
            # Written anew also where it stays: how it is spelled then tells nobody whether another
            # account has such a user.
            found[name] = unique_id or name
        elif is_unique_id(name) and not _arns([name]):
            raise _invalid(name, argument)
    return _replaced(text, found)


def shown(role: Role) -> Role:
    """The role with ARNs in its trust policy; ids are left where nobody has them any more."""
    return next(iter(shown_all([role])))


def shown_all(roles: Iterable[Role]) -> list[Role]:
    """The same for several, with two queries at most. What comes back is not to be saved."""
    roles = list(roles)
    named = {
        role.pk: {name for name in _principals(_read(role.trust_policy)) if is_unique_id(name)}
        for role in roles
        # Most trust policies name a service or an account: those need not be read.
        if ids.USER in role.trust_policy or ids.ROLE in role.trust_policy
    }
    arns = _arns(sorted(set().union(*named.values())))
    return [_with_arns(role, arns) if named.get(role.pk) else role for role in roles]


def with_arns(text: str) -> str:
    """The policy of another resource, such as a topic, as it is shown. One query for each kind."""
    named = {name for name in _principals(_read(text)) if is_unique_id(name)}
    return _replaced(text, _arns(sorted(named))) if named else text


def _with_arns(role: Role, arns: Mapping[str, str]) -> Role:
    found = copy.copy(role)
    found.trust_policy = _replaced(role.trust_policy, arns)
    return found


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _principals(document: Any) -> Iterator[str]:
    """The names of the principals of type AWS."""
    found = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in found if isinstance(found, list) else [found]:
        element = statement.get("Principal") if isinstance(statement, dict) else None
        names = element.get("AWS", []) if isinstance(element, dict) else []
        for name in names if isinstance(names, list) else [names]:
            if isinstance(name, str):
                yield name


def _id_of(account: str, kind: str, path: str, name: str) -> str:
    rows = (User if kind == "user" else Role)._default_manager
    found = rows.filter(account=account, folded_name=name.lower(), name=name, path=path)
    return found.values_list("unique_id", flat=True).first() or ""


def _arns(unique_ids: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for prefix, model in ((ids.USER, User), (ids.ROLE, Role)):
        wanted = [each for each in unique_ids if each.startswith(prefix)]
        if wanted:
            rows = model._default_manager.filter(unique_id__in=wanted)
            found |= {row.unique_id: row.arn for row in rows}
    return found


def _invalid(name: str, argument: str) -> MalformedPolicyDocument:
    message = f'Invalid principal in policy: "AWS":"{name}"'
    return MalformedPolicyDocument(message, argument=argument)


def _replaced(text: str, names: Mapping[str, str]) -> str:
    """The document with some principals renamed and everything else as it was written."""
    if not names:
        return text
    document = json.loads(text)
    # JSON can spell a name with escapes that the patterns do not see. Tried with names that stand
    # nowhere: whether a name stays as it is makes no difference to how the document is written.
    others = {name: f"another {name}" for name in names}
    if json.loads(_in_place(text, others)) == _renamed(document, others):
        return _in_place(text, names)
    return json.dumps(_renamed(document, names), indent=4)


def _in_place(text: str, names: Mapping[str, str]) -> str:
    pieces, end = [], 0
    for match in _ELEMENT.finditer(text):
        _value, stop = json.JSONDecoder().raw_decode(text, match.end())
        pieces += [text[end : match.end()], _STRING.sub(_name(names), text[match.end() : stop])]
        end = stop
    return "".join([*pieces, text[end:]])


def _name(names: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    def name(match: re.Match[str]) -> str:
        known = names.get(json.loads(match.group()))
        return match.group() if known is None else json.dumps(known)

    return name


def _renamed(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    found = copy.deepcopy(document)
    statements = found["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        element = statement.get("Principal")
        if isinstance(element, dict) and "AWS" in element:
            old = element["AWS"]
            single = isinstance(old, str)
            new = [names.get(each, each) for each in ([old] if single else old)]
            element["AWS"] = new[0] if single else new
    return found
