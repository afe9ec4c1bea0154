"""Importing other policies into one that is being written: in its place, or at its end."""

from __future__ import annotations

from accounts.actions.policies import get_policy
from accounts.actions.policy_versions import get_policy_version
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.engine import MalformedPolicy
from accounts.errors import ServiceError
from iamconsole.console.components.picker import policy_picker
from iamconsole.console.policies.visual_text import Source, edit_list, replace, wrap, written
from iamconsole.console.request import ConsoleRequest

#: Policies that are imported at once: more would not fit into one.
MOST = 20
#: The buttons: show the list, take the place of the text, add to it.
OPEN, REPLACE, MERGE = "import", "replace", "merge"


class Importing:
    """The list of policies to import, and what was asked of it. `problem` says why not."""

    def __init__(self, request: ConsoleRequest, asked: str) -> None:
        self._caller = request.caller
        self._asked = asked
        self.picker = policy_picker(request, None, key="import")
        self.problem = ""

    @property
    def browsing(self) -> bool:
        """Whether the list is to be shown."""
        return self._asked == OPEN or self.picker.browsing

    @property
    def wanted(self) -> bool:
        """Whether something is to be imported."""
        return self._asked in (REPLACE, MERGE)

    def into(self, text: str) -> str:
        """The text with what was chosen; as it is, with a `problem`, where that does not work."""
        chosen = self.picker.chosen
        if not chosen:
            self.problem = "Choose a policy first."
        elif self._asked == REPLACE and len(chosen) > 1:
            self.problem = "Only one policy can take the place of the text. Choose one."
        elif len(chosen) > MOST:
            self.problem = f"Choose {MOST} policies at most."
        if self.problem:
            return text
        try:
            brought = [document_of(self._caller, arn) for arn in chosen]
        except ServiceError as error:
            self.problem = error.message
            return text
        return brought[0] if self._asked == REPLACE else self._merged(text, brought)

    def _merged(self, text: str, brought: list[str]) -> str:
        try:
            for each in brought:
                text = merged(text, each)
        except MalformedPolicy:
            names = ", ".join(map(last_part, self.picker.chosen))
            self.problem = (
                f"The statements of {names} can't be added while the text is not a policy. Correct "
                "it first, or replace it."
            )
        return text


def document_of(caller: Caller, policy_arn: str) -> str:
    """The document that is in force of a managed policy. Raises what its actions raise."""
    policy = get_policy(caller, policy_arn=policy_arn)
    version = get_policy_version(
        caller, policy_arn=policy_arn, version_id=policy.default_version_id
    )
    return version.document or ""


def merged(text: str, brought: str) -> str:
    """The text with the statements of another at its end; its own stay as their author wrote them.

    A statement that names no action yet, such as the one a new policy begins with, makes room.
    Raises MalformedPolicy where the text is no JSON object with statements.
    """
    source, more = Source(text), _statements(Source(brought))
    present = _statements(source)
    if not any(map(_says_something, present)):
        return replace(source, ("Statement",), more)
    if isinstance(source.at(("Statement",)), list):
        return edit_list(source, ("Statement",), inserted={len(present): more})
    margin = source.margin(source.places[("Statement",)].name)
    return wrap(source, ("Statement",), [written(source, each, margin) for each in more])


def _statements(source: Source) -> list[object]:
    found = source.at(("Statement",)) if isinstance(source.value, dict) else None
    if isinstance(found, dict):
        return [found]
    if not isinstance(found, list):
        raise MalformedPolicy("The text has no statements.")
    return found


def _says_something(statement: object) -> bool:
    return not isinstance(statement, dict) or bool(
        statement.get("Action") or statement.get("NotAction")
    )
