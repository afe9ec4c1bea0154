"""The wizard that makes a user: what it was told so far, and the actions that follow from it."""

from __future__ import annotations

import re
import secrets
from functools import partial

from accounts import arns, passwords
from accounts.actions.users import get_user
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import InvalidInput
from accounts.quotas import GROUPS_PER_USER
from accounts.types import Tag, tag_mapping
from iamconsole.console.components import panels, steps
from iamconsole.console.components.picker import group_picker
from iamconsole.console.components.steps import Step, step
from iamconsole.console.credentials import kept_secrets
from iamconsole.console.forms.tags import PREFIX, posted_tag_rows, tag_rows
from iamconsole.console.forms.users import DetailsForm, ReviewForm
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import pages as user_pages

#: What AWS attaches where a user must change a password that the account would not let him change.
CHANGE_PASSWORD = "arn:aws:iam::aws:policy/IAMUserChangePassword"

DETAILS, PERMISSIONS, REVIEW, CREATE = 1, 2, 3, 4
LABELS = ("Specify user details", "Set permissions", "Review and create", "Retrieve password")

_TOKEN = re.compile(r"[0-9a-f]{16}")


class Draft:
    """A user in the making. All of it travels in the form, but for the password that was typed.

    That one is kept sealed in the session, under the wizard's own token, so that two tabs don't
    mix theirs up.
    """

    def __init__(self, request: ConsoleRequest) -> None:
        self.request = request
        self.caller = request.caller
        self.posted = request.POST
        token = self.posted.get("wizard", "")
        self.token = token if _TOKEN.fullmatch(token) else secrets.token_hex(8)
        kept = kept_secrets.look(request, self._purpose, self.caller.now) or {}
        sent = self.posted if request.method == "POST" else None
        self.details = DetailsForm(sent, caller=self.caller, kept=kept.get("password", ""))
        may_join = partial(user_pages.join_refusal, self.caller)
        self.groups = group_picker(request, GROUPS_PER_USER, unfit=may_join)
        rows = f"{PREFIX}-TOTAL_FORMS" in self.posted
        self.tag_rows = posted_tag_rows(self.posted) if rows else tag_rows()
        self.review = ReviewForm({}, details=self.details)
        self.password = ""

    def destination(self) -> int:
        """The page to show: the one asked for, or the first that is not filled in right."""
        if self.request.method != "POST":
            return DETAILS
        if self.groups.browsing:
            return PERMISSIONS
        wanted = self._wanted()
        if wanted > DETAILS and not self._details_hold(check_name=wanted == PERMISSIONS):
            return DETAILS
        if wanted > PERMISSIONS and self.groups.problem:
            return PERMISSIONS
        if wanted == CREATE and not self.tag_rows.is_valid():
            return REVIEW
        return wanted

    def plan(self) -> list[Step]:
        """The actions, in their order; only once the details hold. The first makes the user."""
        name = self.name
        wanted = [
            step(f"Create user {name}", "iam:CreateUser", user_name=name, tags=self.tags or None)
        ]
        if self.details.wants_password:
            wanted += self._password_steps()
        wanted += [
            step(f"Add to group {group}", "iam:AddUserToGroup", user_name=name, group_name=group)
            for group in self.groups.chosen
        ]
        return wanted

    @property
    def missing(self) -> list[str]:
        """The actions that the caller lacks for this user, with these tags, in these groups."""
        return steps.missing(self.caller, self.plan(), future=self.future)

    @property
    def future(self) -> Resource:
        """The user as policies will see it once it is there."""
        try:
            tags = tag_mapping(self.tags)
        except InvalidInput:
            # Duplicate keys and their like: CreateUser will say so.
            tags = {}
        arn = arns.named(self.caller.home, "user", "/", self.name)
        return Resource(arn, self.caller.home.id, tags)

    @property
    def name(self) -> str:
        """The user's name; only once the details hold."""
        return str(self.details.cleaned_data["user_name"])

    @property
    def tags(self) -> list[Tag]:
        """The tags, where their rows make sense."""
        if not (self.tag_rows.is_bound and self.tag_rows.is_valid()):
            return []
        return [Tag(key, value) for key, value in self.tag_rows.tags]

    @property
    def attaches_policy(self) -> bool:
        """Whether the user needs a policy to be able to change the first password."""
        reset: bool = self.details.cleaned_data["password_reset_required"]
        return reset and needs_policy_to_change(self.caller)

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """What the review lists of permissions: name, type, what it is used as."""
        rows = [(group, "Group", "Permissions group") for group in self.groups.chosen]
        if self.details.wants_password and self.attaches_policy:
            rows.append(("IAMUserChangePassword", "AWS managed", "Permissions policy"))
        return rows

    @property
    def with_password(self) -> bool:
        """Whether the password's page will follow, as far as that is known."""
        return "console_access" in self.posted

    def refused(self, page: int) -> bool:
        """Whether the page is shown because what was typed on it can't be."""
        if page == DETAILS:
            return bool(self.details.errors)
        if page == PERMISSIONS:
            return bool(self.groups.problem)
        return bool(self.review.errors or self._tags_are_wrong)

    @property
    def _tags_are_wrong(self) -> bool:
        return self.tag_rows.is_bound and not self.tag_rows.is_valid()

    def carried(self, page: int) -> list[tuple[str, str]]:
        """What was typed on the other pages, for hidden fields of this one; never a password."""
        pairs = []
        for name, values in self.posted.lists():
            owner = _page_of(name, self.details)
            if owner and owner != page and name != "password":
                pairs += [(name, value) for value in values]
        return pairs

    def forget(self) -> None:
        """Drop the password that was kept between the pages."""
        kept_secrets.drop(self.request, self._purpose)

    def _wanted(self) -> int:
        if "add_tag" in self.posted:
            return REVIEW
        go = self.posted.get("go", "")
        return int(go) if go in ("1", "2", "3", "4") else PERMISSIONS

    def _details_hold(self, *, check_name: bool) -> bool:
        if not self.details.is_valid():
            return False
        if check_name and panels.panel(get_user, self.caller, user_name=self.name).value:
            self.details.add_error("user_name", f"User with name {self.name} already exists.")
            return False
        self._keep_password()
        return True

    def _keep_password(self) -> None:
        if typed := self.details.typed:
            secret = {"password": typed}
            kept_secrets.keep(self.request, self._purpose, secret, self.caller.now)
        else:
            self.forget()

    def _password_steps(self) -> list[Step]:
        self.password = self.password or self.details.typed or generated(self.caller)
        name = self.name
        wanted = [
            step(
                "Set the password",
                "iam:CreateLoginProfile",
                user_name=name,
                password=self.password,
                password_reset_required=self.details.cleaned_data["password_reset_required"],
            )
        ]
        if self.attaches_policy:
            wanted.append(let_change_password(name))
        return wanted

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


def _page_of(name: str, details: DetailsForm) -> int:
    """The page that a field stands on; 0 for a field of none."""
    if name in details.fields:
        return DETAILS
    if name == "groups":
        return PERMISSIONS
    return REVIEW if name.startswith(f"{PREFIX}-") else 0
