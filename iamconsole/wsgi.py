"""The entry for WSGI servers."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from iamconsole.arrival import CONTENT_TYPE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iamconsole.settings")
_django = get_wsgi_application()
_CHARSET = re.compile("charset", re.IGNORECASE)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, which reads every request as UTF-8 here.

    Browsers send nothing else. Django would take any of Python's codecs that a request names: some
    make text that no database takes, others fail before any of our code runs.
    """
    if "CONTENT_TYPE" in environ:
        # AWS's clients sign the header as they send it.
        environ[CONTENT_TYPE] = environ["CONTENT_TYPE"]
        environ["CONTENT_TYPE"] = _CHARSET.sub("x-charset", environ["CONTENT_TYPE"])
    served: Iterable[bytes] = _django(environ, start_response)
    return served
