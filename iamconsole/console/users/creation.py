"""The wizard that makes users: what it was told so far, and the actions that follow from it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from accounts import arns, passwords
from accounts.actions import shared
from accounts.actions.users import get_user
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import AccessDenied, InvalidInput
from accounts.models import PasswordPolicy
from accounts.types import Tag, tag_mapping
from iamconsole.console.components import panels, steps
from iamconsole.console.components.picker import policy_picker
from iamconsole.console.components.steps import Outcome, Step, step
from iamconsole.console.credentials import kept_secrets
from iamconsole.console.forms.tags import PREFIX, posted_tag_rows, tag_rows
from iamconsole.console.forms.users import MOST_USERS, DetailsForm, NewGroupForm, ReviewForm
from iamconsole.console.groups.steps import creation as group_creation
from iamconsole.console.policies.types import label_of_arn
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import permission_choice
from iamconsole.console.users.permission_choice import PermissionChoice

#: What AWS attaches where a user must change a password that the account would not let him change.
CHANGE_PASSWORD = "arn:aws:iam::aws:policy/IAMUserChangePassword"

DETAILS, PERMISSIONS, REVIEW, CREATE = 1, 2, 3, 4
#: Asides of the second page: a group that is made on the way, and the boundary.
GROUP, MAKE_GROUP, BOUNDARY = 5, 6, 7
LABELS = ("Specify user details", "Set permissions", "Review and create", "Retrieve password")
_GOES = {
    "1": DETAILS,
    "2": PERMISSIONS,
    "3": REVIEW,
    "4": CREATE,
    "group": GROUP,
    "make-group": MAKE_GROUP,
    "boundary": BOUNDARY,
    "no-boundary": PERMISSIONS,
}

_TOKEN = re.compile(r"[0-9a-f]{16}")
_MORE_NAMES = re.compile(r"user_name_([2-9]|10)")


class Draft:
    """Users in the making. All of it travels in the form, but for the password that was typed.

    That one is kept sealed in the session, under the wizard's own token, so that two tabs don't
    mix theirs up.
    """

    def __init__(self, request: ConsoleRequest) -> None:
        self.request = request
        self.caller = request.caller
        self.posted = request.POST
        token = self.posted.get("wizard", "")
        self.token = token if _TOKEN.fullmatch(token) else secrets.token_hex(8)
        self.details = self._details()
        self.choice = PermissionChoice(request)
        self.group = NewGroupForm(self.posted if self._go == MAKE_GROUP else None)
        self.group_policies = policy_picker(request, None, key="group_policies")
        self.boundary = policy_picker(request, None, key="boundary", single=True)
        rows = f"{PREFIX}-TOTAL_FORMS" in self.posted
        self.tag_rows = posted_tag_rows(self.posted) if rows else tag_rows()
        self.review = ReviewForm({}, details=self.details)
        #: The passwords that were made or typed, by user.
        self.passwords: dict[str, str] = {}

    def destination(self) -> int:
        """The page to show: the one asked for, or the first that is not filled in right."""
        if self.request.method != "POST" or "add_user" in self.posted:
            return DETAILS
        if aside := self._aside:
            return aside
        wanted = self._wanted
        if wanted != DETAILS and not self._details_hold(check_names=wanted == PERMISSIONS):
            return DETAILS
        if wanted in (REVIEW, CREATE) and self.choice.problem:
            return PERMISSIONS
        if wanted == CREATE and not self.tag_rows.is_valid():
            return REVIEW
        return wanted

    def plans(self) -> dict[str, list[Step]]:
        """The actions for each user, in their order; only once the details hold.

        The first makes the user.
        """
        found = {name: self._plan(name) for name in self.names}
        if len(found) == 1:
            return found
        return {
            name: [plan[0], *(replace(each, label=f"{name}: {each.label}") for each in plan[1:])]
            for name, plan in found.items()
        }

    @property
    def missing(self) -> list[str]:
        """The actions that the caller lacks for these users, with these tags, in these groups."""
        shared.look_ahead(self.caller, users=self.names, groups=self.choice.given.groups)
        found = [
            lacking
            for name, plan in self.plans().items()
            for lacking in steps.missing(self.caller, plan, future=self._future(name))
        ]
        return list(dict.fromkeys(found))

    def carry_out(self) -> list[Outcome]:
        """Make the users; nothing where nobody could be made, and the forms say why.

        What the caller lacks for any later step is said before anything is done. Who can't be made
        keeps nobody else from it. Raises AccessDenied where nobody may be made.
        """
        plans, lacking = self.plans(), self.missing
        # A first step that is not allowed is called all the same: its refusal is to be on record.
        if lacking and "iam:CreateUser" not in lacking:
            told = f"Nothing was done: you also need {' and '.join(lacking)}."
            self.review.add_error(None, told)
            return []
        outcomes: list[Outcome] = []
        refused: list[tuple[str, Outcome]] = []
        for name, plan in plans.items():
            first = steps.run(self.caller, plan[:1])[0]
            if first.error is None:
                outcomes += [first, *steps.run(self.caller, plan[1:], go_on=True)]
            else:
                refused.append((name, first))
                outcomes += [first, *(Outcome(each, reached=False) for each in plan[1:])]
        if len(refused) == len(plans):
            self._refuse(refused)
            return []
        return outcomes

    def make_group(self) -> list[Outcome]:
        """Make the group that was asked for; nothing where its form says why not."""
        if not self.group.is_valid():
            return []
        name = self.group.cleaned_data["group_name"]
        wanted = group_creation(name, (), self.group_policies.chosen)
        lacking = steps.missing(self.caller, wanted)
        if lacking and "iam:CreateGroup" not in lacking:
            self.group.add_error(None, f"Nothing was done: you also need {' and '.join(lacking)}.")
            return []
        first = steps.run(self.caller, wanted[:1])
        if first[0].error is not None:
            self.group.refuse(first[0].error)
            return []
        self.choice.groups.choose(name)
        return first + steps.run(self.caller, wanted[1:], go_on=True)

    @property
    def names(self) -> list[str]:
        """The users' names; only once the details hold."""
        return list(self.details.names)

    @property
    def tags(self) -> list[Tag]:
        """The tags, where their rows make sense."""
        if not (self.tag_rows.is_bound and self.tag_rows.is_valid()):
            return []
        return [Tag(key, value) for key, value in self.tag_rows.tags]

    @property
    def attaches_policy(self) -> bool:
        """Whether the users need a policy to be able to change their first password."""
        reset: bool = self.details.cleaned_data["password_reset_required"]
        has = CHANGE_PASSWORD in self.choice.given.attached
        return self.details.wants_password and reset and not has and self._may_not_change_password

    @property
    def boundary_arn(self) -> str | None:
        """The boundary that was chosen, or that is copied from another user."""
        return self.chosen_boundary or self.choice.given.boundary

    @property
    def chosen_boundary(self) -> str:
        """The boundary that was chosen here."""
        return "" if self._dropped else "".join(self.boundary.chosen)

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """What the review lists of permissions: name, type, what it is used as."""
        rows = self.choice.given.rows
        if self.attaches_policy:
            rows.append(("IAMUserChangePassword", "AWS managed", "Permissions policy"))
        if arn := self.boundary_arn:
            label = label_of_arn(arn)
            rows.append((arns.last_part(arn), label, "Permissions boundary"))
        return rows

    @property
    def with_credentials(self) -> bool:
        """Whether the page of passwords and keys will follow, as far as that is known."""
        return "console_access" in self.posted or "programmatic_access" in self.posted

    def refused(self, page: int) -> bool:
        """Whether the page is shown because what was typed on it can't be."""
        if page == DETAILS:
            return bool(self.details.errors) and "add_user" not in self.posted
        if page == PERMISSIONS:
            return bool(self.problem)
        if page == GROUP:
            return bool(self.group.errors)
        return page == REVIEW and bool(self.review.errors or self._tags_are_wrong)

    @property
    def problem(self) -> str:
        """What is wrong with the permissions, once somebody wants to go on from them."""
        onward = self._wanted in (REVIEW, CREATE) and not self._aside
        return self.choice.problem if onward else ""

    def carried(self, page: int) -> list[tuple[str, str]]:
        """What was typed on the other pages, for hidden fields of this one; never a password."""
        pairs = []
        for name, values in self.posted.lists():
            owner = self._page_of(name)
            if owner and owner != page and name != "password":
                pairs += [(name, value) for value in values]
        return pairs

    def forget(self) -> None:
        """Drop the password that was kept between the pages."""
        kept_secrets.drop(self.request, self._purpose)

    def _details(self) -> DetailsForm:
        sent = self.posted if self.request.method == "POST" else None
        numbers = [int(found[1]) for name in self.posted if (found := _MORE_NAMES.fullmatch(name))]
        names = max(numbers, default=1)
        adding = "add_user" in self.posted
        if adding:
            names = min(names + 1, MOST_USERS)
            if typed := self.posted.get("password", ""):
                self._keep(typed)
            return DetailsForm(
                initial=self.posted.dict() | {"password_reset_required": self._ticked_reset},
                caller=self.caller,
                kept=self._kept,
                names=names,
            )
        return DetailsForm(sent, caller=self.caller, kept=self._kept, names=names)

    def _future(self, name: str) -> Resource:
        """The user as policies will see it once it is there."""
        try:
            tags = tag_mapping(self.tags)
        except InvalidInput:
            # Duplicate keys and their like: CreateUser will say so.
            tags = {}
        arn = arns.named(self.caller.home, "user", "/", name)
        return Resource(arn, self.caller.home.id, tags, context=arns.bounded(self.boundary_arn))

    def _plan(self, name: str) -> list[Step]:
        wanted = [
            step(
                f"Create user {name}",
                "iam:CreateUser",
                user_name=name,
                tags=self.tags or None,
                permissions_boundary=self.boundary_arn,
            )
        ]
        if self.details.wants_password:
            wanted.append(self._password(name))
        if self.attaches_policy:
            wanted.append(let_change_password(name))
        if self.details.wants_key:
            wanted.append(step("Create an access key", "iam:CreateAccessKey", user_name=name))
        return wanted + self.choice.given.steps(name)

    def _password(self, name: str) -> Step:
        if name not in self.passwords:
            self.passwords[name] = self.details.typed or passwords.generate(self._policy)
        return step(
            "Set the password",
            "iam:CreateLoginProfile",
            user_name=name,
            password=self.passwords[name],
            password_reset_required=self.details.cleaned_data["password_reset_required"],
        )

    @cached_property
    def _policy(self) -> PasswordPolicy | None:
        return passwords.policy_of(self.caller.home)

    @cached_property
    def _may_not_change_password(self) -> bool:
        return needs_policy_to_change(self.caller)

    def _refuse(self, refused: Sequence[tuple[str, Outcome]]) -> None:
        for name, outcome in refused:
            if isinstance(outcome.error, AccessDenied):
                raise outcome.error
            if outcome.error is not None:
                self.review.refuse_user(self.details.names[name], outcome.error)

    @property
    def _aside(self) -> int:
        """The page on which somebody looks through a list."""
        if self.choice.browsing:
            return PERMISSIONS
        if self.group_policies.browsing:
            return GROUP
        return BOUNDARY if self.boundary.browsing else 0

    @cached_property
    def _go(self) -> int:
        return _GOES.get(self.posted.get("go", ""), PERMISSIONS)

    @property
    def _wanted(self) -> int:
        return REVIEW if "add_tag" in self.posted else self._go

    @property
    def _dropped(self) -> bool:
        return self.posted.get("go") == "no-boundary"

    @property
    def _tags_are_wrong(self) -> bool:
        return self.tag_rows.is_bound and not self.tag_rows.is_valid()

    @property
    def _ticked_reset(self) -> bool:
        return "password_reset_required" in self.posted

    def _details_hold(self, *, check_names: bool) -> bool:
        if not self.details.is_valid():
            return False
        shared.look_ahead(self.caller, users=self.names if check_names else ())
        for name, field in self.details.names.items() if check_names else ():
            if panels.panel(get_user, self.caller, user_name=name).value:
                self.details.add_error(field, f"User with name {name} already exists.")
        if self.details.errors:
            return False
        if typed := self.details.typed:
            self._keep(typed)
        else:
            self.forget()
        return True

    def _page_of(self, name: str) -> int:
        """The page that a field stands on; 0 for a field of none."""
        if name in self.details.fields:
            return DETAILS
        if name in permission_choice.FIELDS:
            return PERMISSIONS
        if name == "boundary":
            return 0 if self._dropped else BOUNDARY
        return REVIEW if name.startswith(f"{PREFIX}-") else 0

    def _keep(self, password: str) -> None:
        kept_secrets.keep(self.request, self._purpose, {"password": password}, self.caller.now)

    @property
    def _kept(self) -> str:
        kept = kept_secrets.look(self.request, self._purpose, self.caller.now) or {}
        return str(kept.get("password", ""))

    @property
    def _purpose(self) -> str:
        return f"new-user-{self.token}"


def let_change_password(user_name: str) -> Step:
    """Attach the policy that lets a user change the own password."""
    label = "Attach IAMUserChangePassword"
    return step(label, "iam:AttachUserPolicy", user_name=user_name, policy_arn=CHANGE_PASSWORD)


def needs_policy_to_change(caller: Caller) -> bool:
    """Whether users of the account need a policy to change their own passwords."""
    policy = passwords.policy_of(caller.home)
    return policy is None or not policy.allow_users_to_change_password


def generated(caller: Caller) -> str:
    """A random password within the policy in force."""
    return passwords.generate(passwords.policy_of(caller.home))
