"""The operator's variables, read from the environment and checked once.

`HOST`, `PORT`, `BASE_URL`, `DATA_DIR`, `DATABASE_URL`, `WEB_CONCURRENCY`, `TRUSTED_PROXY`: what
each means stands in the README.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Environment:
    """One reading of the variables."""

    host: str
    port: int
    base_url: str
    data_dir: Path
    database_url: str
    workers: int
    trusted_proxies: tuple[Network, ...]

    @property
    def base_host(self) -> str:
        """Host and port of `BASE_URL`, as a browser sends them."""
        return urlsplit(self.base_url).netloc

    @property
    def base_name(self) -> str:
        """The host name of `BASE_URL`, without its port."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def secure(self) -> bool:
        """Whether `BASE_URL` is https."""
        return self.base_url.startswith("https://")

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers take Secure cookies here: over https, and over http on localhost."""
        return self.secure or self.base_name == "localhost"


def read(repository: Path) -> Environment:
    """Read the variables; raise ImproperlyConfigured naming the one that makes no sense."""
    port = _number("PORT", 8000, 1, 65535)
    base_url = os.environ.get("BASE_URL", "").rstrip("/") or f"http://localhost:{port}"
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise ImproperlyConfigured(
            f"BASE_URL is {base_url!r}: give scheme and host only, like http://localhost:8000."
        )
    return Environment(
        host=os.environ.get("HOST", "") or "127.0.0.1",
        port=port,
        base_url=base_url,
        data_dir=Path(os.environ.get("DATA_DIR", "") or repository / "data").resolve(),
        database_url=os.environ.get("DATABASE_URL", ""),
        workers=_number("WEB_CONCURRENCY", 2, 1, 64),
        trusted_proxies=_networks(os.environ.get("TRUSTED_PROXY", "")),
    )


def secret_key(data_dir: Path) -> str:
    """Django's secret key: made once, kept beside the database in a file only its owner reads."""
    path = data_dir / "secret-key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"secret-key.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(64))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails where the file exists: of two first starts at once, one key wins.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def postgresql(url: str) -> dict[str, object]:
    """Django's database settings for `DATABASE_URL` (postgresql://user:password@host:port/name)."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A socket directory can't stand before the path of a URL, hence ?host=.
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def _number(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ImproperlyConfigured(f"{name} is {text!r}: give a number from {low} to {high}.")
    return int(text)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(part.strip(), strict=False)
            for part in text.split(",")
            if part.strip()
        )
    except ValueError as error:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXY holds {error}: give a comma-separated list of CIDRs."
        ) from None
