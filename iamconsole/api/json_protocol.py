"""AWS's JSON protocol, which CloudTrail's clients speak: the operation in a header, JSON both ways.

Smithy, "AWS JSON 1.1 protocol". Arguments are read by botocore's model and the rules of the
actions, as `query` does it for the other protocol: nothing but AWS's arguments gets in.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore
from botocore import xform_name

from accounts import actions
from accounts.actions.registry import ACTIONS, Operation
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.types import Rule, Several, Structure, Tag, TagRule
from iamconsole.answers import ANSWERS
from iamconsole.api.errors import FrontDoorError
from iamconsole.api.exchange import Environ

CONTENT_TYPE = "application/x-amz-json-1.1"
#: The services that are asked so.
SERVICES = ("cloudtrail",)
_MODELS = Path(botocore.__file__).parent / "data"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Errors of every operation, as this protocol's services call them.
_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidAction": "UnknownOperationException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MalformedInput": "SerializationException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "ServiceFailure": "InternalFailure",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "Throttling": "ThrottlingException",
    "ValidationError": "ValidationException",
}

Reader = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class Built:
    """An operation that there is here, and how its arguments are read."""

    action: Operation
    read: Reader

    def answer(self, caller: Caller, body: bytes) -> bytes:
        """Call the action with what the body holds, and write what it returns."""
        given = self.read(_parsed(body), "")
        result = self.action.run(caller, **given)
        answer = ANSWERS.get(self.action.name)
        return json.dumps(_told(answer(result) if answer else {})).encode()


def is_json(environ: Environ) -> bool:
    """Whether a client asks so: the header that names the operation is in no other protocol."""
    return "HTTP_X_AMZ_TARGET" in environ


def find(service: str, target: str) -> Built:
    """The operation that a header names, of the service that a request is signed for."""
    built = _BUILT.get((service, target))
    if built is None:
        raise FrontDoorError(
            "InvalidAction", f"Could not find operation {target[:128]} of {service[:64]}."
        )
    return built


def error(of: ServiceError) -> bytes:
    """An error as clients read it."""
    told = {"__type": _CODES.get(of.code, of.code), "message": of.message}
    return json.dumps(told).encode("utf-8", "replace")


def _parsed(body: bytes) -> Any:
    try:
        # An unpaired half of a character would be no text any more.
        text = body.decode()
        found = json.loads(text or "{}", parse_constant=_refused)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise FrontDoorError("MalformedInput", "The body is no JSON.") from None
    return found


def _refused(constant: str) -> Any:
    raise ValueError(constant)


# --- Readers --------------------------------------------------------------------------------------


def _reader(shapes: Mapping[str, Any], name: str, rule: Rule | None) -> Reader:
    shape = shapes[name]
    match shape["type"]:
        case "structure":
            return _structure(shapes, shape, rule)
        case "list":
            return _list(shapes, shape, rule)
        case scalar:
            return _scalar(scalar)


def _structure(shapes: Mapping[str, Any], shape: Mapping[str, Any], rule: Rule | None) -> Reader:
    rules = rule.members() if isinstance(rule, Structure) else {}
    return _members(shapes, shape, rules, _maker(rule))


def _members(
    shapes: Mapping[str, Any],
    shape: Mapping[str, Any],
    rules: Mapping[str, Rule],
    make: Callable[..., Any],
) -> Reader:
    readers = {
        name: (xform_name(name), _reader(shapes, member["shape"], rules.get(xform_name(name))))
        for name, member in shape["members"].items()
    }

    def read(value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            raise _unexpected(at, "an object")
        found = {}
        for name, (argument, reader) in readers.items():
            if (member := value.get(name)) is not None:
                found[argument] = reader(member, f"{at}.{name}".lstrip("."))
        return make(**found)

    return read


def _maker(rule: Rule | None) -> Callable[..., Any]:
    """What makes the object that an action gets; what is left out is None, as the rule will say."""
    of: type | None = None
    if isinstance(rule, TagRule):
        of = Tag
    elif isinstance(rule, Structure):
        of = rule.of
    if of is None:
        return dict
    kind, absent = of, dict.fromkeys(each.name for each in fields(of))
    return lambda **found: kind(**{**absent, **found})


def _list(shapes: Mapping[str, Any], shape: Mapping[str, Any], rule: Rule | None) -> Reader:
    reader = _reader(
        shapes, shape["member"]["shape"], rule.of if isinstance(rule, Several) else None
    )

    def read(value: Any, at: str) -> list[Any]:
        if not isinstance(value, list):
            raise _unexpected(at, "a list")
        return [reader(item, f"{at}.{number}") for number, item in enumerate(value, start=1)]

    return read


def _scalar(kind: str) -> Reader:
    value, words = _VALUES[kind]

    def read(given: Any, at: str) -> Any:
        try:
            return value(given)
        except (ValueError, OverflowError, binascii.Error):
            raise _unexpected(at, words) from None

    return read


def _unexpected(at: str, words: str) -> FrontDoorError:
    return FrontDoorError("MalformedInput", f"{at[:128] or 'The body'} is not {words}.")


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError
    return given


def _whole(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or abs(given) >= 1 << 63:
        raise ValueError
    return given


def _truth(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError
    return given


def _moment(given: Any) -> datetime:
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise ValueError
    return _EPOCH + timedelta(seconds=given)


def _blob(given: Any) -> bytes:
    return base64.b64decode(_text(given), validate=True)


_VALUES: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "string": (_text, "a text"),
    "integer": (_whole, "a whole number"),
    "boolean": (_truth, "true or false"),
    "timestamp": (_moment, "a time in seconds since 1970"),
    "blob": (_blob, "in base64"),
}


def _told(value: Any) -> Any:
    """An answer's members as JSON has them; what is None is left out."""
    if isinstance(value, Mapping):
        return {name: _told(member) for name, member in value.items() if member is not None}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


# --- What there is --------------------------------------------------------------------------------


def _all() -> dict[tuple[str, str], Built]:
    actions.load()
    found = {}
    for service in SERVICES:
        path = max((_MODELS / service).glob("*/service-2.json.gz"))
        model = json.loads(gzip.decompress(path.read_bytes()))
        for name, operation in model["operations"].items():
            action = ACTIONS.get(f"{service}:{name}")
            if action is not None:
                shape = model["shapes"][operation["input"]["shape"]]
                read = _members(model["shapes"], shape, action.rules, dict)
                found[service, f"{model['metadata']['targetPrefix']}.{name}"] = Built(action, read)
    return found


_BUILT = _all()
