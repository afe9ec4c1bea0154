"""The form of lab.yaml and of wrong answers, as a JSON Schema; `docs/lab.schema.json` is its copy.

Where a pattern or a choice stands, `description` says what is wanted in words: it is what an author
is told who wrote something else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from iamconsole.labs.checks.arguments import ARGUMENTS

Schema = dict[str, Any]

#: Checks that hold other checks.
COMBINED: Mapping[str, Schema] = {
    "any_of": {"type": "array", "items": {"$ref": "#/$defs/inner_check"}, "minItems": 1},
    "all_of": {"type": "array", "items": {"$ref": "#/$defs/inner_check"}, "minItems": 1},
    "not": {"$ref": "#/$defs/inner_check"},
}
#: What may stand beside the call of an operation.
BESIDE = ("as", "mfa", "key", "console", "ago", "in", "save", "refused")
#: How the call itself is spelt.
CALL = "^(?:[a-z0-9]{2,12}:)?[A-Z][A-Za-z0-9]{2,60}$"


def schema() -> Schema:
    """The schema of lab.yaml; that of wrong answers is its `$defs/wrong_answer`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A lab",
        **_object(_LAB, "format id title summary level minutes learn sign_in steps finish"),
        "$defs": {
            **_WORDS,
            "value": _VALUE,
            "operation": _operation(*(name for name in BESIDE if name != "ago")),
            "start_operation": _operation(*BESIDE),
            "show": _object(_SHOW, "page control say"),
            "check": _check(fail=True),
            "inner_check": _check(fail=False),
            "step": _object(_STEP, "id title text checks hints solution solve"),
            "wrong_answer": _object(_WRONG_ANSWER, "step do fails"),
        },
    }


def _object(properties: Mapping[str, Schema], required: str = "") -> Schema:
    found: Schema = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    if required:
        found["required"] = required.split()
    return found


def _is(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(of: str, least: int, most: int) -> Schema:
    return {"type": "array", "items": _is(of), "minItems": least, "maxItems": most}


def _line(most: int) -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": most,
        "pattern": "^[^\\n]*$",
        "description": f"one line, {most} characters at most",
    }


def _pattern(pattern: str, description: str) -> Schema:
    return {"type": "string", "maxLength": 300, "pattern": pattern, "description": description}


_VALUE_NAME = "^[a-z][a-z0-9_]{0,29}$"

_WORDS: Mapping[str, Schema] = {
    "lab_id": _pattern(
        "^[a-z0-9][a-z0-9-]{2,39}$", "a-z, 0-9 and -, 3 to 40 characters, the first no -"
    ),
    "step_id": _pattern(
        "^[a-z0-9][a-z0-9-]{0,29}$", "a-z, 0-9 and -, 30 characters at most, the first no -"
    ),
    "account": _pattern("^[a-z][a-z0-9]{0,19}$", "a-z and 0-9, 20 characters at most"),
    "line": _line(200),
    "hint": {"type": "string", "minLength": 1, "maxLength": 2000},
    "text_file": _pattern(r"^[A-Za-z0-9_./-]+\.md$", "the name of a file of the pack, ending .md"),
    "document_file": _pattern(
        r"^[A-Za-z0-9_./-]+\.json$", "the name of a file of the pack, ending .json"
    ),
    "principal": _pattern("^(?:root|(?:user|role)/[^/\\s].*)$", "root, user/NAME or role/NAME"),
    "action": _pattern(r"^[a-z0-9-]+:[A-Za-z0-9*?]+$", "an action, such as s3:GetObject"),
}

_VALUE: Schema = {
    "description": "text, {one_of: [...]}, {pattern: ...} or {password: true}",
    "anyOf": [
        {"type": "string", "minLength": 1, "maxLength": 200},
        _object(
            {
                "one_of": {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1, "maxLength": 200},
                    "minItems": 2,
                    "maxItems": 50,
                    "uniqueItems": True,
                }
            },
            "one_of",
        ),
        _object(
            {"pattern": _pattern(r"^[^{}]*(?:\{[0-9]{1,2}\}[^{}]*)+$", "text with a number in {}")},
            "pattern",
        ),
        _object({"password": {"const": True}}, "password"),
    ],
}


