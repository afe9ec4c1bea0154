"""What people choose for their own eyes. AWS has no operation for it: browsers keep it there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from accounts.actions.registry import ANYBODY, command
from accounts.caller import Caller, CallerKind
from accounts.errors import ValidationError
from accounts.models import Preference

#: Characters of one choice as JSON; a list of twenty columns takes 300.
_LONGEST = 4000


@command("console:SetPreference", may=ANYBODY)
def set_preference(caller: Caller, /, *, name: str, value: Mapping[str, Any]) -> None:
    """Keep one choice of the caller's, such as the columns of a list."""
    if not 0 < len(name) <= 64 or len(json.dumps(value, ensure_ascii=False)) > _LONGEST:
        raise ValidationError("That is too much for a preference.", argument="value")
    Preference.objects.update_or_create(
        account=caller.home,
        principal_id=principal_of(caller),
        name=name,
        defaults={"value": dict(value)},
    )


def preferences_of(caller: Caller) -> Mapping[str, Any]:
    """All choices of the caller's by name. One query a request."""
    return caller.once(("preferences", ""), lambda: _read(caller))


def principal_of(caller: Caller) -> str:
    """Whose choices they are. All sessions of a role share the role's."""
    if caller.kind is CallerKind.FEDERATED:
        return caller.unique_id  # begins with the account's id, which is the root user's
    return caller.unique_id.partition(":")[0]


def _read(caller: Caller) -> Mapping[str, Any]:
    rows = Preference.objects.filter(account=caller.home, principal_id=principal_of(caller))
    return dict(rows.values_list("name", "value"))
