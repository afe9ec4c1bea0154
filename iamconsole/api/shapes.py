"""AWS's service models as data, and the writers compiled from them: members → XML or JSON.

The models are the files that botocore ships. Every operation's writer is compiled once, when this
module is imported: before a server forks its workers.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore

from accounts.actions.registry import ACTIONS
from iamconsole.api import ec2_model

Members = Mapping[str, Any]
Put = Callable[[str], None]
Writer = Callable[[Any, Put], None]

_MODELS = Path(botocore.__file__).parent / "data"
#: What XML needs escaped, the line end that it would change, and what it can't hold at all.
_SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#xD;"}


@dataclass(frozen=True)
class Service:
    """One service's model: its version, its XML name space, its shapes and operations by name."""

    name: str
    version: str
    namespace: str
    shapes: Mapping[str, Any]
    operations: Mapping[str, Any]
    #: "query", or "ec2", which is much like it.
    protocol: str = "query"


def read(name: str) -> Service:
    """The newest model of a service."""
    path = max((_MODELS / name).glob("*/service-2.json.gz"))
    model = json.loads(gzip.decompress(path.read_bytes()), object_hook=_without_prose)
    if name == "ec2":
        model = ec2_model.cut(model, (each.removeprefix("ec2:") for each in ACTIONS))
    return Service(
        name=name,
        version=model["metadata"]["apiVersion"],
        namespace=model["metadata"].get("xmlNamespace", ""),
        shapes=model["shapes"],
        operations=model["operations"],
        protocol=model["metadata"]["protocol"],
    )


def _without_prose(part: dict[str, Any]) -> dict[str, Any]:
    if isinstance(part.get("documentation"), str):
        del part["documentation"]
    return part


SERVICES = {name: read(name) for name in ("ec2", "iam", "sns", "sts")}


def escape(text: str) -> str:
    """Text as it stands in XML; what XML can't hold becomes U+FFFD."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "\ufffd"), text)


# --- XML -----------------------------------------------------------------------------------------


def _compiled(service: Service, shape_name: str, tag: str) -> Writer:
    """The writer of one shape inside one element."""
    shape = service.shapes[shape_name]
    match shape["type"]:
        case "structure":
            return _structure(service, shape, tag)
        case "list":
            return _list(service, shape, tag)
        case "map":
            return _map(service, shape, tag)
        case scalar:
            return _scalar(_TEXTS[scalar], tag)


def _structure(service: Service, shape: Mapping[str, Any], tag: str) -> Writer:
    opening, closing = f"<{tag}>", f"</{tag}>"
    writers = [
        (name, _compiled(service, member["shape"], member.get("locationName", name)))
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


def _list(service: Service, shape: Mapping[str, Any], tag: str) -> Writer:
    opening, closing = f"<{tag}>", f"</{tag}>"
    of = shape["member"]
    member = _compiled(service, of["shape"], of.get("locationName", "member"))

    def write(items: Any, put: Put) -> None:
        put(opening)
        for item in items:
            member(item, put)
        put(closing)

    return write


def _map(service: Service, shape: Mapping[str, Any], tag: str) -> Writer:
    opening, closing = f"<{tag}>", f"</{tag}>"
    key = _compiled(service, shape["key"]["shape"], shape["key"].get("locationName", "key"))
    entry = _compiled(service, shape["value"]["shape"], shape["value"].get("locationName", "value"))

    def write(entries: Mapping[str, Any], put: Put) -> None:
        put(opening)
        for name, value in entries.items():
            put("<entry>")
            key(name, put)
            entry(value, put)
            put("</entry>")
        put(closing)

    return write


def _scalar(text: Callable[[Any], str], tag: str) -> Writer:
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(value: Any, put: Put) -> None:
        put(f"{opening}{text(value)}{closing}")

    return write


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _blob(value: bytes) -> str:
    return base64.b64encode(value).decode()


_TEXTS: dict[str, Callable[[Any], str]] = {
    "string": escape,
    "integer": str,
    "long": str,
    "double": str,
    "float": str,
    "boolean": _truth,
    "timestamp": _moment,
    "blob": _blob,
}


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around an operation's result, and the writer of the result."""

    opening: str
    wrapper: str
    write: Writer | None
    closing: str
    #: EC2 has the request id first, and nothing around the result.
    is_ec2: bool = False


def _frame(service: Service, name: str) -> _Frame:
    if service.protocol == "ec2":
        return _ec2_frame(service, name)
    output = service.operations[name].get("output")
    wrapper = output.get("resultWrapper", f"{name}Result") if output else ""
    return _Frame(
        opening=f'<{name}Response xmlns="{service.namespace}">',
        wrapper=wrapper,
        write=_compiled(service, output["shape"], wrapper) if output else None,
        closing=f"</RequestId></ResponseMetadata></{name}Response>",
    )


def _ec2_frame(service: Service, name: str) -> _Frame:
    output = service.operations[name].get("output")
    return _Frame(
        opening=f'<{name}Response xmlns="{service.namespace}/"><requestId>',
        wrapper="",
        write=_compiled(service, output["shape"], "") if output else None,
        closing=f"</{name}Response>",
        is_ec2=True,
    )


_FRAMES = {
    f"{service.name}:{name}": _frame(service, name)
    for service in SERVICES.values()
    for name in service.operations
}


def written(operation: str, members: Members, request_id: str, *, as_json: bool = False) -> bytes:
    """The whole answer of an operation such as iam:GetUser."""
    frame = _FRAMES[operation]
    if as_json:
        return _json(operation.partition(":")[2], frame, members, request_id)
    if frame.is_ec2:
        return _written_for_ec2(frame, members, request_id)
    pieces = [frame.opening]
    if frame.write is not None:
        frame.write(members, pieces.append)
    pieces += ("<ResponseMetadata><RequestId>", request_id, frame.closing)
    return "".join(pieces).encode("utf-8", "replace")


def _written_for_ec2(frame: _Frame, members: Members, request_id: str) -> bytes:
    pieces: list[str] = []
    if frame.write is not None:
        frame.write(members, pieces.append)
    # The first and last pieces are the element of the result, which has no name.
    inner = pieces[1:-1] if frame.write is not None else ["<return>true</return>"]
    whole = (frame.opening, request_id, "</requestId>", *inner, frame.closing)
    return "".join(whole).encode("utf-8", "replace")


# --- JSON ----------------------------------------------------------------------------------------


def _json(name: str, frame: _Frame, members: Members, request_id: str) -> bytes:
    """The same for a client that accepts JSON only, as aws-iam-authenticator's are."""
    told: dict[str, Any] = {frame.wrapper: _told(members)} if frame.write is not None else {}
    told["ResponseMetadata"] = {"RequestId": request_id}
    return json.dumps({f"{name}Response": told}).encode()


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _told(member) for name, member in value.items() if member is not None}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, bytes):
        return _blob(value)
    return value