def _operation(*beside: str) -> Schema:
    known: Mapping[str, Schema] = {
        "as": _pattern(
            "^(?:root|(?:user|role|instance)/[^/\\s].*)$",
            "root, user/NAME, role/NAME or instance/ID",
        ),
        "mfa": {"type": "boolean"},
        "key": _line(200),
        "console": {"type": "boolean"},
        "ago": _pattern("^[1-9][0-9]{0,2}[mhd]$", "a time such as 30m, 3h or 12d"),
        "in": _is("account"),
        "save": {
            "type": "object",
            "propertyNames": _pattern(_VALUE_NAME, "a-z, 0-9 and _, the first a letter"),
            "additionalProperties": _pattern(
                r"^[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*$", "fields, with dots between"
            ),
            "minProperties": 1,
        },
        "refused": _pattern("^[A-Z][A-Za-z0-9.]*$", "an error code, such as AccessDenied"),
    }
    return {
        **_object({name: known[name] for name in beside}),
        "patternProperties": {CALL: {"type": ["object", "null"]}},
        "description": "a call such as CreateUser, and what stands beside it",
    }


def _check(*, fail: bool) -> Schema:
    verbs = {**ARGUMENTS, **COMBINED}
    beside = {"fail": _line(400), "in": _is("account")} | ({"asks": _line(200)} if fail else {})
    return {
        **_object({**verbs, **beside}, "fail" if fail else ""),
        "oneOf": [{"required": [verb]} for verb in verbs],
        "description": "one question",
    }


_SHOW: Mapping[str, Schema] = {
    "page": _pattern(r"^/(?:console|labs)/\S*$", "an address within /console/ or /labs/"),
    "control": _pattern("^[A-Za-z][A-Za-z0-9_:-]{0,79}$", "the id of an element"),
    "say": _line(200),
}

_STEP: Mapping[str, Schema] = {
    "id": _is("step_id"),
    "title": _line(80),
    "text": _is("text_file"),
    "show": _list("show", 1, 3),
    "checks": _list("check", 1, 20),
    "hints": _list("hint", 3, 3),
    "solution": _is("text_file"),
    "solve": _list("operation", 1, 40),
}

_WRONG_ANSWER: Mapping[str, Schema] = {
    "step": _is("step_id"),
    "do": _list("operation", 1, 40),
    "fails": _line(400),
}

_LAB: Mapping[str, Schema] = {
    "format": {"const": "labs/v1", "description": "labs/v1"},
    "id": _is("lab_id"),
    "title": _line(80),
    "summary": _line(160),
    "level": {"enum": ["beginner", "intermediate", "advanced"]},
    "minutes": {"type": "integer", "minimum": 1, "maximum": 240},
    "order": {"type": "integer", "minimum": 1, "maximum": 9999},
    "learn": _list("line", 1, 5),
    "requires": {**_list("lab_id", 1, 20), "uniqueItems": True},
    "values": {
        "type": "object",
        "propertyNames": _pattern(_VALUE_NAME, "a-z, 0-9 and _, the first a letter"),
        "additionalProperties": _is("value"),
        "maxProperties": 40,
    },
    "accounts": {**_list("account", 1, 4), "uniqueItems": True},
    "sign_in": _pattern("^(?:root|user/[^/\\s].*)$", "root or user/NAME"),
    "start": _list("start_operation", 0, 200),
    "steps": _list("step", 1, 12),
    "finish": _object(
        {
            "text": _is("text_file"),
            "compare": {
                "type": "array",
                "items": _object(
                    {"principal": _is("principal"), "reference": _is("document_file")},
                    "principal reference",
                ),
                "minItems": 1,
                "maxItems": 5,
            },
            "least_privilege": _object(
                {
                    "principal": _is("principal"),
                    "needed": {"type": "array", "items": _is("action"), "minItems": 1},
                },
                "principal needed",
            ),
        },
        "text",
    ),
}


def as_text() -> str:
    """The schema as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
