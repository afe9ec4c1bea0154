"""The instance metadata service: `/metadata/SECRET/latest/…`, one unguessable address an instance.

EC2 User Guide, "Use the Instance Metadata Service". AWS's clients use it in place of
http://169.254.169.254 where AWS_EC2_METADATA_SERVICE_ENDPOINT says so. Like the endpoint it stands
before sessions, cookies and everything else that pages need. An address that is wrong and one whose
instance does not run get the same answer: from outside there is nothing at either.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import ids
from iamconsole import arrival
from iamconsole.api.s3 import signing
from iamconsole.sandbox import metadata
from iamconsole.sandbox.metadata import LONGEST_TOKEN, Reading
from iamconsole.sandbox.models import Instance
from iamconsole.sandbox.models.ec2 import METADATA_PATH

logger = logging.getLogger(__name__)

_TOKEN_PATH = "latest/api/token"
_TOKEN = "HTTP_X_AWS_EC2_METADATA_TOKEN"
_TTL = "HTTP_X_AWS_EC2_METADATA_TOKEN_TTL_SECONDS"
_FORWARDED = "HTTP_X_FORWARDED_FOR"
_TEXTS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

#: Of every answer: it is kept by nobody, and no page can use it.
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

Environ = Mapping[str, Any]


class Metadata:
    """Answers what is asked below /metadata/, and passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass on."""
        if not _is_asked(request.META):
            return self.get_response(request)
        try:
            answer = _answer(request.META)
        except OperationalError:
            answer = _problem(503)
        except Exception:
            logger.exception("A request for metadata failed")
            answer = _problem(500)
        for name, value in _HEADERS.items():
            answer.headers[name] = value
        # Else Django would log the address of what failed, and that is the instance's secret.
        answer._has_been_logged = True  # type: ignore[attr-defined]
        if request.META["REQUEST_METHOD"] == "HEAD":
            answer.content = b""
        return answer


def _is_asked(environ: Environ) -> bool:
    """Whether it is metadata that is asked for. What is signed is S3's: of a bucket `metadata`."""
    signed = environ.get("HTTP_AUTHORIZATION", "").startswith("AWS") or signing.is_presigned(
        environ.get("QUERY_STRING", "")
    )
    return environ.get("PATH_INFO", "").startswith(METADATA_PATH) and not signed


def _answer(environ: Environ) -> HttpResponse:
    if _is_forwarded(environ):
        return _problem(403)
    text = environ["PATH_INFO"][len(METADATA_PATH) :].encode("latin-1").decode("utf-8", "replace")
    secret, _, path = text.partition("/")
    instance = metadata.find(secret)
    if instance is None:
        return _problem(404)
    if not instance.metadata_enabled:
        return _problem(403)
    if path.strip("/") == _TOKEN_PATH:
        return _new_token(environ, instance)
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return _problem(405)
    return _read(environ, instance, path)


def _is_forwarded(environ: Environ) -> bool:
    """Whether a proxy other than the operator's own stands between.

    As on AWS: who tricks an open proxy into asking shall get nothing.
    """
    forwarded: str = environ.get(_FORWARDED, "")
    peer = arrival.address(environ.get("REMOTE_ADDR", ""))
    if peer is not None and arrival.is_trusted(peer):
        return "," in forwarded
    return bool(forwarded)


def _new_token(environ: Environ, instance: Instance) -> HttpResponse:
    if environ["REQUEST_METHOD"] != "PUT":
        return _problem(405)
    wanted: str = environ.get(_TTL, "")
    seconds = int(wanted) if re.fullmatch("[0-9]{1,5}", wanted, re.ASCII) else 0
    if not 1 <= seconds <= LONGEST_TOKEN:
        return _problem(400)
    answer = _text(metadata.session_token(instance, seconds, timezone.now()))
    answer.headers["X-Aws-Ec2-Metadata-Token-Ttl-Seconds"] = str(seconds)
    return answer


def _read(environ: Environ, instance: Instance, path: str) -> HttpResponse:
    now, token = timezone.now(), environ.get(_TOKEN)
    if token is None and instance.http_tokens == "required":
        return _problem(401)
    if token is not None and not metadata.is_good(token, instance, now):
        return _problem(401)
    delivery = "1.0" if token is None else "2.0"
    found = metadata.read(Reading(instance, now, ids.request_id(), delivery), path)
    return _problem(404) if found is None else _text(found)


def _text(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _problem(status: int) -> HttpResponse:
    told = f"{status} - {_TEXTS[status]}"
    return HttpResponse(
        f'<?xml version="1.0" encoding="utf-8"?>\n<html><head><title>{told}</title></head>'
        f"<body><h1>{told}</h1></body></html>\n",
        status=status,
        content_type="text/html; charset=utf-8",
    )
