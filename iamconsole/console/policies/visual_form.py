"""What a post of the visual editor asks for, done to the text one change after the other.

The form's fields are compared with what the posted text says, so that only what somebody changed
is written. The button that was pressed comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from django.http import QueryDict

from accounts.engine import catalog
from iamconsole.console.policies import visual_edits
from iamconsole.console.policies.visual_blocks import Block, Blocks, Row, read
from iamconsole.console.policies.visual_choices import (
    Actions,
    Arn,
    Kind,
    find_kind,
    find_services,
)
from iamconsole.console.policies.visual_edits import Refused
from iamconsole.console.policies.visual_fields import (
    as_number,
    changed_condition,
    changed_resources,
    changed_ticks,
    lines,
    operator_name,
)
from iamconsole.console.policies.visual_text import Source

#: What the button is called that Enter presses, and what a field sends that is only looked up.
ENTER, KEEP = "enter", "keep"

MFA = ("Bool", "aws:MultiFactorAuthPresent", ("true",))
SOURCE_IP = ("IpAddress", "aws:SourceIp")

Change = Callable[[Source, Block], str]


class VisualForm:
    """The text and what the form shows of it, after a post. Without one, both as they are.

    `account_id` stands in the ARNs that are made.
    """

    def __init__(self, text: str, post: QueryDict, account_id: str) -> None:
        self.text = text
        self.post = post
        self.account_id = account_id
        self.refusals: list[str] = []
        self.announcement = ""
        #: The part of the page that what was pressed belongs to, where the button itself goes away.
        self.focus = ""
        self.found_services: list[catalog.ServiceSummary] = []
        #: What the fields hold that add something, as typed.
        self.typed = {
            name: post.get(f"visual-{name}", "").strip()
            for name in ("pattern", "service", "resource")
        }
        self.new_condition = {
            name: post.get(f"visual-condition-new-{name}", "").strip()
            for name in ("key", "operator", "qualifier", "exists", "values")
        }
        self.arn_fields = {
            name.removeprefix("visual-arn-"): value
            for name, value in post.items()
            if name.startswith("visual-arn-") and isinstance(value, str)
        }
        self.kind_value = post.get("visual-kind", "")
        self.prefix = post.get("visual-shown", "")
        self.search = post.get("visual-filter", "")
        self._button, _, self._argument = post.get("visual", "").partition(":")
        self.pressed = "visual" in post
        self.open = as_number(post.get("visual-open", ""))
        self._rows: tuple[Row, ...] = ()
        if not self.pressed and "visual-open" not in post:
            return
        self._apply_fields()
        self._press()

    # --- The text as it stands ------------------------------------------------------------------
    def _read(self) -> tuple[Source, Blocks] | None:
        source = Source(self.text)
        blocks = read(source)
        return (source, blocks) if blocks else None

    def _opened(self) -> tuple[Source, Blocks, Block] | None:
        found = self._read()
        if found is None or self.open is None or self.open >= len(found[1].blocks):
            return None
        return (*found, found[1].blocks[self.open])

    def _do(self, change: Change) -> bool:
        """Change the open statement; what is refused is said, and the text stays as it was."""
        found = self._opened()
        if found is None:
            return False
        source, _, block = found
        try:
            self.text = change(source, block)
        except Refused as refusal:
            self.refusals.append(str(refusal))
            return False
        return True

    # --- Fields that stand for what is there ------------------------------------------------------
    def _apply_fields(self) -> None:
        found = self._opened()
        if found is None:
            return
        block = found[2]
        self._rows = block.conditions
        sid = self.post.get("visual-sid")
        if "Sid" in block.fields and sid is not None and sid.strip() != block.sid.strip():
            self._do(lambda source, block: visual_edits.set_text(source, block, "Sid", sid.strip()))
        if "Action" in block.fields:
            self._apply_ticks(block)
        if "Resource" in block.fields:
            self._apply_resources(block)
        for row in block.conditions:
            if not row.reason and not self._is("condition-remove", row.number):
                self._apply_condition(row)

    def _apply_ticks(self, block: Block) -> None:
        service = catalog.service(self.prefix) if self.prefix else None
        unwanted = [as_number(self._argument)] if self._button == "unpick" else []
        removed: set[str] = set()
        added: list[str] = []
        if service is not None:
            shown = Actions(block, service, self.post.get("visual-shown-filter", ""))
            removed, added = changed_ticks(shown, self.post)
        numbers = [
            number
            for number, action in enumerate(block.actions)
            if number in unwanted or action.lower() in removed
        ]
        if numbers or added:
            self._do(
                lambda source, block: visual_edits.edit_texts(
                    source, block, "Action", removed=numbers, added=added
                )
            )

    def _apply_resources(self, block: Block) -> None:
        gone = self._argument if self._button == "resource-remove" else ""
        replaced, removed = changed_resources(block, self.post, as_number(gone))
        if replaced or removed:
            self._do(
                lambda source, block: visual_edits.edit_texts(
                    source, block, "Resource", replaced=replaced, removed=removed
                )
            )

    def _apply_condition(self, row: Row) -> None:
        changed = changed_condition(row, self.post)
        if changed is not None:
            self._do(
                lambda source, block: visual_edits.set_condition(
                    source, block, _same(row, block), *changed
                )
            )

    def _is(self, button: str, number: int) -> bool:
        return self._button == button and self._argument == str(number)

    # --- Buttons ----------------------------------------------------------------------------------
    def _press(self) -> None:
        button = self._button
        in_document: Mapping[str, Callable[[], None]] = {
            "open": self._open_block,
            "close": self._close_block,
            "add": self._add_block,
            "duplicate": self._copy_block,
            "remove": self._remove_block,
        }
        in_block: Mapping[str, Callable[[], None]] = {
            "effect": self._set_effect,
            "service": self._choose_service,
            "unpick": lambda: self._say("Action removed", "actions"),
            "pattern": self._add_pattern,
            "resource-all": self._all_resources,
            "resource-remove": lambda: self._say("Resource removed", "resources"),
            "resource-add": self._add_typed_resource,
            "arn": self._add_arn,
            "arn-any": self._add_any,
            "condition-add": self._add_condition,
            "condition-remove": self._remove_condition,
            "mfa": self._add_mfa,
            "ip": self._prefill_ip,
            ENTER: self._enter,
        }
        if button in in_document:
            in_document[button]()
        elif button in in_block and self._opened():
            in_block[button]()
        elif not self.pressed and self.unfinished:
            self.refusals.append(
                f"You typed {self.unfinished} and have not added it. Add it, or empty its fields."
            )

    @property
    def unfinished(self) -> str:
        """What was typed and neither added nor taken back, in words."""
        if self.typed["pattern"]:
            return "an action"
        if self.typed["resource"]:
            return "a resource"
        if self.new_condition["key"] or self.new_condition["values"]:
            return "a condition"
        arn = self.arn
        if arn is not None and any(
            blank.value.strip() != blank.default
            for blank in arn.blanks
            if blank.name in self.arn_fields
        ):
            return "an ARN"
        return ""

    def _say(self, words: str, focus: str = "") -> None:
        self.announcement, self.focus = words, focus

    def _target(self) -> tuple[Source, Blocks, Block] | None:
        """The statement that a button names by its number."""
        found, number = self._read(), as_number(self._argument)
        if found is None or number is None or number >= len(found[1].blocks):
            return None
        return (*found, found[1].blocks[number])

    def _open_block(self) -> None:
        if target := self._target():
            self._turn_to(target[2].index)
            self._say(f"Statement {target[2].number} opened", "open")

    def _close_block(self) -> None:
        self._say("Statement closed", f"block-{self.open}")
        self._turn_to(None)

    def _add_block(self) -> None:
        found = self._read()
        if found is None:
            return
        try:
            self.text = visual_edits.add_statement(*found)
        except Refused as refusal:
            self.refusals.append(str(refusal))
            return
        self._turn_to(len(found[1].blocks))
        self._say("Statement added", "open")

    def _copy_block(self) -> None:
        if target := self._target():
            self.text = visual_edits.copy_statement(*target)
            self._turn_to(target[2].index + 1)
            self._say(f"Statement {target[2].number} duplicated", "open")

    def _remove_block(self) -> None:
        target = self._target()
        if target is None:
            return
        self.text = visual_edits.remove_statement(*target)
        gone = target[2].index
        if self.open == gone:
            self._turn_to(None)
        elif self.open is not None and self.open > gone:
            self.open -= 1
        self._say(f"Statement {gone + 1} removed", "top")

    def _turn_to(self, index: int | None) -> None:
        self.open = index
        self.prefix = self.search = self.kind_value = ""
        self.typed = dict.fromkeys(self.typed, "")
        self.new_condition = dict.fromkeys(self.new_condition, "")
        self.arn_fields = {}

    def _set_effect(self) -> None:
        if self._argument in ("Allow", "Deny") and self._do(
            lambda source, block: visual_edits.set_text(source, block, "Effect", self._argument)
        ):
            self._say(f"The statement's effect is {self._argument}")

    def _choose_service(self) -> None:
        found = find_services(self._argument or self.typed["service"])
        self.typed["service"] = "" if len(found) == 1 else self.typed["service"]
        if len(found) == 1:
            self.prefix, self.search = found[0].prefix, ""
            self._say(f"{found[0].action_count} actions of {found[0].name}", "actions")
        elif found:
            self.found_services = found
            self._say(f"{len(found)} services match")
        elif self.typed["service"]:
            self.refusals.append(f"No service is called {self.typed['service']}.")

    def _add_pattern(self) -> None:
        pattern = self.typed["pattern"]
        if not pattern:
            return
        if ":" not in pattern and pattern != "*" and self.prefix:
            pattern = f"{self.prefix}:{pattern}"
        if self._do(
            lambda source, block: visual_edits.edit_texts(source, block, "Action", added=[pattern])
        ):
            self.typed["pattern"] = ""
            self._say(f"{pattern} added")

    def _all_resources(self) -> None:
        self._do(lambda source, block: visual_edits.all_resources(source, block))
        self._say("All resources", "resources")

    @property
    def new_row(self) -> Row:
        """The fields of the condition that is being made."""
        typed = self.new_condition
        return Row(
            0,
            "",
            typed["key"],
            tuple(lines(typed["values"])),
            typed["qualifier"],
            typed["operator"] or "StringEquals",
            bool(typed["exists"]),
        )

    @property
    def kind(self) -> Kind | None:
        """The resource type that is chosen for an ARN to be made."""
        return find_kind(self.kind_value)

    @property
    def arn(self) -> Arn | None:
        """The ARN that is being made."""
        kind = self.kind
        return Arn(kind, self.arn_fields, self.account_id) if kind else None

    def _add_arn(self) -> None:
        if (arn := self.arn) and self._add_resource(arn.text):
            self.arn_fields = {}

    def _add_any(self) -> None:
        if kind := self.kind:
            self._add_resource(Arn(kind, {}, self.account_id).text)

    def _add_typed_resource(self) -> None:
        if self.typed["resource"] and self._add_resource(self.typed["resource"]):
            self.typed["resource"] = ""

    def _add_resource(self, arn: str) -> bool:
        done = self._do(lambda source, block: visual_edits.add_resource(source, block, arn))
        if done:
            self._say(f"{arn} added")
        return done

    def _add_condition(self) -> None:
        typed = self.new_condition
        operator = operator_name(typed["qualifier"], typed["operator"], bool(typed["exists"]))
        values = [line for line in lines(typed["values"]) if line.strip()]
        if not typed["key"] or not values:
            self.refusals.append("A condition needs a key and at least one value.")
            return
        if self._put_condition(operator, typed["key"], values):
            self.new_condition = dict.fromkeys(typed, "")

    def _put_condition(self, operator: str, key: str, values: list[str]) -> bool:
        done = self._do(
            lambda source, block: visual_edits.add_condition(source, block, operator, key, values)
        )
        if done:
            self._say(f"Condition on {key} added", "conditions")
        return done

    def _remove_condition(self) -> None:
        number = as_number(self._argument)
        found = self._opened()
        if found is None or number is None:
            return
        with suppress(IndexError):
            row = self._rows[number]
            self._do(
                lambda source, block: visual_edits.remove_condition(
                    source, block, _same(row, block)
                )
            )
            self._say("Condition removed", "conditions")

    def _add_mfa(self) -> None:
        operator, key, values = MFA
        self._put_condition(operator, key, list(values))

    def _prefill_ip(self) -> None:
        operator, key = SOURCE_IP
        self.new_condition |= {"operator": operator, "key": key}
        self._say("Type the addresses that requests may come from")

    def _enter(self) -> None:
        """Enter was pressed in a field: add what stands in the fields that add something."""
        if self.typed["service"]:
            self._choose_service()
        if self.typed["pattern"]:
            self._add_pattern()
        self._add_typed_resource()
        if self.unfinished == "a condition":
            self._add_condition()
        if self.unfinished == "an ARN":
            self._add_arn()


def _same(row: Row, block: Block) -> Row:
    """The condition as it stands now; others may have changed its number meanwhile."""
    for each in block.conditions:
        if (each.written_operator, each.key) == (row.written_operator, row.key):
            return each
    raise Refused("The condition is not there any more.")
