"""The members of an answer of S3 → status, headers and XML, by writers compiled from the model."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from iamconsole.answers.s3 import ANSWERS
from iamconsole.api.s3.routes import MODEL
from iamconsole.api.shapes import Members, Put, Writer, escape

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
#: The outermost elements, which the model does not name.
_ROOTS = {
    "ListBuckets": "ListAllMyBucketsResult",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketTagging": "Tagging",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "DeleteObjects": "DeleteResult",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "ListParts": "ListPartsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """How an operation's members are written."""

    status: int
    #: By member: the header, and how its value is written.
    headers: Mapping[str, tuple[str, Callable[[Any], str]]]
    #: The member that holds headers of any name, and what they begin with.
    prefixed: tuple[str, str] | None
    #: The member that is the body as it stands.
    raw: str | None
    write: Writer | None


def head(operation: str, members: Members) -> dict[str, str]:
    """The headers that an operation's members are."""
    frame = FRAMES[operation]
    found = {
        header: text(members[name])
        for name, (header, text) in frame.headers.items()
        if members.get(name) is not None
    }
    if frame.prefixed is not None:
        member, prefix = frame.prefixed
        for name, value in members.get(member, {}).items():
            found[prefix + name] = header_text(value)
    return found


def document(operation: str, members: Members) -> bytes:
    """The XML that the other members are; nothing where the answer has no body."""
    if operation == "GetBucketLocation":
        # The one document that is a single text.
        inner = escape(members.get("LocationConstraint") or "")
        text = f'{_HEAD}<LocationConstraint xmlns="{_NAMESPACE}">{inner}</LocationConstraint>'
        return text.encode()
    write = FRAMES[operation].write
    if write is None:
        return b""
    pieces = [_HEAD]
    write(members, pieces.append)
    return "".join(pieces).encode("utf-8", "replace")


def header_text(value: str) -> str:
    """A header's value; what is not ASCII as mail writes it (RFC 2047), which is how S3 does it."""
    if value.isascii():
        return value
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode()}?="


# --- Writers -------------------------------------------------------------------------------------


def _frame(name: str) -> Frame:
    operation = MODEL.operations[name]
    output = operation.get("output")
    shape = MODEL.shapes[output["shape"]] if output else {"members": {}}
    headers: dict[str, tuple[str, Callable[[Any], str]]] = {}
    prefixed = None
    inside = {}
    for member, reference in shape["members"].items():
        kind = MODEL.shapes[reference["shape"]]["type"]
        match reference.get("location"):
            case "header":
                headers[member] = (reference["locationName"], _HEADERS.get(kind, str))
            case "headers":
                prefixed = (member, reference["locationName"])
            case _:
                inside[member] = reference
    payload = shape.get("payload")
    raw, write = None, None
    if payload is not None:
        of = shape["members"][payload]["shape"]
        if MODEL.shapes[of]["type"] == "structure":
            inner = _compiled(of, of, _attribute())
            write = _of_member(payload, inner)
        else:
            raw = payload
    elif inside:
        write = _structure({"members": inside}, _ROOTS.get(name, name), _attribute())
    status = operation["http"].get("responseCode", 200)
    return Frame(status, headers, prefixed, raw, write)


def _attribute() -> str:
    return f' xmlns="{_NAMESPACE}"'


def _of_member(name: str, write: Writer) -> Writer:
    return lambda members, put: write(members[name], put)


def _compiled(shape_name: str, tag: str, attribute: str = "") -> Writer:
    shape = MODEL.shapes[shape_name]
    match shape["type"]:
        case "structure":
            return _structure(shape, tag, attribute)
        case "list":
            return _list(shape, tag)
        case kind:
            return _scalar(_TEXTS[kind], tag)


def _structure(shape: Mapping[str, Any], tag: str, attribute: str = "") -> Writer:
    opening, closing = f"<{tag}{attribute}>", f"</{tag}>"
    writers = [
        (name, _compiled(member["shape"], member.get("locationName", name)))
        for name, member in shape["members"].items()
    ]

    def write(members: Members, put: Put) -> None:
        put(opening)
        for name, member in writers:
            value = members.get(name)
            if value is not None:
                member(value, put)
        put(closing)

    return write


def _list(shape: Mapping[str, Any], tag: str) -> Writer:
    of = shape["member"]
    if shape.get("flattened"):
        inner = _compiled(of["shape"], tag)
        opening, closing = "", ""
    else:
        inner = _compiled(of["shape"], of.get("locationName", "member"))
        opening, closing = f"<{tag}>", f"</{tag}>"

    def write(items: Any, put: Put) -> None:
        put(opening)
        for item in items:
            inner(item, put)
        put(closing)

    return write


def _scalar(text: Callable[[Any], str], tag: str) -> Writer:
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(value: Any, put: Put) -> None:
        put(f"{opening}{text(value)}{closing}")

    return write


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC).isoformat()[:19]}.000Z"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def http_date(value: datetime) -> str:
    """A time in a header (RFC 9110)."""
    return format_datetime(value.astimezone(UTC), usegmt=True)


_TEXTS: dict[str, Callable[[Any], str]] = {
    "string": escape,
    "integer": str,
    "long": str,
    "boolean": _truth,
    "timestamp": _moment,
}
_HEADERS: dict[str, Callable[[Any], str]] = {
    "string": header_text,
    "boolean": _truth,
    "timestamp": http_date,
}

#: Of those operations that are answered here.
FRAMES = {name: _frame(name) for name in ANSWERS}
