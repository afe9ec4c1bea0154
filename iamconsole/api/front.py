"""The front door of AWS's clients: the first middleware, which answers their requests itself.

It stands before sessions, cookies and everything else that pages need. Whatever happens, it answers
in the form that AWS's clients read.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts import caller as callers
from accounts import ids, throttle
from accounts.authorize import WITHOUT_CREDENTIALS
from accounts.caller import Caller
from accounts.errors import ServiceError, ServiceFailure
from iamconsole.answers.members import Members
from iamconsole.api import (
    credentials,
    dispatch,
    errors,
    exchange,
    json_protocol,
    query,
    shapes,
    sigv4,
)
from iamconsole.api.errors import FrontDoorError
from iamconsole.api.exchange import Environ, Response
from iamconsole.api.s3 import entry as s3

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_FORM = "application/x-www-form-urlencoded"
_ACTION = re.compile(r"(?:^|&)Action=")


class Front:
    """Answers AWS's clients, and passes everything else on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or pass on."""
        # Django has decoded the path, which AWS's clients sign as they send it.
        path = request.META["PATH_INFO"].encode().decode("latin-1")
        environ = {**request.META, "PATH_INFO": path}
        if not is_api(environ):
            return self.get_response(request)
        answer = respond(environ)
        kind = HttpResponse if isinstance(answer.body, tuple) else StreamingHttpResponse
        response = kind(answer.body, status=answer.status, headers=answer.headers)
        if "Content-Type" not in answer.headers:
            # Django gives one to every response, even to those without a body.
            del response.headers["Content-Type"]
        return response


def is_api(environ: Environ) -> bool:
    """Whether it is an AWS client that asks: the request is signed, or names an Action at `/`."""
    text = environ.get("QUERY_STRING", "")
    if environ.get("HTTP_AUTHORIZATION", "").startswith("AWS") or sigv4.is_presigned(text):
        return True
    if s3.is_s3(environ) or json_protocol.is_json(environ):
        return True
    if environ.get("PATH_INFO", "") not in ("", "/"):
        return False
    form = environ["REQUEST_METHOD"] == "POST" and _is_form(environ)
    return form or _ACTION.search(text) is not None


def respond(environ: Environ) -> Response:
    """The answer to a request, whatever it is."""
    if s3.is_s3(environ):
        return s3.respond(environ)
    if json_protocol.is_json(environ):
        return _respond_in_json(environ)
    request_id = ids.request_id()
    as_json = _accepts_json(environ)
    told = _Told()
    status = 200
    try:
        body = _answered(environ, request_id, told, as_json)
    except Exception as error:
        known = _known(error, request_id)
        status = known.status
        body = errors.written(known, told.service, request_id, as_json=as_json)
    return _response(status, "application/json" if as_json else "text/xml", request_id, body)


def _respond_in_json(environ: Environ) -> Response:
    """The answer to a client of the JSON protocol, whatever it asks."""
    request_id = ids.request_id()
    status = 200
    try:
        request = _request(environ)
        signature = sigv4.read(request)
        if signature is None:
            raise _unsigned()
        built = json_protocol.find(signature.service, environ["HTTP_X_AMZ_TARGET"])
        body = built.answer(_caller(environ, request, signature, request_id), request.body)
    except Exception as error:
        known = _known(error, request_id)
        status, body = known.status, json_protocol.error(known)
    return _response(status, json_protocol.CONTENT_TYPE, request_id, body)


