"""What lint asks of a lab beyond being readable."""

from __future__ import annotations

import re

import pytest

from iamconsole.labs import catalogue
from iamconsole.labs.format.archives import files_of
from iamconsole.labs.format.reading import read
from iamconsole.labs.proving import lint
from tests.labs.pack_of_tests import FILES, with_file, with_lab


def linted(files: dict[str, str]) -> list[str]:
    return [str(problem) for problem in lint.problems(read(files))]


def test_the_first_lab_has_nothing_to_put_right():
    assert linted(FILES) == []


@pytest.mark.django_db
@pytest.mark.parametrize("folder", catalogue.folders(), ids=lambda folder: folder.name)
def test_a_lab_that_ships_has_nothing_to_put_right_and_its_folder_is_called_like_it(folder):
    lab = read(files_of(folder))
    assert lab.id == folder.name
    assert list(map(str, lint.problems(lab))) == []


def test_every_step_has_a_wrong_answer():
    files = {name: text for name, text in FILES.items() if not name.startswith("wrong/")}
    assert linted(files) == ["lab.yaml, step read: The step has no wrong answer in wrong/."]


def test_controls_are_those_of_pages():
    (problem,) = linted(with_lab("control: add-permissions", "control: add-permision"))
    assert "No page has a control ‘add-permision’; did you mean ‘add-permission" in problem


@pytest.mark.django_db
def test_labs_to_do_before_are_there():
    (problem,) = linted(with_lab("learn:", "requires: [nowhere-at-all]\nlearn:"))
    assert "requires: there is no lab ‘nowhere-at-all’" in problem
    (problem,) = linted(with_lab("learn:", "requires: [first-lab]\nlearn:"))
    assert "requires itself" in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a <b>word</b>", "steps/read.md:1: Raw HTML"),
        ("one\n\n[x](https://evil.example/)", "steps/read.md:3: A link leads to"),
        ("word " * 1700, "steps/read.md: 8500 characters"),
        ("[" * 201, "steps/read.md: The text has more than 200 opening brackets."),
        (" \n", "steps/read.md: The text is empty."),
    ],
)
def test_texts_are_short_and_plain(text, said):
    assert any(said in problem for problem in linted(with_file("steps/read.md", text)))


def test_hints_are_short_plain_and_different():
    hint = "Which actions of S3 only read?"
    assert any("hint 1: Raw HTML" in each for each in linted(with_lab(hint, "a <b>word</b>")))
    assert any("Hint 1 has" in each for each in linted(with_lab(hint, "word " * 130)))
    same = with_lab(hint, "Which one?")
    same["lab.yaml"] = re.sub(r'- "`s3:GetObject` is.*', "- Which one?", same["lab.yaml"])
    assert linted(same) == ["lab.yaml, step read: Two hints are the same."]


def test_two_values_are_never_the_same():
    files = with_lab("values:\n", "values:\n  colleague: {one_of: [ana, ben]}\n")
    assert linted(files) == ["lab.yaml: Two values may both become ‘ana’."]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("action: s3:GetObject\n", "action: s3:GetObjct\n"),
        ("[s3:DeleteObject, s3:PutObject]", "[s3:DeleteObject, s3:GetObjct]"),
        ("needed: [s3:GetObject]", "needed: [s3:GetObjct]"),
        ("      - cannot:", "      - event: {name: s3:GetObjct}\n        fail: x\n      - cannot:"),
    ],
)
def test_actions_are_those_of_aws(old, new):
    (problem,) = linted(with_lab(old, new))
    assert "AWS has no action ‘s3:GetObjct’; did you mean ‘GetObject" in problem


def test_patterns_of_actions_and_names_of_operations_will_do():
    checks = (
        '      - event: {name: ["iam:Put*Policy", s3:ListObjectsV2, signin:ConsoleLogin]}\n'
        "        fail: x\n"
        '      - called: {principal: root, action: "*"}\n        fail: x\n      - cannot:'
    )
    assert linted(with_lab("      - cannot:", checks)) == []


def test_files_that_nothing_uses_are_found():
    files = {**FILES, "solution/old.json": "{}", "steps/old.md": "x", "notes.yaml": "a: 1"}
    assert linted(files) == [
        f"{name}: Nothing uses this file."
        for name in ("notes.yaml", "solution/old.json", "steps/old.md")
    ]
