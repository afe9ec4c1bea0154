"""AWS's own client for Python against this product, without a network; and bare requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit
from wsgiref.util import setup_testing_defaults

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials

from accounts.actions.access_keys import new_key
from accounts.caller import Caller
from iamconsole.wsgi import application

ENDPOINT = "http://localhost:8000/"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
VERSIONS = {"iam": "2010-05-08", "sns": "2010-03-31", "sts": "2011-06-15"}
_SESSION = botocore.session.Session()
_CONFIG = Config(retries={"max_attempts": 0})


@dataclass(frozen=True)
class Key:
    """An access key as a client holds it."""

    access_key_id: str
    secret: str
    token: str | None = None

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.access_key_id, self.secret, self.token)


@dataclass(frozen=True)
class Answer:
    """What came back for a bare request."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def code(self) -> str:
        return self._element("Code")

    @property
    def message(self) -> str:
        return self._element("Message")

    @property
    def request_id(self) -> str:
        return self._element("RequestId")

    def _element(self, name: str) -> str:
        found = re.search(f"<{name}>(.*?)</{name}>", self.body, re.DOTALL)
        return found[1] if found else ""


def key_of(caller: Caller, slot: int = 1) -> Key:
    """A new access key of a user or of the root user."""
    made = new_key(caller.home, caller.user, slot, caller.now)
    return Key(made.key.access_key_id, made.secret)


def client(
    key: Key,
    service: str = "iam",
    endpoint: str | None = None,
    region: str = "us-east-1",
    **more: Any,
) -> Any:
    """A client that signs with the key. Without an endpoint it asks this process itself."""
    made = _SESSION.create_client(
        service,
        region_name=region,
        endpoint_url=endpoint or ENDPOINT,
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret,
        aws_session_token=key.token,
        config=_CONFIG.merge(Config(**more)),
    )
    if endpoint is None:
        made.meta.events.register("before-send", _without_network)
    return made


def _without_network(request: Any, **_: Any) -> AWSResponse:
    headers = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    url = urlsplit(request.url)
    body = request.body or b""
    answer = ask(
        request.method,
        url.path,
        url.query,
        {"Host": url.netloc, **headers},
        body.encode() if isinstance(body, str) else body,
    )
    raw = BytesIO(answer.body.encode())
    raw.stream = lambda *_args, **_more: iter([raw.getvalue()])  # type: ignore[attr-defined]
    return AWSResponse(request.url, answer.status, dict(answer.headers), raw)


def ask(
    method: str = "POST",
    path: str = "/",
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    **environ: Any,
) -> Answer:
    """A request as a WSGI server hands it over, and what is answered."""
    environ |= {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": "192.0.2.10",
        "wsgi.input": BytesIO(body),
    }
    for name, value in (headers or {}).items():
        folded = name.upper().replace("-", "_")
        if folded not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            folded = f"HTTP_{folded}"
        environ[folded] = value
    setup_testing_defaults(environ)
    answered: list[Any] = []
    found = application(environ, lambda *start: answered.extend(start))
    text = b"".join(found).decode()
    return Answer(int(answered[0].split()[0]), dict(answered[1]), text)


def form(operation: str, service: str = "iam", **parameters: str) -> bytes:
    """The body of a call."""
    return urlencode({"Action": operation, "Version": VERSIONS[service], **parameters}).encode()


def signed(
    key: Key,
    body: bytes,
    *,
    service: str = "iam",
    region: str = "us-east-1",
    at: datetime | None = None,
    url: str = ENDPOINT,
    method: str = "POST",
    **headers: str,
) -> dict[str, str]:
    """The headers of a request that botocore signed; `at` another time than now."""
    named = {"Content-Type": FORM, **{n.replace("_", "-"): v for n, v in headers.items()}}
    request = AWSRequest(method=method, url=url, data=body, headers=named)
    signer = Signer(key.credentials, service, region)
    signer.at = at
    signer.add_auth(request)
    return {"Host": urlsplit(url).netloc, **dict(request.headers.items())}


class Signer(SigV4Auth):  # type: ignore[misc]
    """botocore's signer with another clock."""

    at: datetime | None = None

    def _modify_request_before_signing(self, request: Any) -> None:
        if self.at is not None:
            request.context["timestamp"] = self.at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        super()._modify_request_before_signing(request)
