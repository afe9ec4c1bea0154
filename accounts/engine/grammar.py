"""The grammar of policy documents: every rule, AWS's message for breaking it, and ours.

`problems` reads a decoded document and yields what is wrong with it. Saving refuses the document
for any of them, with AWS's message; evaluating keeps a statement and only minds what keeps it from
being understood (`Problem.obscures`), with our reason.
"""

import re
from collections.abc import Iterator
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from . import values as read
from .conditions import BadCondition, Check, split_operator
from .jsontext import SYNTAX_ERROR, Number, Path
from .variables import BadVariable, has_variable, template

VERSION_2012 = "2012-10-17"
VERSIONS = (VERSION_2012, "2008-10-17")


class PolicyKind(StrEnum):
    """What a document is for; it decides which elements it must and may not have."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    SERVICE_CONTROL = "service_control"


class Stage(IntEnum):
    """AWS checks a document in stages and reports the first stage's first failure."""

    SYNTAX = 0
    VERSION = 1
    LEGACY = 2
    SID = 3
    ACTIONS = 4
    RESOURCES = 5
    NAMES = 6


class Problem(NamedTuple):
    """One broken rule: `message` is AWS's wording, `reason` ours."""

    path: Path
    stage: Stage
    message: str
    reason: str
    obscures: bool = True
    """Whether the statement can't be understood for it, and so never allows and always denies."""


NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
TWO_COLONS = "Actions/Condition can contain only one colon."
LEGACY_ERROR = "The policy failed legacy parsing"
SAVED_ANYWAY = ""
"""The message of what AWS saves without a word: a condition value of the wrong type."""

OLD_VERSION = Problem(
    ("Version",),
    Stage.VERSION,
    "Policy document must be version 2012-10-17 or greater.",
    "a managed policy must be of Version 2012-10-17",
)
"""Why a managed policy is refused that an inline policy would not be."""

_DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS = frozenset(
    "Sid Effect Action NotAction Resource NotResource Principal NotPrincipal Condition".split()
)
_PRINCIPAL_TYPES = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_SID = re.compile(r"[0-9A-Za-z]*")
_VENDOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_PARTITIONS = frozenset(
    "aws aws-cn aws-us-gov aws-iso aws-iso-b aws-iso-e aws-iso-f aws-eusc".split()
)
_IAM_PATHS = (
    "user/", "federated-user/", "role/", "group/", "instance-profile/", "mfa/",
    "server-certificate/", "policy/", "sms-mfa/", "saml-provider/", "oidc-provider/",
    "report/", "access-report/",
)  # fmt: skip
# AWS's message leaves these out; AWS's own policies use them.
_UNLISTED_IAM_PATHS = ("*", "root", "role-template/")
_TRUST_ACTIONS = (
    "assumerole", "assumerolewithsaml", "assumerolewithwebidentity", "assumeroot",
    "setsourceidentity", "tagsession", "setcontext",
)  # fmt: skip
_AWS_PRINCIPAL = re.compile(
    r"\*|[0-9]{12}|A[A-Z]{3}[A-Z0-9]{12,}"
    r"|arn:aws[a-z-]*:iam::[0-9]{12}:(?:root|(?:user|role)/[^*?]+)"
    r"|arn:aws[a-z-]*:sts::[0-9]{12}:(?:assumed-role/[^*?/]+/|federated-user/)[^*?]+"
)


def problems(policy: Any, kind: PolicyKind) -> Iterator[Problem]:
    """Everything wrong with a decoded document, in document order."""
    if not isinstance(policy, dict):
        yield _syntax((), "the document is not an object")
        return
    yield from document_problems(policy, kind)
    sids: set[str] = set()
    for path, statement in statements(policy):
        yield from statement_problems(statement, path, kind, policy.get("Version"))
        sid = statement.get("Sid") if isinstance(statement, dict) else None
        if isinstance(sid, str) and sid:
            if sid in sids:
                message = "Statement IDs (SID) in a single policy must be unique."
                yield Problem((*path, "Sid"), Stage.SID, message, "the Sid is used twice", False)
            sids.add(sid)


