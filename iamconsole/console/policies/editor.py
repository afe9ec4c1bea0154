"""The policy editor of a form: the text, what can be said about it, and whether it may be saved.

The text is the only thing that is kept, byte for byte as its author wrote it. It travels with the
form as the field `document`: shown as JSON, or hidden while something else is shown. Browsers
change the ends of lines; `document-breaks` says what they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from django.http import QueryDict

from accounts import engine, quotas
from accounts.actions import documents
from accounts.engine import Finding, FindingType, PolicyKind
from accounts.errors import ServiceError
from iamconsole.console.policies import visual
from iamconsole.console.request import ConsoleRequest

#: What a form posts: the text, what shows it, and the button that only asks for the findings.
FIELD, BREAKS, MODE, CHECK = "document", "document-breaks", "mode", "check"
JSON, VISUAL = "json", "visual"
#: The name of the buttons by which a page goes on, back, or saves.
GO = "go"

#: The document that a new policy begins with.
SKELETON = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Statement1",
            "Effect": "Allow",
            "Action": [],
            "Resource": []
        }
    ]
}"""

#: The one that a new trust policy begins with.
TRUST_SKELETON = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Statement1",
            "Effect": "Allow",
            "Principal": {},
            "Action": "sts:AssumeRole"
        }
    ]
}"""

#: The one that a new policy of a resource begins with: of a bucket, of a topic.
RESOURCE_SKELETON = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Statement1",
            "Effect": "Allow",
            "Principal": {},
            "Action": [],
            "Resource": []
        }
    ]
}"""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a document is written for. `limit` is in characters, white space not counted."""

    kind: PolicyKind
    limit: int
    #: Raises what saving would say of the text by itself.
    check: Callable[[str], None]
    #: How many of the characters other policies take already, and a sentence that says so.
    used: int = 0
    others: str = ""

    @property
    def room(self) -> int:
        """How many characters the document may have."""
        return max(0, self.limit - self.used)


#: A customer managed policy.
MANAGED = Purpose(PolicyKind.IDENTITY, quotas.MANAGED_POLICY_SIZE, documents.check_managed)
#: A role's trust policy.
TRUST = Purpose(
    PolicyKind.TRUST,
    quotas.TRUST_POLICY_SIZE,
    partial(documents.check_trust, argument="policy_document"),
)
_INLINE = Purpose(PolicyKind.IDENTITY, 0, documents.check_inline)


def inline(kind: str, used: int, others: str) -> Purpose:
    """An inline policy of a `user`, `group` or `role`; `used` is what its others take."""
    return replace(_INLINE, limit=quotas.INLINE_SIZE[kind], used=used, others=others)


class PolicyEditor:
    """The editor of one form, as `components/policy_editor.html` draws it.

    `initial` is the text it begins with. Visual or JSON is asked for by buttons of the form, so
    both work without scripts; only a policy of an identity has a visual side. A new policy begins
    with it, as in the real console, and any other as JSON, but for `?mode=` in the address.
    """

    def __init__(
        self,
        request: ConsoleRequest,
        purpose: Purpose,
        *,
        initial: str = SKELETON,
        attached_to: str | None = None,
    ) -> None:
        self.purpose = purpose
        self._attached_to = attached_to
        posted = request.POST
        self.sent = request.method == "POST" and FIELD in posted
        #: The text, after whatever the form's buttons did to it.
        self.document = _posted_text(posted) if self.sent else initial
        self.has_visual = purpose.kind is PolicyKind.IDENTITY
        first = request.GET.get(MODE, VISUAL if initial == SKELETON else JSON)
        asked = posted.getlist(MODE) if self.sent else [first]
        modes = asked if self.has_visual else []
        #: What shows the text now: of two values the first was shown, the second is wanted.
        self.mode = VISUAL if modes[-1:] == [VISUAL] else JSON
        self._checking = CHECK in posted
        self._only_looking = self._checking or len(modes) > 1
        #: The other side of the text, while it shows or was just left.
        self.visual: visual.VisualEditor | None = None
        if VISUAL in modes:
            self.visual = visual.VisualEditor(request, self.document)
            self.document = self.visual.document
            self._only_looking = self._only_looking or self.visual.browsing

    @property
    def breaks(self) -> str:
        """The text's line ends, for the hidden field that browsers don't change."""
        return visual.breaks(self.document)

    @property
    def untouched(self) -> bool:
        """Whether nothing was written yet and nobody asked: then nothing is said of the text."""
        skeleton = self.document in (SKELETON, TRUST_SKELETON, RESOURCE_SKELETON)
        going_on = self.sent and not self._only_looking
        return skeleton and not going_on and not self._checking

    @property
    def accepted(self) -> bool:
        """Whether the form was sent to go on, and the text may be saved as far as it goes."""
        return self.sent and not self._only_looking and not self.blocked

    @property
    def refused(self) -> bool:
        """Whether the form was sent to go on, and may not."""
        return self.sent and not self._only_looking and self.blocked

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All there is to say about the text, in its order."""
        if self.untouched:
            return ()
        return engine.lint(
            self.document,
            self.purpose.kind,
            quota=self.purpose.room,
            attached_to=self._attached_to,
        )

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """The four counters: the kind of status, the console's label, how many."""
        found = Counter(finding.type for finding in self.findings)
        return [(kind, label, found[type_]) for type_, (kind, label) in _LABELS.items()]

    @property
    def rows(self) -> list[Row]:
        """The findings as the list below the editor shows them."""
        return [Row(finding, *_LABELS[finding.type]) for finding in self.findings]

    @property
    def remaining(self) -> int:
        """How many characters are left; less than nothing where there are too many."""
        return self.purpose.room - engine.size(self.document)

    @property
    def over(self) -> int:
        """How many characters there are too many."""
        return max(0, -self.remaining)

    @cached_property
    def refusal(self) -> str:
        """What keeps the text from being saved and is not among the findings: AWS's message."""
        if self.untouched or any(each.type is FindingType.ERROR for each in self.findings):
            return ""
        if self.over and self.purpose.used:
            return f"Maximum policy size of {self.purpose.limit} bytes exceeded."
        try:
            self.purpose.check(self.document)
        except ServiceError as error:
            return error.message
        return ""

    @property
    def blocked(self) -> bool:
        """Whether the text can't be saved: by an error, or by what saving would say."""
        errors = any(finding.type is FindingType.ERROR for finding in self.findings)
        return errors or bool(self.refusal)


_LABELS = {
    FindingType.SECURITY_WARNING: ("warning", "Security"),
    FindingType.ERROR: ("error", "Errors"),
    FindingType.WARNING: ("warning", "Warnings"),
    FindingType.SUGGESTION: ("info", "Suggestions"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One finding of the list. `kind` is a status, `group` the counter that it belongs to."""

    finding: Finding
    kind: str
    group: str


def _posted_text(posted: QueryDict) -> str:
    """The text as its author wrote it: browsers send every line's end as CR LF, whatever it was."""
    text = posted.get(FIELD, "").replace("\r\n", "\n")
    return visual.with_breaks(text, posted.get(BREAKS, ""))
