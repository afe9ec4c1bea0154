"""The steps of a form that writes a policy: the text, what is imported into it, the review.

Nothing is kept on the server: the text and what the review holds travel in hidden fields, so that
two tabs can't mix.
"""

from __future__ import annotations

from collections.abc import Sequence

from iamconsole.console.components.difference import Line, side_by_side
from iamconsole.console.forms.tags import PREFIX
from iamconsole.console.policies.changes import Effect, between
from iamconsole.console.policies.documents import Section, laid_out, sections
from iamconsole.console.policies.editor import GO, SKELETON, PolicyEditor, Purpose
from iamconsole.console.policies.importing import Importing
from iamconsole.console.request import ConsoleRequest

EDIT, IMPORT, REVIEW = "edit", "import", "review"
#: What the last button sends.
SAVE = "save"


class Writing:
    """One such form as it was sent. `step` is what to show.

    `held` are the names of the fields of the review, which the other steps carry along.
    """

    def __init__(
        self,
        request: ConsoleRequest,
        purpose: Purpose,
        *,
        initial: str = SKELETON,
        held: Sequence[str] = (),
    ) -> None:
        self._posted = request.POST
        self._held = held
        asked = request.POST.get(GO, "")
        self.editor = PolicyEditor(request, purpose, initial=initial)
        self.importing = Importing(request, asked)
        if self.importing.wanted:
            self.editor.document = self.importing.into(self.editor.document)
        #: Whether the button that saves was pressed, and the text may be saved.
        self.saving = asked == SAVE and self.editor.accepted
        self.step = self._step(asked)

    @property
    def document(self) -> str:
        """The text."""
        return self.editor.document

    @property
    def refused(self) -> bool:
        """Whether the form was to go on and can't."""
        if self.step == IMPORT:
            return bool(self.importing.problem)
        return self.step == EDIT and self._goes_on and self.editor.refused

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the review holds, for the hidden fields of the other steps."""
        return [
            (name, value)
            for name, values in self._posted.lists()
            if name in self._held or name.startswith(f"{PREFIX}-")
            for value in values
        ]

    @property
    def sections(self) -> tuple[Section, ...]:
        """The summary of what the text allows and denies."""
        return sections(self.document)

    def effect(self, before: str) -> Effect | None:
        """What the text allows more and less than what it takes the place of."""
        return between(before, self.document)

    def lines(self, before: str) -> list[Line]:
        """The text beside what it takes the place of."""
        return side_by_side(laid_out(before), laid_out(self.document))

    def _step(self, asked: str) -> str:
        if self.importing.browsing or self.importing.problem:
            return IMPORT
        self._goes_on = asked in (REVIEW, SAVE) or (not asked and "add_tag" in self._posted)
        return REVIEW if self._goes_on and self.editor.accepted else EDIT