def statements(policy: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """The statements of a decoded document with their paths; one alone needs no list."""
    found = policy.get("Statement")
    if isinstance(found, list):
        yield from ((("Statement", index), each) for index, each in enumerate(found))
    elif found is not None:
        yield ("Statement",), found


def document_problems(policy: dict[str, Any], kind: PolicyKind) -> Iterator[Problem]:
    """What is wrong outside the statements."""
    for name in policy.keys() - _DOCUMENT_ELEMENTS:
        yield _unknown((name,), name, kind)
    if "Version" in policy and policy["Version"] not in VERSIONS:
        yield _syntax(("Version",), "the Version is neither 2012-10-17 nor 2008-10-17")
    if not _is_text(policy.get("Id", "")):
        yield _syntax(("Id",), "the Id is not text")
    found = policy.get("Statement")
    if found is None:
        yield _missing((), "Statement", SYNTAX_ERROR, Stage.SYNTAX, kind)
    elif not isinstance(found, dict | list) or not found:
        yield _syntax(("Statement",), "Statement is not an object or a list of objects")


def statement_problems(
    statement: Any, path: Path, kind: PolicyKind, version: Any
) -> Iterator[Problem]:
    """What is wrong with one statement."""
    if not isinstance(statement, dict):
        yield _syntax(path, "the statement is not an object")
        return
    for name in statement.keys() - _STATEMENT_ELEMENTS:
        yield _unknown((*path, name), name, kind)
    if "Effect" not in statement:
        yield _missing(path, "Effect", SYNTAX_ERROR, Stage.SYNTAX, kind)
    elif statement["Effect"] not in ("Allow", "Deny"):
        yield _syntax((*path, "Effect"), "Effect is neither Allow nor Deny")
    yield from _sid_problems(statement.get("Sid", ""), (*path, "Sid"), kind)
    yield from _principal_problems(statement, path, kind)
    yield from _action_problems(statement, path, kind)
    yield from _resource_problems(statement, path, kind, version == VERSION_2012)
    if "Condition" in statement:
        condition_path = (*path, "Condition")
        yield from _condition_problems(statement["Condition"], condition_path, version)


def _sid_problems(sid: Any, path: Path, kind: PolicyKind) -> Iterator[Problem]:
    if not _is_text(sid):
        yield _syntax(path, "the Sid is not text")
    elif kind is not PolicyKind.RESOURCE and not _SID.fullmatch(sid):
        message = (
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
            "regular expression [0-9A-Za-z]*"
        )
        yield Problem(path, Stage.SID, message, "the Sid is not letters and digits", False)


def _principal_problems(
    statement: dict[str, Any], path: Path, kind: PolicyKind
) -> Iterator[Problem]:
    given = [name for name in ("Principal", "NotPrincipal") if name in statement]
    if kind in (PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL):
        if given:
            message = "Policy document should not specify a principal."
            reason = f"{given[0]} has no place in an identity-based or service control policy"
            yield Problem((*path, given[0]), Stage.SYNTAX, message, reason)
        return
    if len(given) == 2:
        yield _syntax(path, "a statement has Principal and NotPrincipal")
    if not given:
        message = "Missing required field Principal"
        yield Problem(path, Stage.SYNTAX, message, "the statement names no principal")
    for name in given:
        if kind is PolicyKind.TRUST and statement[name] in ({}, {"AWS": []}):
            message = "Missing required field Principal cannot be empty!"
            yield Problem((*path, name), Stage.SYNTAX, message, "the statement names no principal")
        yield from _principals_problems(statement[name], (*path, name))


def _principals_problems(value: Any, path: Path) -> Iterator[Problem]:
    if value == "*":
        return
    if not isinstance(value, dict):
        yield _syntax(path, 'a principal is neither "*" nor an object')
        return
    for principal_type, names in value.items():
        if principal_type not in _PRINCIPAL_TYPES:
            reason = f"{principal_type} is not a type of principal"
            yield _syntax((*path, principal_type), reason)
            continue
        for name_path, name in _listed(names, (*path, principal_type)):
            if not _is_text(name) or (
                principal_type == "AWS" and not _AWS_PRINCIPAL.fullmatch(name)
            ):
                message = f'Invalid principal in policy: "{principal_type}":"{name}"'
                reason = f"{name} cannot be a principal"
                yield Problem(name_path, Stage.NAMES, message, reason)


def _action_problems(statement: dict[str, Any], path: Path, kind: PolicyKind) -> Iterator[Problem]:
    given = [name for name in ("Action", "NotAction") if name in statement]
    if len(given) == 2:
        yield _syntax(path, "a statement has Action and NotAction")
    if not given or statement[given[0]] == []:
        message = "Policy statement must contain actions."
        yield _missing(path, "Action", message, Stage.ACTIONS, kind)
    for name in given:
        for action_path, action in _listed(statement[name], (*path, name)):
            yield from _one_action_problems(action, action_path, kind)


def _one_action_problems(action: Any, path: Path, kind: PolicyKind) -> Iterator[Problem]:
    if not _is_text(action):
        yield _syntax(path, "an action is not text")
        return
    vendor, colon, operation = action.partition(":")
    if action == "*":
        pass
    elif not colon:
        yield Problem(path, Stage.NAMES, NO_VENDOR, f"the action {action} names no service")
    elif ":" in operation:
        yield Problem(path, Stage.NAMES, TWO_COLONS, f"the action {action} has two colons")
    elif not _VENDOR.fullmatch(vendor):
        reason = f"{vendor} cannot be a service: it takes no wildcards"
        yield Problem(path, Stage.NAMES, f"Vendor {vendor} is not valid", reason)
    if kind is PolicyKind.TRUST and not _is_trust_action(vendor, operation):
        message = "AssumeRole policy may only specify STS AssumeRole actions."
        reason = f"{action} is not one of the actions that assume a role"
        yield Problem(path, Stage.NAMES, message, reason, obscures=False)


def _is_trust_action(vendor: str, operation: str) -> bool:
    known = operation.lower().removesuffix("*")
    return vendor.lower() == "sts" and (
        known in _TRUST_ACTIONS
        or (operation.endswith("*") and any(each.startswith(known) for each in _TRUST_ACTIONS))
    )


def _resource_problems(
    statement: dict[str, Any], path: Path, kind: PolicyKind, has_variables: bool
) -> Iterator[Problem]:
    given = [name for name in ("Resource", "NotResource") if name in statement]
    if kind is PolicyKind.TRUST:
        for name in given:
            message, reason = f"Has prohibited field {name}", "a trust policy names no resources"
            yield Problem((*path, name), Stage.SYNTAX, message, reason)
        return
    if len(given) == 2:
        yield _syntax(path, "a statement has Resource and NotResource")
    if not given or statement[given[0]] == []:
        message = "Policy statement must contain resources."
        yield _missing(path, "Resource", message, Stage.RESOURCES, kind)
    for name in given:
        for resource_path, resource in _listed(statement[name], (*path, name)):
            if not _is_text(resource):
                yield _syntax(resource_path, "a resource is not text")
                continue
            yield from _arn_problems(resource, resource_path)
            if has_variables and (wrong := _variable_problem(resource)):
                yield _syntax(resource_path, wrong)


def _arn_problems(resource: str, path: Path) -> Iterator[Problem]:
    """AWS's checks of a resource, in its order. None of them changes what the resource matches."""
    message = _arn_message(resource)
    if message:
        stage = Stage.LEGACY if message == LEGACY_ERROR else Stage.NAMES
        yield Problem(path, stage, message, f"{resource} is not an ARN AWS takes", obscures=False)


def _arn_message(resource: str) -> str | None:
    if resource == "*":
        return None
    prefix, colon, rest = resource.partition(":")
    if not colon:
        return f'Resource {resource} must be in ARN format or "*".'
    partition, colon, rest = rest.partition(":")
    if partition not in _PARTITIONS and prefix == "arn" and not set(partition) & set("*?$"):
        others = [part or "*" if not rest else part for part in (rest.split(":") if rest else [])]
        shown = ":".join([*others, *["*"] * (4 - len(others))]) if len(others) < 4 else rest
        return f'Partition "{partition}" is not valid for resource "arn:{partition}:{shown}".'
    if prefix != "arn" or (resource.count(":") < 5 and "::" in resource):
        return LEGACY_ERROR
    vendor, colon, rest = rest.partition(":")
    if not vendor and colon:
        return LEGACY_ERROR
    if not colon or set(vendor) & set("*?"):
        return "Resource vendor must be fully qualified and cannot contain regexes."
    region, _, rest = rest.partition(":")
    if vendor == "iam" and region not in ("", "*"):
        return f"IAM resource {resource} cannot contain region information."
    if vendor == "s3" and region not in ("", "*"):
        return f"Resource {resource} can not contain region information."
    _, colon, name = rest.partition(":")
    if vendor == "iam" and colon and not name.startswith((*_IAM_PATHS, *_UNLISTED_IAM_PATHS)):
        paths = ", ".join(_IAM_PATHS)
        return f'IAM resource path must either be "*" or start with {paths}.'
    return None


def _condition_problems(block: Any, path: Path, version: Any) -> Iterator[Problem]:
    if not isinstance(block, dict):
        yield _syntax(path, "Condition is not an object")
        return
    for operator, keys in block.items():
        operator_path = (*path, operator)
        try:
            split_operator(operator)
        except BadCondition as error:
            yield _syntax(operator_path, str(error))
            continue
        if not isinstance(keys, dict):
            yield _syntax(operator_path, f"{operator} is not followed by an object")
            continue
        for key, given in keys.items():
            key_path = (*operator_path, key)
            yield from _key_problems(key, key_path)
            yield from _value_problems(operator, key, given, key_path, version)


def _key_problems(key: str, path: Path) -> Iterator[Problem]:
    # Unlike an action, a key may have more colons: kms:EncryptionContext:aws:s3:arn.
    if ":" not in key:
        yield Problem(path, Stage.NAMES, NO_VENDOR, f"the key {key} names no service", False)


def _value_problems(
    operator: str, key: str, given: Any, path: Path, version: Any
) -> Iterator[Problem]:
    listed = list(_listed(given, path))
    odd = [value_path for value_path, value in listed if not isinstance(value, str | bool)]
    if odd:
        yield _syntax(odd[0], f"a value of {key} is not text, a number, true or false")
        return
    words = condition_values(given)
    family = split_operator(operator)[1].name
    if family.startswith("Date") and None in map(read.instant, words):
        yield Problem(path, Stage.LEGACY, LEGACY_ERROR, f"a value of {key} is not a date")
        return
    if family.startswith("String") and not any(map(has_variable, words)):
        return  # any text will do
    try:
        Check(operator, key, words, with_variables=version == VERSION_2012, in_deny=False)
    except BadVariable as error:
        yield _syntax(path, str(error))
    except BadCondition as error:
        yield Problem(path, Stage.SYNTAX, SAVED_ANYWAY, str(error))


def condition_values(given: Any) -> tuple[str, ...]:
    """Condition values as text: one value or a list, `true` and `10` with or without quotes."""
    listed = given if isinstance(given, list) else [given]
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in listed)


def _variable_problem(text: str) -> str | None:
    try:
        template(text)
    except BadVariable as error:
        return str(error)
    return None


def _listed(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """A value or the members of a list of values, with their paths."""
    if isinstance(value, list):
        yield from (((*path, index), each) for index, each in enumerate(value))
    else:
        yield path, value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _syntax(path: Path, reason: str) -> Problem:
    return Problem(path, Stage.SYNTAX, SYNTAX_ERROR, reason)


def _unknown(path: Path, name: str, kind: PolicyKind) -> Problem:
    message = f"Unknown field {name}" if kind is PolicyKind.TRUST else SYNTAX_ERROR
    return Problem(path, Stage.SYNTAX, message, f"{name} is not an element of a policy")


def _missing(path: Path, name: str, message: str, stage: Stage, kind: PolicyKind) -> Problem:
    if kind is PolicyKind.TRUST:
        message, stage = f"Missing required field {name}", Stage.SYNTAX
    return Problem(path, stage, message, f"the statement has no {name}")
