"""How a request came: from which address, whether by https, and with which content type.

The peer is believed, and a proxy where the operator named it. Needs neither Django nor a database
to be set up.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings

#: Where wsgi.py keeps the Content-Type as it was sent: Django reads another one.
CONTENT_TYPE = "iamconsole.content_type"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def source(environ: Mapping[str, Any]) -> tuple[str, bool]:
    """The address of whoever asks, and whether they came by https."""
    peer = address(environ.get("REMOTE_ADDR", ""))
    scheme = environ.get("wsgi.url_scheme", "http")
    if peer is None:
        return "", scheme == "https"
    if is_trusted(peer):
        told = environ.get("HTTP_X_FORWARDED_PROTO", "")
        scheme = told if told in ("http", "https") else scheme
        peer = _nearest_stranger(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")) or peer
    return str(peer), scheme == "https"


def is_trusted(peer: Address) -> bool:
    """Whether it is a proxy that the operator named."""
    return any(peer in network for network in settings.TRUSTED_PROXIES)


@functools.lru_cache(maxsize=1024)
def address(text: str) -> Address | None:
    """An address in the one form that counters and policies know: IPv4 inside IPv6 is IPv4."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _nearest_stranger(forwarded: list[str]) -> Address | None:
    """From the right: each proxy appends whom it heard from, and only ours are believed."""
    found = None
    for text in reversed(forwarded):
        if (heard := address(text.strip())) is None:
            break
        found = heard
        if not is_trusted(heard):
            break
    return found
