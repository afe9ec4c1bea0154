"""The visual policy editor: a policy's text as blocks of a form, and back.

How a page uses it, in a POST form with an id that posts to the page's own address:

    editor = VisualEditor(request, document)      # `document`: the text, posted or to begin with
    if request.method == "POST" and not editor.browsing:
        … Next or Save was pressed: go on with `editor.document` …
    return render(request, template, {"editor": editor})

    {% include "console/policies/visual_editor.html" with editor=editor only %}

The include holds the hidden fields `document`, which is the text and the only state, and
`document-breaks`, by which the text gets back the line ends that browsers make CR LF. Its style
sheet is `css/visual_editor.css`, to be linked in the page's `head` block. All its other fields and
buttons are called `visual` or begin with `visual-`. Enter presses a form's first submit button, so
one with the name `visual` and the value `enter` should stand before all others: it adds what was
typed. Scripts swap the include alone; what the page says of the text has the id `document-report`
and is swapped with it by an `hx-select-oob` around the include.

A post without fields of the visual editor (from the JSON editor) leaves the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from django.http import QueryDict

from accounts.engine import catalog
from accounts.engine.jsontext import MAX_LENGTH, MalformedPolicy
from iamconsole.console.policies import visual_blocks
from iamconsole.console.policies.visual_blocks import MAX_RESOURCES, Block, Blocks, fits
from iamconsole.console.policies.visual_choices import (
    OPERATOR_NAMES,
    QUALIFIERS,
    Offer,
    services_in_words,
)
from iamconsole.console.policies.visual_form import VisualForm
from iamconsole.console.policies.visual_text import Source
from iamconsole.console.request import ConsoleRequest

#: As many statements as one page shows.
MAX_BLOCKS = 100

#: As many actions in words, services found and values as one list shows.
MAX_LISTED = 100

_BREAK = re.compile("\r\n|\r|\n")
_LETTERS = {"\n": "n", "\r": "r", "\r\n": "b"}
_BREAKS: Mapping[str, str] = {letter: each for each, letter in _LETTERS.items()}


class Problem(NamedTuple):
    """Why there are no blocks: in words, and where, both counted from 1."""

    message: str
    line: int | None = None
    column: int | None = None


class Arn(NamedTuple):
    """A resource of the open statement; without a field where a field would change it."""

    number: int
    text: str
    has_field: bool


class Shown(NamedTuple):
    """A block of the page, whether its fields are shown, its services in words."""

    block: Block
    open: bool
    services: list[str]
    focused: bool


class VisualEditor:
    """The visual side of a form's policy, after what the form's post asked for.

    `document` is the text then, `browsing` whether a button of the editor was pressed or something
    typed is not added yet, so that nothing is to be saved. `problem` says why there are no
    `blocks`: such a text can be edited as JSON only.
    """

    operators = OPERATOR_NAMES
    qualifiers = QUALIFIERS

    def __init__(self, request: ConsoleRequest, document: str) -> None:
        post = request.POST if request.method == "POST" else QueryDict()
        account = request.caller.account
        text = with_breaks(document, post.get("document-breaks", ""))
        self.problem = _problem(text)
        if self.problem:
            post = QueryDict()
        self.form = VisualForm(text, post, account.id if account else "")
        self.document = self.form.text
        self.browsing = "visual" in request.POST or bool(self.form.refusals)
        #: Whether the post came from the visual editor.
        self._was_shown = "visual-open" in post

    @property
    def breaks(self) -> str:
        """The document's line ends, for the hidden field."""
        return breaks(self.document)

    @cached_property
    def _blocks(self) -> Blocks | None:
        return None if self.problem else visual_blocks.read(Source(self.document))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The statements, each a block."""
        return self._blocks.blocks if self._blocks else ()

    @property
    def shown(self) -> list[Shown]:
        """The blocks of this page."""
        around = self.opened.index if self.opened else 0
        first = max(0, min(around - MAX_BLOCKS // 2, len(self.blocks) - MAX_BLOCKS))
        return [
            Shown(
                block,
                block is self.opened,
                services_in_words(block),
                self.form.focus == f"block-{block.index}",
            )
            for block in self.blocks[first : first + MAX_BLOCKS]
        ]

    @property
    def left_out(self) -> int:
        """How many statements the page does not show."""
        return max(0, len(self.blocks) - MAX_BLOCKS)

    @property
    def kept(self) -> tuple[visual_blocks.Kept, ...]:
        """What stands in the document beside its statements and is not shown."""
        return self._blocks.kept if self._blocks else ()

    @property
    def version(self) -> str:
        return self._blocks.version if self._blocks else ""

    @property
    def old_version(self) -> bool:
        """Whether `${...}` is plain text in the document."""
        return bool(self._blocks and self._blocks.old_version)

    @cached_property
    def opened(self) -> Block | None:
        """The statement whose fields are shown: the only one, until somebody chooses."""
        number = self.form.open
        if not self._was_shown and len(self.blocks) == 1:
            number = 0
        return self.blocks[number] if number is not None and number < len(self.blocks) else None

    @cached_property
    def offer(self) -> Offer | None:
        """What there is to choose for the open statement."""
        if self.opened is None:
            return None
        return Offer(self.opened, self.form.prefix, self.form.search)

    @property
    def found_services(self) -> list[catalog.ServiceSummary]:
        return self.form.found_services[:MAX_LISTED]

    @property
    def resources(self) -> list[Arn]:
        """The open statement's resources."""
        texts = self.opened.resources if self.opened else ()
        return [Arn(number, text, fits(text)) for number, text in enumerate(texts[:MAX_RESOURCES])]

    @property
    def more_resources(self) -> int:
        """How many resources of the open statement are not shown."""
        return max(0, len(self.opened.resources) - MAX_RESOURCES) if self.opened else 0


def breaks(text: str) -> str:
    """A text's line ends, one letter each; the last letter stands for all that follow."""
    letters = "".join(_LETTERS[each] for each in _BREAK.findall(text))
    return letters.rstrip(letters[-1]) + letters[-1] if letters else ""


def with_breaks(text: str, letters: str) -> str:
    """A text that came through a browser with the line ends that `breaks` noted."""
    if not letters or letters.strip("nrb"):
        return text
    parts = _BREAK.split(text)
    ends = [_BREAKS[letter] for letter in letters[: len(parts) - 1]]
    ends += [_BREAKS[letters[-1]]] * (len(parts) - 1 - len(ends))
    return "".join(part + end for part, end in zip(parts, [*ends, ""], strict=True))


def _problem(text: str) -> Problem | None:
    if not text.strip():
        return Problem("The document is empty.")
    if len(text) > MAX_LENGTH:
        return Problem(f"The document is longer than {MAX_LENGTH:,} characters.")
    try:
        source = Source(text)
    except MalformedPolicy as error:
        return Problem("The document is not well-formed JSON.", *(error.position or ()))
    if not isinstance(source.value, dict):
        return Problem("The document is no JSON object.", 1, 1)
    return None
