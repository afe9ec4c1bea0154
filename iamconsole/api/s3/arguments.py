"""What a request to S3 holds → the arguments of its action: path, parameters, headers, body.

Where each stands says botocore's model. What an action does not take is not read; where leaving it
out would do something else than what was asked for, the request is refused (`refusals`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore import xform_name

from accounts.actions.registry import ACTIONS
from accounts.types import Tag
from iamconsole.api.s3 import bodies, documents
from iamconsole.api.s3.bodies import Body
from iamconsole.api.s3.errors import Refusal
from iamconsole.api.s3.routes import MODEL, Address
from iamconsole.sandbox.s3_errors import InvalidRequest, InvalidTag, MalformedPolicy
from iamconsole.sandbox.s3_objects import CHECKSUMS
from iamconsole.sandbox.s3_types import (
    CompletedPart,
    CreateBucketConfiguration,
    PublicAccessBlockConfiguration,
)
from iamconsole.sandbox.storage import ALGORITHMS

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as far as it was read: the body is still to come."""

    operation: str
    address: Address
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Body
    #: The algorithm of a checksum that follows the body.
    trailing: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an argument stands in a request, and what it is."""

    argument: str
    location: str
    name: str
    kind: str
    reference: Mapping[str, Any]


def read(request: Request) -> dict[str, Any]:
    """The arguments, with `quiet` of DeleteObjects among them. Raise S3Error for what is none."""
    found: dict[str, Any] = {}
    document: Any = None
    for place in _places(request.operation):
        match place.location:
            case "uri":
                found[place.argument] = getattr(request.address, place.name.lower())
            case "querystring" if place.name in request.query:
                found[place.argument] = _value(place, request.query[place.name])
            case "header" if place.name.lower() in request.headers:
                found[place.argument] = _value(place, request.headers[place.name.lower()])
            case "headers":
                found[place.argument] = _prefixed(place.name, request.headers)
            case "body":
                found[place.argument] = request.body
            case "document":
                document = place
    if "body" in found:
        found["content_length"] = request.body.length
        found.setdefault("checksum_algorithm", request.trailing)
    else:
        _read_document(request, document, found)
    return found


@cache
def _places(operation: str) -> tuple[_Place, ...]:
    """Where the arguments of an operation's action stand."""
    taken = ACTIONS[f"s3:{operation}"].signature.parameters
    shape = MODEL.shapes[MODEL.operations[operation]["input"]["shape"]]
    found = []
    for name, reference in shape["members"].items():
        argument = xform_name(name)
        if argument not in taken:
            continue
        of = MODEL.shapes[reference["shape"]]
        location = reference.get("location")
        if location is None:
            location = "body" if reference.get("streaming") or of.get("streaming") else "document"
        wire = reference.get("locationName", name)
        kind = argument if argument in _SPECIAL else of["type"]
        found.append(_Place(argument, location, wire, kind, reference))
    return tuple(found)


# --- Values --------------------------------------------------------------------------------------


def _value(place: _Place, text: str) -> Any:
    return (_SPECIAL.get(place.kind) or _KINDS.get(place.kind, _text))(text, place.name)


def _text(text: str, _: str) -> str:
    return text


