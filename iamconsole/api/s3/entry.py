"""S3's own front door: which requests are for S3, and the answer to each, whatever it is.

**Signed requests** whose scope names the service `s3`, in the header or in the address, whatever
their path: keys may be called as pages are.

**Unsigned requests** only where an AWS client says that it makes one, with the header
`amz-sdk-invocation-id` that all of them send (`aws s3 --no-sign-request`). Their addresses are
those of pages, too, and no browser sends that header without asking first. They are let in by a
public bucket policy alone.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from accounts import ids, throttle
from accounts.actions.registry import ACTIONS
from accounts.errors import ServiceError, ServiceFailure
from iamconsole.answers import s3 as answers
from iamconsole.answers.members import Members
from iamconsole.api import exchange, query
from iamconsole.api.errors import is_busy
from iamconsole.api.exchange import Environ, Response
from iamconsole.api.s3 import (
    arguments,
    bodies,
    chunks,
    errors,
    refusals,
    routes,
    signing,
    sigv2,
    writing,
)
from iamconsole.api.s3.arguments import Request
from iamconsole.api.s3.bodies import Body
from iamconsole.api.s3.errors import Refusal
from iamconsole.api.s3.signing import Asker
from iamconsole.api.sigv4 import Request as Signed
from iamconsole.sandbox.s3_errors import MissingContentLength, NotModified
from iamconsole.sandbox.s3_objects import Download

logger = logging.getLogger(__name__)

_SCOPE = "/s3/aws4_request"
_IN_QUERY = re.compile(
    r"(?:^|&)X-Amz-Credential=[^&]*(?:/|%2F)s3(?:/|%2F)aws4_request(?:&|$)", re.IGNORECASE
)
#: On the origin of the console, which these pages must never act on: what is stored here is shown
#: without scripts, forms, plug-ins and cookies, and as nothing but what it says it is.
_HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
#: What a signed request may change about the headers of an object.
_OVERRIDES = {
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
    "response-content-language": "Content-Language",
    "response-content-type": "Content-Type",
    "response-expires": "Expires",
}
_CONTROL = re.compile("[\x00-\x1f\x7f]")
#: What a page makes of an address that it runs or draws itself with (Fetch Metadata).
_RUN = frozenset(
    "audioworklet embed manifest object paintworklet script serviceworker sharedworker style worker"
    " xslt".split()
)


def is_s3(environ: Environ) -> bool:
    """Whether a request is one of a client of S3."""
    text = environ.get("QUERY_STRING", "")
    header = environ.get("HTTP_AUTHORIZATION", "")
    if header:
        return header.startswith("AWS4-") and _SCOPE in header
    if signing.is_presigned(text):
        return _IN_QUERY.search(text) is not None or sigv2.is_signed(text)
    if "HTTP_AMZ_SDK_INVOCATION_ID" not in environ:
        return False
    # The calls that STS takes unsigned are forms.
    return not (environ.get("PATH_INFO", "") in ("", "/") and environ["REQUEST_METHOD"] == "POST")


def respond(environ: Environ) -> Response:
    """The answer to a request, whatever it is."""
    request_id = ids.request_id()
    try:
        return _Exchange(environ, request_id).answer()
    except Exception as error:
        return _refused(environ, request_id, _known(error, request_id))


class _Exchange:
    """One request and its answer."""

    def __init__(self, environ: Environ, request_id: str) -> None:
        self.environ = environ
        self.request_id = request_id
        self.method: str = environ["REQUEST_METHOD"]
        self.path = exchange.path(environ)
        self.address = routes.address(self.path)
        pairs = query.pairs(environ.get("QUERY_STRING", ""))
        self.query = query.unique(pairs)
        sent = exchange.headers(environ)
        self.presigned = signing.is_presigned(environ.get("QUERY_STRING", ""))
        # An address may hold headers that were signed with it.
        self.headers = {**signing.headers_in_query(self.query), **sent} if self.presigned else sent
        self.claim = bodies.claim(self.headers, presigned=self.presigned or not _signs(sent))
        self.signed = Signed(self.method, self.path, pairs, sent, b"", self.claim)

    def answer(self) -> Response:
        """The answer of the action. Raise whatever is refused."""
        self._check_page()
        asker = signing.identify(self.environ, self.signed, self.request_id)
        name = routes.find(self.method, self.address, self.query, self.headers)
        refusals.check(self.query, self.headers, self.address.bucket)
        self._check_overrides(asker)
        body, trailing = self._body(asker)
        request = Request(name, self.address, self.query, self.headers, body, trailing)
        given = arguments.read(request)
        is_quiet = bool(given.pop("quiet", False))
        result = _run(asker, name, given)
        try:
            return self._written(name, result, given, asker, is_quiet)
        except BaseException:
            if isinstance(result, Download):
                result.close()
            raise

    def _check_page(self) -> None:
        """Raise Refusal where a page of the console would run what is in a bucket.

        Pages may run scripts of their own origin, which this is; and a service worker out of a
        bucket that is called `console` would stand before all of them.
        """
        own = self.headers.get("sec-fetch-site") == "same-origin"
        runs = own and self.headers.get("sec-fetch-dest") in _RUN
        if runs or "service-worker" in self.headers:
            raise Refusal("AccessDenied", "The console runs nothing that is in a bucket.")

    def _check_overrides(self, asker: Asker) -> None:
        wanted = [name for name in _OVERRIDES if name in self.query]
        if wanted and asker.is_anonymous:
            raise Refusal(
                "InvalidRequest",
                "Request specific response headers cannot be used for anonymous GET requests.",
            )
        for name in wanted:
            if _CONTROL.search(self.query[name]):
                raise Refusal(
                    "InvalidArgument", "Header value cannot be represented.", ArgumentName=name
                )

    def _body(self, asker: Asker) -> tuple[Body, str | None]:
        """The body that is still to come, and the algorithm of the checksum that follows it."""
        length = bodies.length(self.headers)
        sent = bodies.Sent(self.environ, length)
        if self.claim not in bodies.CHUNKED:
            return bodies.Plain(sent, length, self.claim), None
        decoded = bodies.length(self.headers, "x-amz-decoded-content-length")
        if decoded is None:
            raise MissingContentLength
        trailers: tuple[str, ...] = ()
        if self.claim != bodies.SIGNED_CHUNKS:
            trailers = chunks.announced(self.headers)
        chain = None if self.claim == bodies.UNSIGNED_CHUNKS_AND_TRAILER else asker.chain
        if chain is None and self.claim != bodies.UNSIGNED_CHUNKS_AND_TRAILER:
            raise Refusal("InvalidRequest", "Chunks can't be signed where the request is not.")
        trailing = chunks.algorithm_of(trailers)
        return chunks.Chunks(sent, decoded, chain=chain, trailers=trailers), trailing

    def _written(
        self, name: str, result: Any, given: Mapping[str, Any], asker: Asker, is_quiet: bool
    ) -> Response:
        account = asker.caller.account
        asked = answers.Asked(
            account=account.pk if account is not None else "",
            bucket=self.address.bucket,
            key=self.address.key,
            query=self.query,
            arguments=given,
            url=f"{self.environ['wsgi.url_scheme']}://{self.headers.get('host', '')}{self.path}",
            with_checksums=self.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED",
            is_quiet=is_quiet,
        )
        members = answers.ANSWERS[name](result, asked)
        headers = _around(self.request_id) | writing.head(name, members)
        if isinstance(result, Download):
            return self._object(result, headers)
        return _document(name, members, headers)

    def _object(self, found: Download, headers: dict[str, str]) -> Response:
        for parameter, header in _OVERRIDES.items():
            if parameter in self.query:
                headers[header] = writing.header_text(self.query[parameter])
        status = 206 if found.is_partial else 200
        if self.method == "HEAD":
            return Response(status, headers, ())
        return Response(status, headers, _Stream(found))


class _Stream:
    """An object's bytes on their way out. Its file is closed, whether they were sent or not."""

    def __init__(self, found: Download) -> None:
        self._found = found

    def __iter__(self) -> Iterator[bytes]:
        return self._found.chunks()

    def close(self) -> None:
        """Let go of the file."""
        self._found.close()


