"""From a request's method, path and parameters to the operation of S3 that it asks for.

The table is read off botocore's model. Which operation it is may hang on parameters
(`?policy`, `list-type=2`, `uploadId`) or on a header (`x-amz-copy-source`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from accounts.actions.registry import ACTIONS
from iamconsole.api import shapes
from iamconsole.api.s3.errors import Refusal
from iamconsole.sandbox import actions
from iamconsole.sandbox.s3_errors import InvalidURI

MODEL = shapes.read("s3")
actions.load()


@dataclass(frozen=True, slots=True)
class Address:
    """The bucket and the key of a path; each may be empty."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Route:
    """An operation and what a request must have for being one."""

    name: str
    #: Parameters, with the value that each must have, if any.
    parameters: Mapping[str, str]
    headers: tuple[str, ...]

    def fits(self, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        """Whether a request has all that."""
        return all(
            name in query and value in ("", query[name]) for name, value in self.parameters.items()
        ) and all(name in headers for name in self.headers)

    @property
    def rank(self) -> tuple[int, bool]:
        """What asks for more comes first; of two that ask for the same, the one that is built."""
        asks = len(self.parameters) + len(self.headers)
        return (asks, f"s3:{self.name}" in ACTIONS)


def address(path: str) -> Address:
    """The bucket and key that a path names, as it was sent: nothing in a key is normalised."""
    bucket, _, key = path.removeprefix("/").partition("/")
    return Address(_decoded(bucket), _decoded(key))


def find(method: str, asked: Address, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """The name of the operation. Raise Refusal for one that there is not, or not here."""
    if asked.key and not asked.bucket:
        raise InvalidURI
    level = "key" if asked.key else "bucket" if asked.bucket else "service"
    fitting = (one for one in _ROUTES.get((method, level), ()) if one.fits(query, headers))
    route = next(fitting, None)
    if route is None:
        raise Refusal(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            Method=method,
            ResourceType={"key": "OBJECT", "bucket": "BUCKET", "service": "SERVICE"}[level],
        )
    if f"s3:{route.name}" not in ACTIONS:
        raise Refusal(
            "NotImplemented", f"s3:{route.name} is an operation of AWS that is not built here."
        )
    if route.name == "PutObject" and ("uploadId" in query or "partNumber" in query):
        # Half of UploadPart's parameters: it is no object that shall be made.
        raise Refusal("InvalidArgument", "This operation does not accept a query-string.")
    return route.name


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidURI from None


def _routes() -> dict[tuple[str, str], list[Route]]:
    found: dict[tuple[str, str], list[Route]] = defaultdict(list)
    for name, operation in MODEL.operations.items():
        if not operation.get("deprecated"):
            path, _, text = operation["http"]["requestUri"].partition("?")
            level = {"/": "service", "/{Bucket}": "bucket", "/{Bucket}/{Key+}": "key"}.get(path)
            if level is not None:
                found[operation["http"]["method"], level].append(_route(name, operation, text))
    for routes in found.values():
        routes.sort(key=lambda route: route.rank, reverse=True)
    return found


def _route(name: str, operation: Mapping[str, Any], text: str) -> Route:
    shape = MODEL.shapes[operation["input"]["shape"]]
    parameters = {
        part.partition("=")[0]: part.partition("=")[2] for part in text.split("&") if part
    }
    headers = []
    for member in shape.get("required", ()):
        reference = shape["members"][member]
        match reference.get("location"):
            case "querystring":
                parameters[reference["locationName"]] = ""
            case "header" if reference["locationName"] == "x-amz-copy-source":
                headers.append("x-amz-copy-source")
    return Route(name, parameters, tuple(headers))


_ROUTES = _routes()
