"""A list to choose from inside a form: searched and paged on the server, the choice kept meanwhile.

Whatever is ticked travels with the form, also what another page of the list shows. Search, filter
and pages are submit buttons of that form, so everything works without scripts; a view tells such a
post by `browsing` and then saves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from django import forms

from accounts.actions.groups import list_groups
from accounts.actions.policies import PolicyInUse, list_policies
from accounts.actions.users import list_users
from accounts.arns import last_part
from accounts.errors import ServiceError
from accounts.models import Group
from accounts.paging import Page
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.groups import rows as group_rows
from iamconsole.console.policies.types import LABELS
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import rows as user_rows

AnyForm = TypeVar("AnyForm", bound=forms.Form)

#: Rows of a page: half of a list page's, since a form has other things below.
SIZE = 10

POLICY_TYPES = Filter("type", "Filter by type", (("", "All types"), *LABELS.items()))

#: Users that one request puts somewhere: each is an action, and a page must answer in time.
MOST_USERS = 100


class Choice(NamedTuple):
    """One row that can be ticked, or the reason in words why it can't."""

    row: Any
    value: str
    checked: bool
    reason: str


class Picker:
    """What was chosen so far and, once it is drawn, the rows there are to choose from.

    `key` names the field and begins every parameter. `nouns` is what is listed, one and many:
    ("policy", "policies"). `held` are values that the thing has already, `held_reason` says so.
    `limit` is how many may be chosen, where there is a limit. `unfit` says why a row can't be.
    With `single` the rows have radio buttons, and the last choice is the only one.
    """

    def __init__(
        self,
        request: ConsoleRequest,
        key: str,
        source: Callable[[Table], Page[Any]],
        value: Callable[[Any], str],
        columns: Sequence[Column],
        nouns: tuple[str, str],
        *,
        filters: Sequence[Filter] = (),
        limit: int | None = None,
        held: Collection[str] = (),
        held_reason: str = "",
        unfit: Callable[[Any], str] = lambda row: "",
        single: bool = False,
    ) -> None:
        self.key = key
        #: What rows are chosen by.
        self.kind = "radio" if single else "checkbox"
        self.nouns = nouns
        #: The template of the rows, which loops over `choices`.
        self.rows = f"components/picker_{nouns[1]}.html"
        self.limit = limit
        chosen = tuple(dict.fromkeys(request.POST.getlist(key)))
        # What another page of the list shows stands before the rows.
        self.chosen = chosen[-1:] if single else chosen
        self.turned = f"{key}-page" in request.POST
        self.browsing = self.turned or f"{key}-find" in request.POST
        self._table = Table(request.POST, columns, key=key, sort="name", filters=filters, size=SIZE)
        self._source = source
        self._value = value
        self._held = frozenset(held)
        self._held_reason = held_reason
        self._unfit = unfit

    @cached_property
    def table(self) -> Table:
        """The list as drawn. Only now is it read: a form that is accepted doesn't need it."""
        try:
            self._table.show(self._source(self._table))
        except ServiceError as error:
            self._table.refuse(error)
        return self._table

    @property
    def choices(self) -> list[Choice]:
        """The rows of this page."""
        return [self._choice(row) for row in self.table.rows]

    @property
    def elsewhere(self) -> list[tuple[str, str]]:
        """What is chosen but not among this page's rows: value and name."""
        here = {self._value(row) for row in self.table.rows}
        return [(value, last_part(value)) for value in self.chosen if value not in here]

    def choose(self, value: str) -> None:
        """Tick one more, such as what was made on the way."""
        self.chosen = tuple(dict.fromkeys((*self.chosen, value)))

    @property
    def counted(self) -> str:
        """How much is chosen, in words: "1 policy"."""
        return f"{len(self.chosen)} {self.nouns[len(self.chosen) != 1]}"

    @property
    def problem(self) -> str:
        """What is wrong with the choice itself, in words."""
        if self.limit is not None and len(self.chosen) > self.limit:
            return f"You can choose up to {self.limit} here, and {len(self.chosen)} are chosen."
        return ""

    def _choice(self, row: Any) -> Choice:
        value = self._value(row)
        reason = self._held_reason if value in self._held else self._unfit(row)
        return Choice(row, value, value in self.chosen and not reason, reason)


