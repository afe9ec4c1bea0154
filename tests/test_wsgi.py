"""What happens to a request before Django sees it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client

from iamconsole import wsgi
from iamconsole.wsgi import application

TOKEN = "a" * 32
LONE = r"\ud800"
CHARSETS = [
    "charset=utf-16",
    "charset=utf-7",
    "CharSet=unicode_escape",
    "charset*=us-ascii''unicode_escape",
    "charset=idna",
    "charset=rot13",
    "charset=zip",
    "charset=nonsense",
]


@pytest.fixture(autouse=True)
def kept_connection(db: None) -> Iterator[None]:
    """Keep the connection of the test, which Django would renew when a request begins."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def ask(method: str, query: str = "", body: str = "", **environ: Any) -> tuple[str, dict[str, str]]:
    """The status and the headers of an answer of /signin/ to a browser without a session."""
    answered: list[Any] = []
    environ = {"PATH_INFO": "/signin/", **environ}
    environ |= {
        "REQUEST_METHOD": method,
        "QUERY_STRING": query,
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": f"{settings.CSRF_COOKIE_NAME}={TOKEN}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body.encode()),
    }
    setup_testing_defaults(environ)
    list(application(environ, lambda *start: answered.extend(start)))
    return answered[0], dict(answered[1])


@pytest.mark.parametrize("charset", CHARSETS)
def test_an_address_is_read_as_utf8_whatever_the_request_says_of_itself(charset):
    status, headers = ask("GET", urlencode({"next": LONE}), CONTENT_TYPE=f"text/plain; {charset}")
    assert status == "200 OK"
    assert "Content-Security-Policy" in headers


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_form_is_read_as_utf8_whatever_the_request_says_of_itself(charset):
    fields = {"account": LONE, "user_name": LONE, "password": LONE, "remember": "on"}
    fields["csrfmiddlewaretoken"] = TOKEN
    plain = f"application/x-www-form-urlencoded; {charset}"
    status, headers = ask("POST", body=urlencode(fields), CONTENT_TYPE=plain)
    assert status.startswith("422 ")
    assert "Content-Security-Policy" in headers
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = "".join("--b\r\n" + head.format(*field) for field in fields.items()) + "--b--\r\n"
    status, _ = ask("POST", body=parts, CONTENT_TYPE=f"multipart/form-data; boundary=b; {charset}")
    assert status.startswith("422 ")


def test_too_many_parameters_are_a_bad_request_with_every_header():
    query = "&".join(["a=b"] * 2000)
    status, headers = ask("GET", query, CONTENT_TYPE="text/plain; charset=utf-8")
    assert status == "400 Bad Request"
    assert "Content-Security-Policy" in headers


# --- AWS's clients -------------------------------------------------------------------------------


def ask_as_client(body: str = "Action=GetUser&Version=2010-05-08") -> tuple[str, dict[str, str]]:
    return ask("POST", body=body, PATH_INFO="/", CONTENT_TYPE="application/x-www-form-urlencoded")


def test_awss_clients_are_answered_before_django_hears_of_them(monkeypatch):
    monkeypatch.setattr(wsgi, "_django", None)
    status, headers = ask_as_client()
    assert status == "403 Forbidden"
    assert headers["x-amzn-RequestId"]
    assert "Set-Cookie" not in headers


def test_the_middleware_answers_awss_clients_alike():
    status, headers = ask_as_client()
    form = "application/x-www-form-urlencoded"
    other = Client().post("/", "Action=GetUser&Version=2010-05-08", content_type=form)
    assert status == f"{other.status_code} {other.reason_phrase}"
    assert headers.keys() == other.headers.keys()
    own = {name: value for name, value in headers.items() if name != "x-amzn-RequestId"}
    assert own == {name: other.headers[name] for name in own}


def test_a_connection_that_is_no_longer_good_is_left_when_a_client_asks(monkeypatch):
    begun = []
    monkeypatch.setattr(request_started, "send", lambda **given: begun.append(given))
    ask_as_client()
    assert len(begun) == 1
