"""Creating a managed policy: the text to begin with, and what the review asks for."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.types import Tag
from iamconsole.console.components import panels
from iamconsole.console.forms.policy_editor import PolicyForm
from iamconsole.console.forms.tags import PREFIX, posted_tag_rows, tag_rows
from iamconsole.console.policies.editor import MANAGED, SKELETON
from iamconsole.console.policies.importing import document_of
from iamconsole.console.policies.writing import Writing
from iamconsole.console.policies.writing_pages import Page
from iamconsole.console.request import ConsoleRequest


class NewPolicy:
    """The form that creates a customer managed policy; `?copy=ARN` is one to begin with."""

    def __init__(self, request: ConsoleRequest) -> None:
        self._caller = request.caller
        copied = request.GET.get("copy", "") if request.method != "POST" else ""
        self.writing = Writing(
            request,
            MANAGED,
            initial=document_of(request.caller, copied) if copied else SKELETON,
            held=tuple(PolicyForm.base_fields),
        )
        posted = request.POST
        self.form = PolicyForm(posted) if self.writing.saving else PolicyForm(initial=posted.dict())
        self.tags = posted_tag_rows(posted) if f"{PREFIX}-TOTAL_FORMS" in posted else tag_rows()

    @property
    def complete(self) -> bool:
        """Whether the policy is to be created, and everything is well-formed."""
        return self.form.is_valid() and (self.tags.is_valid() or not self.tags.is_bound)

    @property
    def arguments(self) -> dict[str, Any]:
        """What CreatePolicy is called with, once that is so."""
        tags = self.tags.tags if self.tags.is_bound else ()
        return {
            **self.form.cleaned_data,
            "policy_document": self.writing.document,
            "tags": [Tag(key, value) for key, value in tags],
        }

    @property
    def page(self) -> Page:
        """What the form's pages say."""
        back_url = reverse("console:policies")
        return Page(
            steps=("Specify permissions", "Review and create"),
            title="Create policy",
            trail=[("Policies", back_url)],
            back_url=back_url,
            button="Create policy",
            denied=panels.missing_everywhere(self._caller, "iam:CreatePolicy"),
        )
