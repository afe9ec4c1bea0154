"""The password of a user that an administrator just set: shown, and handed out as a file, once."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpResponse

from accounts.instance import signin_url
from iamconsole.console.components.downloads import csv_file
from iamconsole.console.credentials import kept_secrets
from iamconsole.console.request import ConsoleRequest

#: What AWS's own file is headed; scripts read it.
HEADER = ("User name", "Password", "Console sign-in URL")


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose password it is, and where to sign in with it."""

    user_name: str
    password: str
    url: str

    @property
    def mail(self) -> str:
        """The draft of a message that tells how to sign in."""
        return mail_draft(self.user_name, self.url)


def mail_draft(user_name: str, url: str) -> str:
    """The address of a message that tells how to sign in; the password is not for e-mail."""
    subject = quote("How to sign in to the console")
    body = quote(
        f"Sign in at {url}\nUser name: {user_name}\n\nYou will get the password in another way.\n"
    )
    return f"mailto:?subject={subject}&body={body}"


def keep(request: ConsoleRequest, user_name: str, password: str) -> None:
    """Keep a password for its page, sealed, for ten minutes."""
    shown = {
        "user_name": user_name,
        "password": password,
        "url": signin_url(request.caller.home.signin_name),
    }
    kept_secrets.keep(request, _purpose(user_name), shown, request.caller.now)


def look(request: ConsoleRequest, user_name: str) -> Shown | None:
    """What was kept, if it is still there."""
    found = kept_secrets.look(request, _purpose(user_name), request.caller.now)
    return None if found is None else Shown(**found)


def download(request: ConsoleRequest, shown: Shown) -> HttpResponse:
    """The file; from here on the password is gone."""
    kept_secrets.drop(request, _purpose(shown.user_name))
    row = (shown.user_name, shown.password, shown.url)
    name = f"{shown.user_name}_credentials.csv"
    return csv_file(name, HEADER, [row], exact=("Password",))


def _purpose(user_name: str) -> str:
    return f"password-{user_name.lower()}"
