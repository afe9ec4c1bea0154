"""Whence a request came: whom of those who say so is believed."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from iamconsole import arrival

PROXIES = [ip_network("10.0.0.0/8")]


def source(peer: str, **headers: str) -> tuple[str, bool]:
    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http"}
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    return arrival.source(environ)


def test_nobody_is_believed_but_the_proxies_that_were_named(settings):
    settings.TRUSTED_PROXIES = PROXIES
    told = {"for": "203.0.113.7", "proto": "https"}
    assert source("192.0.2.1", **told) == ("192.0.2.1", False)
    assert source("10.0.0.1", **told) == ("203.0.113.7", True)
    settings.TRUSTED_PROXIES = []
    assert source("10.0.0.1", **told) == ("10.0.0.1", False)


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        ("198.51.100.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("198.51.100.1, nonsense", "10.0.0.1"),
        ("nonsense, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("", "10.0.0.1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_of_a_chain_of_proxies_the_nearest_stranger_counts(settings, forwarded, found):
    settings.TRUSTED_PROXIES = PROXIES
    assert source("10.0.0.1", **{"for": forwarded})[0] == found


def test_what_is_no_address_is_none(settings):
    settings.TRUSTED_PROXIES = PROXIES
    assert source("", **{"for": "203.0.113.7"}) == ("", False)
    assert source("::ffff:192.0.2.1")[0] == "192.0.2.1"
