"""The wizard that creates a role: what was filled in so far, and which step is to be shown.

Nothing is kept on the server: each step carries what the others hold in hidden fields, so that two
tabs can't mix and going back loses nothing.
"""

from __future__ import annotations

from accounts import quotas
from accounts.types import Tag
from iamconsole.console.components.picker import policy_picker
from iamconsole.console.forms.roles import SERVICE, RoleForm, TrustForm
from iamconsole.console.forms.tags import PREFIX, posted_tag_rows, tag_rows
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import trust

STEPS = ("Select trusted entity", "Add permissions", "Name, review, and create")
MOST_POLICIES = quotas.POLICIES_PER["role"]
CREATE = "create"
_FIRST = {"trusted_entity": SERVICE, "service": trust.EC2}


class RoleWizard:
    """The three forms as sent. `step` is the one to show, from 1: the first that is not right."""

    def __init__(self, request: ConsoleRequest) -> None:
        posted = request.POST
        self.posted = posted
        self.account_id = request.caller.home.id
        self.asked = posted.get("go", "")
        self.policies = policy_picker(request, MOST_POLICIES)
        wanted = self._wanted()
        typed = posted.dict()
        self.trust = TrustForm(posted) if wanted > 1 else TrustForm(initial=typed or _FIRST)
        # Its fields are empty until the third step was seen: no errors before it is sent.
        naming = self.asked == CREATE
        self.naming = RoleForm(posted) if naming else RoleForm(initial=typed)
        has_tags = f"{PREFIX}-TOTAL_FORMS" in posted
        self.tags = posted_tag_rows(posted) if has_tags else tag_rows()
        self.step = self._reached(wanted)

    @property
    def complete(self) -> bool:
        """Whether *Create role* was pressed and everything is well-formed."""
        if self.asked != CREATE or self.step != len(STEPS):
            return False
        # Both are asked, so that both say what is wrong.
        return all([self.naming.is_valid(), self.tags.is_valid()])

    @property
    def refused(self) -> bool:
        """Whether what was sent did not do."""
        sent = self.trust.is_bound and not self.trust.is_valid()
        return sent or self.asked == CREATE or (self.step == 2 and bool(self.policies.problem))

    @property
    def service(self) -> str:
        """The service that the role is for, or nothing. Only once the first step is right."""
        chosen = self.trust.cleaned_data
        return str(chosen["service"]) if chosen["trusted_entity"] == SERVICE else ""

    @property
    def trust_policy(self) -> str:
        """The document that the first step means. Only once it is right."""
        if self.service:
            return trust.of_service(self.service)
        require_mfa = self.trust.cleaned_data["require_mfa"]
        return trust.of_account(self.account_id, require_mfa=require_mfa)

    @property
    def chosen_tags(self) -> list[Tag]:
        """The tags. Only once the rows are right."""
        return [Tag(key, value) for key, value in self.tags.tags]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the other steps hold, for this step's hidden fields."""
        return [
            (name, value)
            for name, values in self.posted.lists()
            if _step_of(name) not in (None, self.step)
            for value in values
        ]

    def _wanted(self) -> int:
        if self.policies.browsing:
            return 2
        if "add_tag" in self.posted or self.asked == CREATE:
            return 3
        return int(self.asked) if self.asked in ("1", "2", "3") else 1

    def _reached(self, wanted: int) -> int:
        if wanted > 1 and not self.trust.is_valid():
            return 1
        if wanted > 2 and self.policies.problem:
            return 2
        return wanted


def _step_of(name: str) -> int | None:
    """The step that a field belongs to; nothing for what is not carried along."""
    if name in TrustForm.base_fields:
        return 1
    if name == "policies":
        return 2
    return 3 if name in RoleForm.base_fields or name.startswith(f"{PREFIX}-") else None