def _signs(headers: Mapping[str, str]) -> bool:
    return bool(headers.get("authorization"))


def _run(asker: Asker, name: str, given: Mapping[str, Any]) -> Any:
    """Call the action; slow down strangers of whom too many were refused."""
    action = ACTIONS[f"s3:{name}"]
    if not asker.is_anonymous:
        return action.run(asker.caller, **given)
    caller = asker.caller
    counters = throttle.unsigned_counters(caller.source_address)
    if not throttle.admit(counters, caller.now):
        raise Refusal("SlowDown", "Please reduce your request rate.")
    right = False
    try:
        found = action.run(caller, **given)
        # DeleteObjects answers for each key, and may have refused every one.
        right = name != "DeleteObjects" or any(each.error is None for each in found)
    finally:
        throttle.settle(counters, caller.now, admitted=True, right=right)
    return found


# --- Answers -------------------------------------------------------------------------------------


def _around(request_id: str) -> dict[str, str]:
    """The headers that every answer of S3 has."""
    return {"x-amz-request-id": request_id, "x-amz-id-2": _host_id(request_id), **_HARMLESS}


def _host_id(request_id: str) -> str:
    """S3's second id of a request; it says nothing that the first does not."""
    return base64.b64encode(hashlib.sha384(request_id.encode()).digest()).decode()


def _document(name: str, members: Members, headers: dict[str, str]) -> Response:
    frame = writing.FRAMES[name]
    if frame.raw is not None:
        body = str(members[frame.raw]).encode()
        headers["Content-Type"] = "application/json"
    else:
        body = writing.document(name, members)
        if body:
            headers["Content-Type"] = "application/xml"
    if frame.status != 204:
        headers["Content-Length"] = str(len(body))
    return Response(frame.status, headers, (body,) if body else ())


def _refused(environ: Environ, request_id: str, error: ServiceError) -> Response:
    headers = _around(request_id)
    if isinstance(error, NotModified):
        headers |= writing.head("GetObject", answers.unmodified(error.object))
        return Response(304, headers, ())
    body = errors.written(error, _resource(environ), request_id, headers["x-amz-id-2"])
    headers["Content-Type"] = "application/xml"
    if environ["REQUEST_METHOD"] == "HEAD":
        # Without a body: clients go by the status.
        headers["Content-Length"] = "0"
        return Response(error.status, headers, ())
    headers["Content-Length"] = str(len(body))
    return Response(error.status, headers, (body,))


def _resource(environ: Environ) -> str:
    return exchange.path(environ)[:2048]


def _known(error: Exception, request_id: str) -> ServiceError:
    """The error as clients of S3 are told of it."""
    cause = error.__cause__ if isinstance(error, ServiceFailure) else error
    if is_busy(cause):
        return Refusal("SlowDown", "Please reduce your request rate.")
    if isinstance(error, ServiceError) and not isinstance(error, ServiceFailure):
        return errors.in_words_of_s3(error)
    if not isinstance(error, ServiceFailure):
        logger.error("A request of a client of S3 failed", exc_info=error)
    return Refusal(
        "InternalError",
        "We encountered an internal error. Please try again. If it stays so, give the operator "
        f"this request id: {request_id}",
    )
