"""The condition keys that say who asks, as a user's or role's own requests would bring them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accounts.actions.roles import get_role
from accounts.actions.users import get_user
from accounts.caller import Caller
from iamconsole.console.components import panels
from iamconsole.console.subjects import Subject

#: The name of a session in a role's aws:userid: nobody knows which one a session will have.
SESSION = "session"


def known_keys(caller: Caller, subject: Subject) -> Mapping[str, str]:
    """The values by key in lower case, as far as the caller may read the user or role.

    Of a group or policy there are none: neither makes requests.
    """
    if subject.kind not in ("user", "role"):
        return {}
    keys = {"aws:principalarn": subject.resource(caller).arn}
    if subject.kind == "user":
        keys["aws:username"] = subject.name
    read: Callable[..., Any] = get_user if subject.kind == "user" else get_role
    if (row := panels.subject(read, caller, **subject.named).value) is not None:
        of_session = f":{SESSION}" if subject.kind == "role" else ""
        keys["aws:userid"] = row.unique_id + of_session
        keys |= {f"aws:principaltag/{key.lower()}": value for key, value in row.tags.items()}
    return keys
