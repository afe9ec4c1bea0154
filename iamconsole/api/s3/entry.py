"""S3's own front door: which requests are for S3, and the answer to each, whatever it is."""

from __future__ import annotations

from iamconsole.api.exchange import Environ, Response


def is_s3(environ: Environ) -> bool:
    """Whether a request is one of a client of S3."""
    return False


def respond(environ: Environ) -> Response:
    """The answer to a request, whatever it is."""
    raise NotImplementedError
