"""The entry for WSGI servers."""

import os
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application

from iamconsole.arrival import CONTENT_TYPE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iamconsole.settings")
_django = get_wsgi_application()

# What it imports are models, which need Django to be set up.
from iamconsole.api import front  # noqa: E402

_CHARSET = re.compile("charset", re.IGNORECASE)
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """AWS's clients are answered at once: nothing that Django does for pages is for them.

    Pages are Django's, which reads every request as UTF-8 here. Browsers send nothing else. Django
    would take any of Python's codecs that a request names: some make text that no database takes,
    others fail before any of our code runs.
    """
    if front.is_api(environ):
        return _api(environ, start_response)
    if "CONTENT_TYPE" in environ:
        # AWS's clients sign the header as they send it.
        environ[CONTENT_TYPE] = environ["CONTENT_TYPE"]
        environ["CONTENT_TYPE"] = _CHARSET.sub("x-charset", environ["CONTENT_TYPE"])
    served: Iterable[bytes] = _django(environ, start_response)
    return served


def _api(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """What the middleware `front.Front` does, without a Django request around it."""
    # A connection to the database that broke, or is too old, is left.
    request_started.send(sender=_api, environ=environ)
    answer = front.respond(environ)
    start_response(_STATUS_LINES[answer.status], list(answer.headers.items()))
    return answer.body