def _response(status: int, kind: str, request_id: str, body: bytes) -> Response:
    headers = {
        "Content-Type": kind,
        "x-amzn-RequestId": request_id,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(status, headers, (body,))


@dataclass(slots=True)
class _Told:
    """What became known of a request before it failed."""

    service: shapes.Service | None = None


def _known(error: Exception, request_id: str) -> ServiceError:
    """The error as clients are told of it."""
    cause = error.__cause__ if isinstance(error, ServiceFailure) else error
    if errors.is_busy(cause):
        return FrontDoorError("Throttling", "Rate exceeded")
    if isinstance(error, ServiceError):
        return error
    logger.error("A request of an AWS client failed", exc_info=error)
    return FrontDoorError(
        "ServiceFailure",
        "The request failed here. Try again; if it stays so, give the operator this request id: "
        f"{request_id}",
    )


def _answered(environ: Environ, request_id: str, told: _Told, as_json: bool) -> bytes:
    request = _request(environ)
    signature = sigv4.read(request)
    if signature is None:
        parameters = _parameters(environ, request)
        told.service = _unsigned_service(parameters)
        built = dispatch.find(told.service, parameters)
        facts = exchange.facts(environ, request_id, exchange.NO_REGION)
        caller = callers.anonymous(None, temporary=False, **facts)
        members = _slowed(built, caller, parameters)
    else:
        told.service = _service(signature.service)
        caller = _caller(environ, request, signature, request_id)
        parameters = _parameters(environ, request)
        built = dispatch.find(told.service, parameters)
        members = built.run(caller, parameters)
    return shapes.written(built.name, members, request_id, as_json=as_json)


def _slowed(built: dispatch.Built, caller: Caller, parameters: Mapping[str, str]) -> Members:
    """Run a call that anybody can make, unless too many from that address have failed.

    What is refused here is not recorded: else a stranger could fill the instance's record.
    """
    counters = throttle.unsigned_counters(caller.source_address)
    if not throttle.admit(counters, caller.now):
        raise FrontDoorError("Throttling", "Rate exceeded")
    right = False
    try:
        members = built.run(caller, parameters)
        right = True
    finally:
        throttle.settle(counters, caller.now, admitted=True, right=right)
    return members


# --- Who asks ------------------------------------------------------------------------------------


def _caller(
    environ: Environ, request: sigv4.Request, signature: sigv4.Signature, request_id: str
) -> Caller:
    """Whoever signed. Raise what is wrong with key, token, time or signature."""
    facts = exchange.facts(environ, request_id, signature.region)
    found = credentials.find(signature.access_key_id, signature.token, facts["now"])
    sigv4.check(signature, request, found.secret, facts["now"])
    return found.caller(service=signature.service, **facts)


def _service(name: str) -> shapes.Service:
    found = shapes.SERVICES.get(name)
    if found is None:
        known = " or ".join(f"'{one}'" for one in shapes.SERVICES)
        raise FrontDoorError(
            "SignatureDoesNotMatch",
            f"Credential should be scoped to correct service: {known}, not '{name[:64]}'.",
        )
    return found


def _unsigned_service(parameters: Mapping[str, str]) -> shapes.Service:
    """The service of an operation that takes no signature; raise for every other one."""
    sts = shapes.SERVICES["sts"]
    if f"sts:{parameters.get('Action')}" in WITHOUT_CREDENTIALS:
        return sts
    raise _unsigned()


def _unsigned() -> FrontDoorError:
    return FrontDoorError("MissingAuthenticationToken", "Request is missing Authentication Token")


# --- The request ---------------------------------------------------------------------------------


def _request(environ: Environ) -> sigv4.Request:
    method = environ["REQUEST_METHOD"]
    if method not in ("GET", "POST"):
        raise FrontDoorError("MethodNotAllowed", "AWS's clients ask by GET or POST.")
    return sigv4.Request(
        method=method,
        path=exchange.path(environ),
        query=query.pairs(environ.get("QUERY_STRING", "")),
        headers=exchange.headers(environ),
        body=_body(environ) if method == "POST" else b"",
    )


def _body(environ: Environ) -> bytes:
    """The body, no more of it than any request may have."""
    length: int | None = None
    if text := environ.get("CONTENT_LENGTH"):
        if not (text.isascii() and text.isdigit()):
            raise FrontDoorError("MalformedQueryString", "Content-Length is not a number.")
        length = int(text) if len(text) < 12 else query.LARGEST_BODY + 1
    elif not environ.get("wsgi.input_terminated"):
        return b""
    if length is not None and length > query.LARGEST_BODY:
        raise _too_large()
    body: bytes = environ["wsgi.input"].read(query.LARGEST_BODY + 1 if length is None else length)
    if len(body) > query.LARGEST_BODY:
        raise _too_large()
    return body


def _too_large() -> FrontDoorError:
    return FrontDoorError(
        "RequestEntityTooLarge", f"A request may have {query.LARGEST_BODY} bytes at most."
    )


def _parameters(environ: Environ, request: sigv4.Request) -> dict[str, str]:
    """The operation's parameters, from query string and form; each may be given once."""
    found = [pair for pair in request.query if pair[0] not in sigv4.PARAMETERS]
    if request.body and _is_form(environ):
        found += query.pairs(request.body.decode("latin-1"))
    return query.unique(found)


def _is_form(environ: Environ) -> bool:
    kind: str = environ.get("CONTENT_TYPE", "")
    return kind.lower().startswith(_FORM)


def _accepts_json(environ: Environ) -> bool:
    """Whether a client asks for JSON and not for XML."""
    accepted: str = environ.get("HTTP_ACCEPT", "")
    return "application/json" in accepted and "xml" not in accepted