def _whole(text: str, name: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise Refusal(
            "InvalidArgument",
            f"Provided {name} not an integer or within integer range",
            ArgumentName=name,
            ArgumentValue=text[:128],
        )
    return int(text)


def _moment(text: str, _: str) -> datetime | None:
    """A time in a header; what is none is passed over (RFC 9110, 13.1.3)."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _encoding(text: str, _: str) -> str | None:
    """How the object itself is encoded; `aws-chunked` is how it was sent."""
    kept = [part.strip() for part in text.split(",") if part.strip().lower() != "aws-chunked"]
    return ",".join(kept) or None


def _tags(text: str, name: str) -> list[Tag]:
    """Tags as a header holds them: like a query string."""
    if not text:
        return []
    try:
        found = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise InvalidTag(
            f"The header '{name}' shall be encoded as UTF-8 then URLEncoded URL query parameters "
            "without tag name duplicates."
        ) from None
    return [Tag(key, value) for key, value in found]


def _source(text: str, _: str) -> str:
    """`bucket/key` of what is to be copied."""
    path, _, version = text.partition("?")
    if version not in ("", "versionId=null"):
        raise Refusal("NoSuchVersion", "The specified version does not exist.")
    return unquote(path).removeprefix("/")


def _names(text: str, _: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _prefixed(prefix: str, headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in headers.items()
        if name.startswith(prefix)
    }


_KINDS: Mapping[str, Callable[[str, str], Any]] = {
    "integer": _whole,
    "long": _whole,
    "timestamp": _moment,
}
#: By the argument: what the model calls a text and S3 reads otherwise.
_SPECIAL: Mapping[str, Callable[[str, str], Any]] = {
    "content_encoding": _encoding,
    "copy_source": _source,
    "object_attributes": _names,
    "tagging": _tags,
    # Not a time but whatever text the client wants back.
    "expires": _text,
}


# --- Documents -----------------------------------------------------------------------------------


def _read_document(request: Request, place: _Place | None, found: dict[str, Any]) -> None:
    """Read the body whole, which also checks it, and add the argument that it is."""
    text = bodies.whole(request.body)
    _check(request, text)
    if place is None:
        return
    if place.argument == "policy":
        found["policy"] = _policy(text)
    elif text or place.argument != "create_bucket_configuration":
        if not text:
            raise Refusal("MissingRequestBodyError", "Request Body is empty")
        document = documents.read(text, place.reference)
        found[place.argument] = _DOCUMENTS[place.argument](document)
        if place.argument == "delete":
            found["quiet"] = document.get("Quiet", False)


def _check(request: Request, text: bytes) -> None:
    """Raise where a document is not what its checksums say, or has none where S3 wants one."""
    algorithms = {
        name: request.headers[header]
        for name in ALGORITHMS
        if (header := f"x-amz-checksum-{name.lower()}") in request.headers
    }
    given = {**algorithms, **request.body.checksums}
    if request.operation in _OF_WHOLE_OBJECTS:
        given = {}
    md5 = request.headers.get("content-md5")
    needs = MODEL.operations[request.operation].get("httpChecksum", {})
    if needs.get("requestChecksumRequired") and not given and md5 is None:
        raise InvalidRequest("Missing required header for this request: Content-MD5")
    if md5 is not None:
        digest = hashlib.md5(text, usedforsecurity=False).digest()
        _compare("Content-MD5", base64.b64encode(digest).decode(), md5)
    for name, value in given.items():
        if name not in ALGORITHMS:
            raise InvalidRequest(f"Value for x-amz-checksum-{name.lower()} header is invalid.")
        sums = ALGORITHMS[name]()
        sums.update(text)
        _compare(name, base64.b64encode(sums.digest()).decode(), value)


#: Their x-amz-checksum- headers are about the object and not about the document.
_OF_WHOLE_OBJECTS = frozenset({"CompleteMultipartUpload", "CreateMultipartUpload", "CopyObject"})


def _compare(name: str, computed: str, given: str) -> None:
    if computed != given:
        raise Refusal(
            "BadDigest",
            f"The {name} you specified did not match what we received.",
            ExpectedDigest=given[:128],
            CalculatedDigest=computed,
        )


def _policy(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeError:
        raise MalformedPolicy(
            "Policies must be valid JSON and the first byte must be '{'"
        ) from None


def _deletion(document: Mapping[str, Any]) -> list[str]:
    for one in document["Objects"]:
        if one.get("VersionId", "null") != "null" or one.keys() & {
            "ETag",
            "LastModifiedTime",
            "Size",
        }:
            raise Refusal(
                "NotImplemented", "Keys can be deleted here without versions and conditions only."
            )
    return [one["Key"] for one in document["Objects"]]


def _completion(document: Mapping[str, Any]) -> list[CompletedPart]:
    return [
        CompletedPart(
            one.get("PartNumber", 0),
            one.get("ETag", "").strip('"'),
            {name: one[f"Checksum{name}"] for name in CHECKSUMS if f"Checksum{name}" in one},
        )
        for one in document.get("Parts", ())
    ]


def _tagging(document: Mapping[str, Any]) -> list[Tag]:
    return [Tag(one["Key"], one["Value"]) for one in document["TagSet"]]


def _bucket(document: Mapping[str, Any]) -> CreateBucketConfiguration:
    if document.keys() & {"Location", "Bucket"}:
        raise Refusal("NotImplemented", "There are general purpose buckets here only.")
    tags = [Tag(one["Key"], one["Value"]) for one in document.get("Tags", ())]
    return CreateBucketConfiguration(document.get("LocationConstraint"), tags)


def _blocked(document: Mapping[str, Any]) -> PublicAccessBlockConfiguration:
    return PublicAccessBlockConfiguration(
        **{xform_name(name): value for name, value in document.items()}
    )


_DOCUMENTS: Mapping[str, Callable[[Any], Any]] = {
    "create_bucket_configuration": _bucket,
    "delete": _deletion,
    "multipart_upload": _completion,
    "public_access_block_configuration": _blocked,
    "tagging": _tagging,
}