def bound(
    kind: type[AnyForm], request: ConsoleRequest, *pickers: Picker, **options: Any
) -> AnyForm:
    """The form as sent; while somebody only looks through a list, as typed and without errors."""
    if request.method == "POST" and not any(picker.browsing for picker in pickers):
        return kind(request.POST, **options)
    return kind(initial=request.POST.dict(), **options)


def accepted(form: forms.Form, *pickers: Picker) -> bool:
    """Whether form and choices were sent and are well-formed; the form says what is not."""
    if not form.is_valid():
        return False
    for picker in pickers:
        if picker.problem:
            form.add_error(None, picker.problem)
    return form.is_valid()


def policy_picker(
    request: ConsoleRequest,
    limit: int | None,
    *,
    held: Collection[str] = (),
    unfit: Callable[[PolicyInUse], str] = lambda row: "",
    key: str = "policies",
    single: bool = False,
    held_reason: str = "Already attached",
) -> Picker:
    """Managed policies to attach: `chosen` are their ARNs, `held` those attached already.

    `unfit` says of a policy why it can't be chosen, or nothing.
    """
    return Picker(
        request,
        key,
        lambda table: list_policies(
            request.caller,
            search=table.search,
            kind=table.filtered["type"],
            page=table.number,
            page_size=table.size,
        ),
        _policy_arn,
        (
            Column("name", "Policy name", sortable=False),
            Column("kind", "Type", sortable=False),
            Column("used_as", "Used as", sortable=False),
        ),
        ("policy", "policies"),
        filters=(POLICY_TYPES,),
        limit=limit,
        held=held,
        held_reason=held_reason,
        single=single,
        unfit=lambda policy: _not_attachable(policy) or unfit(policy),
    )


def user_picker(
    request: ConsoleRequest,
    *,
    held: Collection[str] = (),
    key: str = "users",
    single: bool = False,
) -> Picker:
    """Users to put into a group: `chosen` are their names, `held` those who are in it already."""
    return Picker(
        request,
        key,
        lambda table: user_rows.rows(
            request.caller,
            list_users(
                request.caller,
                search=table.search,
                page=table.number,
                page_size=table.size,
            ),
        ),
        _name,
        (
            Column("name", "User name", sortable=False),
            Column("groups", "Groups", sortable=False, numeric=True),
            Column("created", "Creation time", sortable=False),
        ),
        ("user", "users"),
        limit=MOST_USERS,
        held=held,
        held_reason="Already in the group",
        single=single,
    )


def group_picker(
    request: ConsoleRequest,
    limit: int | None,
    *,
    held: Collection[str] = (),
    unfit: Callable[[Group], str] = lambda group: "",
    key: str = "groups",
) -> Picker:
    """Groups to put a user into: `chosen` are their names, `held` those that the user is in.

    `unfit` says of a group why it can't be chosen, or nothing.
    """
    return Picker(
        request,
        key,
        lambda table: group_rows.rows(
            request.caller,
            list_groups(
                request.caller,
                search=table.search,
                page=table.number,
                page_size=table.size,
            ),
        ),
        _name,
        (
            Column("name", "Group name", sortable=False),
            Column("users", "Users", sortable=False, numeric=True),
            Column("policies", "Attached policies", sortable=False, numeric=True),
        ),
        ("group", "groups"),
        limit=limit,
        held=held,
        held_reason="In this group already",
        unfit=lambda row: unfit(row.group),
    )


def _policy_arn(policy: PolicyInUse) -> str:
    return policy.arn


def _not_attachable(policy: PolicyInUse) -> str:
    return "" if policy.is_attachable else "For service-linked roles only"


def _name(row: user_rows.Row | group_rows.Row) -> str:
    return row.name
