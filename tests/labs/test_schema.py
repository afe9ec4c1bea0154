"""The published schema: that it is the one in use, and that it is a schema."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator

from iamconsole.labs.checks.arguments import ARGUMENTS
from iamconsole.labs.format import schema, yaml_text
from tests.labs.pack_of_tests import FILES

DOCS = Path(settings.BASE_DIR) / "docs"


def test_the_published_schema_is_the_one_in_use():
    published = (DOCS / "lab.schema.json").read_text(encoding="utf-8")
    assert published == schema.as_text(), "run: manage.py lab schema > docs/lab.schema.json"


def test_it_is_a_schema():
    Draft202012Validator.check_schema(schema.schema())


def test_it_takes_the_first_lab_and_its_wrong_answer():
    whole = schema.schema()
    Draft202012Validator(whole).validate(yaml_text.load("lab.yaml", FILES["lab.yaml"]).value)
    answer = yaml_text.load("wrong.yaml", FILES["wrong/full-access.yaml"]).value
    of_answers = {"$ref": "#/$defs/wrong_answer", "$defs": whole["$defs"]}
    Draft202012Validator(of_answers).validate(answer)


@pytest.mark.parametrize("name", ["check", "inner_check", "operation", "step", "show"])
def test_unknown_keys_are_refused_everywhere(name):
    whole = schema.schema()
    part = {"$ref": f"#/$defs/{name}", "$defs": whole["$defs"]}
    errors = list(Draft202012Validator(part).iter_errors({"unheard_of": 1}))
    assert "additionalProperties" in [error.validator for error in errors]


def test_every_check_of_the_format_is_documented():
    text = (DOCS / "lab-format.md").read_text(encoding="utf-8")
    lacking = [verb for verb in (*ARGUMENTS, *schema.COMBINED) if f"`{verb}: " not in text]
    assert not lacking
