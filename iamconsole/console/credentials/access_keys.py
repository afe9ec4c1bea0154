"""Access keys as pages show them: in a list, in the wizard, and with the secret, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.http import HttpResponse

from accounts import quotas
from accounts.actions.access_keys import NewAccessKey, list_access_keys
from accounts.actions.users import get_user, list_user_tags
from accounts.caller import Caller
from accounts.errors import NoSuchEntity
from accounts.models import AccessKey
from accounts.types import Tag
from iamconsole.console.components import panels, steps
from iamconsole.console.components.downloads import csv_file
from iamconsole.console.components.panels import Panel
from iamconsole.console.components.steps import Step, step
from iamconsole.console.credentials import kept_secrets
from iamconsole.console.credentials.owner import Owner
from iamconsole.console.forms.access_keys import DescriptionForm, RootKeyForm, UseCaseForm
from iamconsole.console.request import ConsoleRequest

#: What AWS's own file is headed; scripts read it.
HEADER = ("Access key ID", "Secret access key")
FULL = f"There are {quotas.KEYS_PER_OWNER} access keys already, active or not."
#: What the buttons of a list of keys lead to.
ACTIONS = ("iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey", "iam:TagUser")


@dataclass(frozen=True, slots=True)
class Listed:
    """One key in the list of its owner."""

    key: AccessKey
    owner: Owner
    #: What its tag says.
    description: str = ""

    @property
    def switch_url(self) -> str:
        """The dialog that deactivates an active key, or activates an inactive one."""
        return self._page("deactivate" if self.key.is_active else "activate")

    @property
    def delete_url(self) -> str:
        """The dialog that deletes it."""
        return self._page("delete")

    @property
    def describe_url(self) -> str:
        """The page that edits its description; the root user has no tags."""
        return "" if self.owner.is_root else self._page("describe")

    def _page(self, verb: str) -> str:
        return self.owner.page(f"key-{verb}", self.key.access_key_id)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A new key with its secret, for the page that shows it once."""

    access_key_id: str
    secret: str
    owner: str
    use_case: str = ""


class Draft:
    """The wizard's forms, as far as they were filled in. Nothing in it is secret yet."""

    def __init__(self, request: ConsoleRequest, owner: Owner) -> None:
        sent = request.POST if request.method == "POST" else None
        self.owner = owner
        self.use_case = RootKeyForm(sent) if owner.is_root else UseCaseForm(sent)
        self.wanted = request.POST.get("go", "")
        asked = sent if self.wanted == "create" else None
        self.description = DescriptionForm(asked, initial=request.POST.dict())
        self.page = 2 if self.wanted in ("2", "create") and self.use_case.is_valid() else 1
        if owner.is_root or self.wanted == "1":
            self.page = 1

    @property
    def ready(self) -> bool:
        """Whether all was filled in and the last button pressed."""
        if self.wanted != "create" or not self.use_case.is_valid():
            return False
        return self.owner.is_root or self.description.is_valid()

    @property
    def text(self) -> str:
        """The description; only once the form holds. The root user's key has none."""
        return "" if self.owner.is_root else str(self.description.cleaned_data["description"])

    @property
    def form(self) -> UseCaseForm | RootKeyForm | DescriptionForm:
        """The form of the page that is shown."""
        return self.use_case if self.page == 1 else self.description

    @property
    def refused(self) -> bool:
        """Whether the page is shown because what was typed on it can't be."""
        return self.form.is_bound and bool(self.form.errors) and self.wanted != "1"


def of_owner(caller: Caller, owner: Owner) -> list[AccessKey]:
    """The keys of an owner."""
    return list(list_access_keys(caller, **owner.named).items)


def full(keys: Panel) -> str:
    """Why there is no room for another key, in words, as far as the caller may know."""
    return FULL if keys.value and len(keys.value.items) >= quotas.KEYS_PER_OWNER else ""


def one_of(caller: Caller, owner: Owner, access_key_id: str) -> AccessKey:
    """One of an owner's keys; raise NoSuchEntity for anybody else's."""
    for key in of_owner(caller, owner):
        if key.access_key_id == access_key_id:
            return key
    raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")


def listed(keys: Iterable[AccessKey], owner: Owner, tags: Mapping[str, str]) -> list[Listed]:
    """Keys as the list shows them; `tags` are the owner's."""
    return [Listed(key, owner, tags.get(key.access_key_id, "")) for key in keys]


def description_of(caller: Caller, owner: Owner, access_key_id: str) -> str:
    """What the key's tag says, as far as the caller may know."""
    if owner.is_root:
        return ""
    found = panels.panel(list_user_tags, caller, **owner.named, max_items=1000)
    tags = found.value.items if found.value else ()
    return next((tag.value for tag in tags if tag.key == access_key_id), "")


def described(owner: Owner, access_key_id: str, text: str) -> Step:
    """The step that sets a key's description, or takes it away where there is no text."""
    if not text:
        label = f"Remove the description of {access_key_id}"
        return step(label, "iam:UntagUser", **owner.named, tag_keys=[access_key_id])
    label = f"Describe {access_key_id}"
    return step(label, "iam:TagUser", **owner.named, tags=[Tag(access_key_id, text)])


def deletion(caller: Caller, owner: Owner, access_key_id: str) -> list[Step]:
    """The steps that delete a key, and its description where the caller may do that too."""
    label = f"Delete {access_key_id}"
    wanted = [step(label, "iam:DeleteAccessKey", **owner.named, access_key_id=access_key_id)]
    if description_of(caller, owner, access_key_id):
        untag = described(owner, access_key_id, "")
        if not steps.missing(caller, [untag]):
            wanted.append(untag)
    return wanted


def must_exist(caller: Caller, owner: Owner) -> None:
    """Raise NoSuchEntity for a user that is not there, as far as the caller may know that."""
    if owner.user_name is not None and not owner.own:
        panels.subject(get_user, caller, **owner.named)


def keep(request: ConsoleRequest, owner: Owner, made: NewAccessKey, use_case: str = "") -> None:
    """Keep a secret for its page, sealed, for ten minutes."""
    key_id = made.key.access_key_id
    kept = Retrieved(key_id, made.secret, owner.user_name or "", use_case)
    kept_secrets.keep(request, _purpose(key_id), asdict(kept), request.caller.now)


def look(request: ConsoleRequest, owner: Owner, access_key_id: str) -> Retrieved | None:
    """What was kept of this owner's key, if it is still there."""
    found = kept_secrets.look(request, _purpose(access_key_id), request.caller.now)
    if found is None or found["owner"].lower() != (owner.user_name or "").lower():
        return None
    return Retrieved(**found)


def download(request: ConsoleRequest, shown: Retrieved) -> HttpResponse:
    """The file; from here on the secret is gone."""
    kept_secrets.drop(request, _purpose(shown.access_key_id))
    name = f"{shown.owner}_accessKeys.csv" if shown.owner else "rootkey.csv"
    return csv_file(name, HEADER, [(shown.access_key_id, shown.secret)], exact=HEADER)


def _purpose(access_key_id: str) -> str:
    return f"access-key-{access_key_id}"
