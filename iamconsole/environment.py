"""The operator's variables, read from the environment and checked once.

`HOST`, `PORT`, `BASE_URL`, `DATA_DIR`, `DATABASE_URL`, `WEB_CONCURRENCY`, `TRUSTED_PROXY`,
`SANDBOX_MIB`: what each means stands in the README.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_BASE_URL = re.compile(
    r"(?P<origin>(?P<scheme>https?)://([a-z0-9._-]+|\[[0-9a-f:.]+\]))(:(?P<port>[0-9]{1,5}))?/?"
)
_USUAL_PORT = {"http": "80", "https": "443"}
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
    #: What all objects of S3 together may hold, in MiB.
    sandbox_mib: int

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
    return Environment(
        host=_host(os.environ.get("HOST", "") or "127.0.0.1"),
        port=port,
        base_url=_base_url(os.environ.get("BASE_URL", "") or f"http://localhost:{port}"),
        data_dir=Path(os.environ.get("DATA_DIR", "") or repository / "data").resolve(),
        database_url=os.environ.get("DATABASE_URL", ""),
        workers=_number("WEB_CONCURRENCY", 2, 1, 64),
        trusted_proxies=_networks(os.environ.get("TRUSTED_PROXY", "")),
        sandbox_mib=_number("SANDBOX_MIB", 2048, 1, 1024 * 1024),
    )


def secret_key(data_dir: Path) -> str:
    """Django's secret key: made once, kept beside the database in a file only its owner reads."""
    path = data_dir / "secret-key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _unusable(data_dir, error) from None
    try:
        return _new_secret_key(path)
    except OSError as error:
        raise _unusable(data_dir, error) from None


def _new_secret_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
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
    try:
        parts = urlsplit(url)
        port = parts.port
        if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
            raise ValueError("no such address")
    except ValueError:
        # Without the value: it holds a password.
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name."
        ) from None
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        # A socket directory can't stand before the path of a URL, hence ?host=.
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": query,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", text):
        raise ImproperlyConfigured(f"HOST is {text!r}: give a name or an address to listen on.")
    return text


def _base_url(text: str) -> str:
    """Scheme, host and port, in the spelling that browsers use."""
    found = _BASE_URL.fullmatch(text.lower())
    if found is None or int(found["port"] or 80) not in range(1, 65536):
        raise ImproperlyConfigured(
            f"BASE_URL is {text!r}: give scheme and host only, like http://localhost:8000."
        )
    origin, port = found["origin"], found["port"]
    # Browsers leave the usual port out of what they send, so it is left out of comparisons, too.
    return origin if port in (None, _USUAL_PORT[found["scheme"]]) else f"{origin}:{port}"


def _unusable(data_dir: Path, error: OSError) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"DATA_DIR {data_dir} can't be used: {error.strerror}.")


def _number(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
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
