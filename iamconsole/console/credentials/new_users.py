"""The credentials of users that the wizard just made: shown, and handed out as a file, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.http import HttpResponse

from accounts.instance import signin_url
from iamconsole.console.components.downloads import csv_file
from iamconsole.console.credentials import kept_secrets, passwords_shown
from iamconsole.console.request import ConsoleRequest

#: What AWS's file was headed while its wizard made several users, with keys, in one go.
CLASSIC_HEADER = (
    "User name",
    "Password",
    "Access key ID",
    "Secret access key",
    "Console login link",
)
_EXACT = ("Password", "Access key ID", "Secret access key")


@dataclass(frozen=True, slots=True)
class NewUser:
    """One user; what was not asked for, or failed, is empty."""

    user_name: str
    url: str
    password: str = ""
    access_key_id: str = ""
    secret: str = ""

    @property
    def mail(self) -> str:
        """The draft of a message that tells how to sign in."""
        return passwords_shown.mail_draft(self.user_name, self.url)


def keep(request: ConsoleRequest, token: str, made: Sequence[tuple[str, str, str, str]]) -> None:
    """Keep name, password, key ID and secret of each user for their page, for ten minutes."""
    url = signin_url(request.caller.home.signin_name)
    users = [asdict(NewUser(name, url, *rest)) for name, *rest in made]
    kept_secrets.keep(request, _purpose(token), {"users": users}, request.caller.now)


def look(request: ConsoleRequest, token: str) -> list[NewUser]:
    """Who was kept, if they are still there."""
    found = kept_secrets.look(request, _purpose(token), request.caller.now)
    return [NewUser(**user) for user in found["users"]] if found else []


def download(
    request: ConsoleRequest, token: str, users: Sequence[NewUser], *, classic: bool
) -> HttpResponse:
    """The file, in today's form or the classic one; from here on the secrets are gone.

    Only today's file has no place for secret keys: while there are some, it leaves all as it is.
    """
    if classic or not any(user.secret for user in users):
        kept_secrets.drop(request, _purpose(token))
    name = "credentials.csv"
    if len(users) == 1 and not classic:
        name = f"{users[0].user_name}_credentials.csv"
    if classic:
        rows = [(u.user_name, u.password, u.access_key_id, u.secret, u.url) for u in users]
        return csv_file(name, CLASSIC_HEADER, rows, exact=_EXACT)
    today = [(u.user_name, u.password, u.url) for u in users]
    return csv_file(name, passwords_shown.HEADER, today, exact=_EXACT)


def _purpose(token: str) -> str:
    return f"new-users-{token}"
