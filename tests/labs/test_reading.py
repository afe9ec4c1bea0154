"""Reading a pack: what its parts become, and what is said of one that is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamconsole.labs.format import yaml_text
from iamconsole.labs.format.contents import digest
from iamconsole.labs.format.problem import PackError
from iamconsole.labs.format.reading import read
from tests.labs.pack_of_tests import FILES, line_of, refused, with_file, with_lab

# --- What a pack becomes -------------------------------------------------------------------------


def test_a_pack_becomes_a_lab_with_its_texts_and_the_places_of_its_parts():
    lab = read(FILES)
    (step,) = lab.steps
    assert (lab.id, lab.level, lab.minutes, lab.accounts) == (
        "first-lab",
        "beginner",
        15,
        ("main",),
    )
    assert lab.intro == FILES["intro.md"]
    assert lab.finish_text == FILES["finish.md"]
    assert step.text == FILES["steps/read.md"]
    assert step.solution == FILES["solutions/read.md"]
    assert [call.name for call in lab.start] == [
        "iam:CreateUser", "s3:CreateBucket", "s3:PutObject",
    ]  # fmt: skip
    assert lab.start[0].place == f"lab.yaml:{line_of('- CreateUser')}"
    assert [check.verb for check in step.checks] == ["can", "cannot"]
    assert step.checks[0].place == f"lab.yaml:{line_of('- can:')}"
    assert [answer.name for answer in lab.wrong_answers] == ["full-access"]
    assert lab.least_privilege is not None
    assert lab.least_privilege.needed == ("s3:GetObject",)


def test_what_stands_beside_a_call_is_read():
    call = (
        '- s3:GetObject: {Bucket: "{bucket}", Key: q1.csv}\n    as: user/{user}\n    mfa: true\n'
        "    console: true\n    ago: 3h\n    refused: AccessDenied\n  - CreateAccessKey: "
        '{UserName: "{user}"}\n    save: {key_id: AccessKeyId}\n  - CreateUser'
    )
    (_, listed, key, *_) = read(
        with_lab("start:\n  - CreateUser", f"start:\n  - ListUsers:\n  {call}")
    ).start
    assert (listed.name, listed.caller, listed.mfa, listed.console) == (
        "s3:GetObject", "user/{user}", True, True,
    )  # fmt: skip
    assert (listed.ago, listed.refused) == (180, "AccessDenied")
    assert key.save == {"key_id": "AccessKeyId"}


def test_checks_hold_others():
    files = with_lab(
        "    checks:\n",
        "    checks:\n      - any_of:\n          - exists: {user: ben}\n          - not: {exists: "
        "{group: Staff}}\n            fail: inner\n        fail: neither\n        asks: one\n",
    )
    check = read(files).steps[0].checks[0]
    assert (check.verb, check.arguments, check.fail) == ("any_of", {}, "neither")
    assert (check.asks, check.checks[0].asks) == ("one", "")
    assert [inner.verb for inner in check.checks] == ["exists", "not"]
    assert check.checks[1].checks[0].arguments == {"group": "Staff"}


def test_the_same_files_are_the_same_version_and_any_other_character_is_another():
    assert read(FILES).digest == digest(dict(reversed(FILES.items())))
    moved = {**FILES, "intro.md": FILES["finish.md"], "finish.md": FILES["intro.md"]}
    others = [with_file("intro.md", "x"), with_file("note.md", ""), moved]
    assert len({digest(FILES), *map(digest, others)}) == 4


# --- Words and their lines -----------------------------------------------------------------------

WRONG_WORDS = [
    ("minutes: 15", "minuets: 15", "There is no key ‘minuets’ here; did you mean ‘minutes’?"),
    ("minutes: 15", "minutes: soon", "‘minutes’ is to be a whole number."),
    ("minutes: 15", "minutes: 0", "‘minutes’ is 0; minimum is 1."),
    ("level: beginner", "level: easy", "is ‘easy’, not one of beginner, intermediate, advanced."),
    ("format: labs/v1", "format: labs/v2", "wanted: labs/v1."),
    ("id: first-lab", "id: First Lab", "‘id’ is ‘First Lab’; wanted: a-z, 0-9 and -"),
    ("id: first-lab", "id: first-lаb", "U+0430, CYRILLIC SMALL LETTER A"),
    ("summary: A", "summary: |\n  two\n  lines\nx: A", "one line, 160 characters at most"),
    ("        fail: \"{user} can't", "        fial: \"{user} can't", "did you mean ‘fail’?"),
    ("      - can:", "      - cann:", "There is no key ‘cann’ here; did you mean ‘can’?"),
    ("      - can:", "      - cаn:", "U+0430, CYRILLIC SMALL LETTER A"),
    ("principal: \"user/{user}\"\n          action: s3:G", "principal: ana\n          action: s3:G",
     "‘principal’ is ‘ana’; wanted: root, user/NAME or role/NAME"),
    ("- CreateUser:", "- createUser:", "There is no key ‘createUser’ here"),
    ("- CreateUser:", "- CrеateUser:", "U+0435, CYRILLIC SMALL LETTER IE"),
    ("- CreateUser:", "- CreateUsr:", "no operation ‘CreateUsr’ of iam; did you mean"),
    ("- CreateUser:", "- SingIn:", "no operation ‘SingIn’ of iam; did you mean ‘SignIn’?"),
    ("- s3:PutObject:", "- s33:PutObject:", "There is no service ‘s33’ here; did you mean ‘s3’?"),
    ("- s3:PutObject:", "- PutObject:", "PutObject is not iam's: write s3:PutObject."),
    ("- s3:PutObject:", "- s3:PutBucketAcl:", "PutBucketAcl of AWS is not built here."),
    ("UserName:", "Username:", "CreateUser has no argument ‘Username’; did you mean ‘UserName’?"),
    ('{UserName: "{user}"}', "{}", "CreateUser needs the argument UserName."),
    ('{UserName: "{user}"}', "{UserName: 12}", "UserName is to be text"),
    ('{UserName: "{user}"}', '{UserName: x, Tags: [{Key: a, Val: b}]}', "has no ‘Val’"),
    ('{UserName: "{user}"}', '{UserName: x, Tags: {a: b}}', "Tags is to be a list."),
    ("Body:", "ACL: private, Body:", "The argument ACL of PutObject is not built here."),
    ("control: add-permissions", "control: a b", "wanted: the id of an element"),
    ("page: \"/console", "page: \"https://evil.example/console", "an address within /console/"),
    ("text: steps/read.md", "text: steps/raed.md", "There is no file ‘steps/raed.md’."),
    ("{file: solution/read.json}", "{file: a.json}", "There is no file ‘a.json’."),
    ("reference: solution/read.json", "reference: a.json", "There is no file ‘a.json’."),
    ("sign_in: root", "sign_in: user/{user}", "‘ana’ is given no password in start"),
    ("sign_in: root", "sign_in: role/x", "wanted: root or user/NAME"),
    ("  user: ana", "  user: 7", "text, {one_of: [...]}"),
    ("  user: ana", "  endpoint: x\n  user: ana", "Every lab has a value ‘endpoint’ already."),
    ("reports-{6}", "reports-{66}", "{1} to {32}"),
    ("Key: q1.csv", 'Key: "{bukket}"', "{bukket} stands for no value; did you mean ‘bucket’?"),
    ("title: Let Ana", "title: Let {user}", "{user} stands for no value."),
    ("Start here.", "Start {here}.", "{here} stands for no value."),
    ("through {path}", "through {paths}", "{paths} stands for no value; did you mean ‘path’?"),
    ("- CreateUser:", "- ListUsers:\n    in: partner\n  - CreateUser:", "no account ‘partner’"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG_WORDS)
def test_a_wrong_word_is_named_with_its_line_and_what_was_perhaps_meant(old, new, said):
    problems = refused(with_lab(old, new))
    assert any(said in problem for problem in problems), problems
    # A call or check is named by its first line.
    lines = range(line_of(old) - 5, line_of(old) + new.count("\n") + 2)
    assert any(problem.startswith(f"lab.yaml:{line}: ") for problem in problems for line in lines)


def test_every_problem_of_the_form_is_told_at_once():
    files = with_lab("minutes: 15", "minuets: 15")
    files["lab.yaml"] = files["lab.yaml"].replace("      - can:", "      - cann:")
    assert len(refused(files)) >= 3


@pytest.mark.parametrize("hints", [2, 4])
def test_there_are_exactly_three_hints(hints):
    more = "    hints:\n" + "      - more\n" * (hints - 3)
    files = with_lab("    hints:\n", more)
    if hints < 3:
        files = with_lab("      - Which actions of S3 only read?\n", "")
    assert refused(files) == [
        f"lab.yaml:{line_of('hints:')}: ‘hints’ has {hints} and is to have exactly 3."
    ]


def test_a_check_without_its_sentence_is_refused():
    files = with_lab('        fail: "{user} can\'t read q1.csv yet."\n', "")
    assert "‘fail’ is missing here." in refused(files)[0]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("{fail: x}", "A check needs one of can, cannot"),
        ("{exists: {user: a}, absent: {user: b}, fail: x}", "one of exists and absent, not both."),
        ("{exists: {user: a, group: b}, fail: x}", "‘exists’"),
        ("{key_count: {user: a}, fail: x}", "needs one of count, at_least, at_most"),
        ("{can: [], fail: x}", "‘can’ is to be a mapping of keys to values."),
        ("{any_of: [], fail: x}", "‘any_of’ is to have 1 at least."),
        ("nothing", "This is to be a mapping of keys to values."),
    ],
)
def test_a_check_asks_one_question(check, said):
    files = with_lab("    checks:\n", f"    checks:\n      - {check}\n")
    assert any(said in problem for problem in refused(files)), refused(files)


def test_an_entry_of_start_is_one_call():
    files = with_lab("- CreateUser:", "- ListUsers:\n    CreateUser:")
    assert any(
        "One call is wanted here, not ‘ListUsers’ and ‘CreateUser’." in p for p in refused(files)
    )
    files = with_lab("start:\n", "start:\n  - {as: root}\n")
    assert any("There is no call here." in problem for problem in refused(files))


def test_only_the_start_happens_in_the_past():
    files = with_lab(
        "      - PutUserPolicy:", "      - ListUsers:\n        ago: 3h\n      - PutUserPolicy:"
    )
    assert any("There is no key ‘ago’ here" in problem for problem in refused(files))


def test_two_steps_of_one_name_and_a_wrong_answer_of_none_are_refused():
    text = FILES["lab.yaml"]
    steps = text[text.index("  - id: read") : text.index("finish:")]
    files = {**FILES, "lab.yaml": text.replace("\nfinish:", f"\n{steps}\nfinish:")}
    assert any("There are two steps ‘read’." in problem for problem in refused(files))
    answer = FILES["wrong/full-access.yaml"].replace("step: read", "step: raed")
    assert refused(with_file("wrong/full-access.yaml", answer)) == [
        "wrong/full-access.yaml: The lab has no step ‘raed’; did you mean ‘read’?"
    ]


# --- Values --------------------------------------------------------------------------------------


def test_values_that_nobody_defined_are_found_in_texts_and_documents():
    assert refused(with_file("steps/read.md", "one\n\n{usr} and {user} and ${shell}")) == [
        "steps/read.md:3: {usr} stands for no value; did you mean ‘user’?"
    ]
    wrong = FILES["solution/read.json"].replace("{bucket}", "{buket}")
    assert (
        "{buket} stands for no value; did you mean ‘bucket’?"
        in refused(with_file("solution/read.json", wrong))[0]
    )


def test_what_was_found_is_a_value_of_sentences_about_failure_only():
    assert refused(with_file("steps/read.md", "{found}"))
    assert not refused(with_lab("can't read q1.csv yet.", "can't: {found} {path}"))


def test_a_value_is_known_from_the_call_that_saves_it_on():
    key = '- CreateAccessKey: {UserName: "{user}"}\n    save: {key: AccessKeyId}\n  '
    use = '- UpdateAccessKey: {UserName: "{user}", AccessKeyId: "{key}", Status: Inactive}\n  '
    bucket = "- s3:CreateBucket"
    assert not refused(with_lab(bucket, key + use + bucket))
    assert any(
        "{key} stands for no value" in each
        for each in refused(with_lab(bucket, use + key + bucket))
    )


def test_what_a_solution_saves_only_solutions_know():
    key = '- CreateAccessKey: {UserName: "{user}"}\n        save: {key: AccessKeyId}\n      '
    files = with_lab("- PutUserPolicy:", key + "- PutUserPolicy:")
    assert not refused(files)
    assert refused({**files, "steps/read.md": "{key}"})


def test_each_account_has_its_values():
    files = with_lab("sign_in:", "accounts: [main, partner]\nsign_in:")
    assert not refused(
        {**files, "intro.md": "{account_id} {partner_account_id} {partner_signin_url}"}
    )
    assert refused({**files, "intro.md": "{main_account_id}"})


# --- Policies ------------------------------------------------------------------------------------


def test_a_policy_that_aws_would_refuse_is_named_with_its_line():
    files = with_file("solution/read.json", FILES["solution/read.json"].replace("Allow", "Alow"))
    assert any(each.startswith("solution/read.json:4: AWS would refuse") for each in refused(files))


def test_a_policy_may_be_text_or_yaml():
    file = "{file: solution/read.json}"
    yaml = "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}"
    assert not refused(with_lab(f"PolicyDocument: {file}", f"PolicyDocument: {yaml}"))
    text = """'{"Version": "2012-10-17", "Statement": []}'"""
    assert (
        "AWS would refuse"
        in refused(with_lab(f"PolicyDocument: {file}", f"PolicyDocument: {text}"))[0]
    )


def test_a_call_that_is_to_be_refused_may_hold_any_policy():
    old = "          PolicyDocument: {file: solution/read.json}\n"
    new = (
        "          PolicyDocument: {Statement: nothing}\n        refused: MalformedPolicyDocument\n"
    )
    assert not refused(with_lab(old, new))


# --- YAML ----------------------------------------------------------------------------------------

UNWANTED_YAML = {
    "a tag": ("a: !!python/object/apply:os.system [ls]", "Tags have no place"),
    "a plain tag": ("a: !!str 1", "Tags have no place"),
    "a declared tag": ("%TAG ! tag:example.com,2026:\n---\na: 1", "Tags have no place"),
    "an anchor": ("a: &x 1", "Anchors have no place"),
    "an alias": ("a: *x", "Aliases have no place"),
    "laughs": ("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", "Anchors have no place"),
    "a merge": ("<<: {a: 1}", "Merge keys"),
    "a key twice": ("a: 1\nb: 2\na: 3", "The key ‘a’ is here twice."),
    "a list as a key": ("? [a]\n: 1", "A key is to be a word."),
    "two documents": ("a: 1\n---\nb: 2", "A file holds one document."),
    "nothing": ("# only words\n", "The file is empty."),
    "a tab": ("a:\n\t- b", "This is no YAML"),
    "an end that is missing": ("a: [1, 2", "This is no YAML"),
    "depth": ("[" * 30 + "]" * 30, "levels deep"),
    "endless depth": ("[" * 100_000, "levels deep"),
    "endless keys": ("{a: " * 30_000, "levels deep"),
    "too many values": ("- 1\n" * 20_000, "more than 10000 values"),
}


@pytest.mark.parametrize("name", UNWANTED_YAML)
def test_yaml_is_plain(name):
    text, said = UNWANTED_YAML[name]
    with pytest.raises(PackError) as caught:
        yaml_text.load("lab.yaml", text)
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.place.startswith("lab.yaml:")


def test_words_are_what_they_look_like():
    text = (
        "on: no\ndate: 2012-10-17\nid: 012345678901\nnumber: 12\nyes: true\nnone:\nfar: " + "9" * 40
    )
    assert yaml_text.load("x", text).value == {
        "on": "no", "date": "2012-10-17", "id": "012345678901", "number": 12, "yes": True,
        "none": None, "far": "9" * 40,
    }  # fmt: skip


@given(st.text(max_size=300))
def test_any_text_as_lab_yaml_is_read_or_refused(text):
    refused(with_file("lab.yaml", text))


NEAR = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["{user}", "root"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "id steps checks can fail any_of not start CreateUser s3:PutObject UserName Tags "
                "Key file PolicyDocument Statement save values one_of pattern finish text".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from("values start steps finish accounts requires learn sign_in title".split()), NEAR
)
def test_any_value_in_place_of_a_part_is_read_or_refused(part, value):
    parts = yaml_text.load("lab.yaml", FILES["lab.yaml"]).value
    # JSON is YAML, but for what JSON escapes.
    text = json.dumps({**parts, part: value}, ensure_ascii=False)
    refused(with_file("lab.yaml", text))


@given(
    st.sampled_from(["wrong/full-access.yaml", "solution/read.json", "intro.md", "x/y.yaml"]),
    st.text(max_size=200),
)
def test_any_text_in_another_file_is_read_or_refused(name, text):
    refused(with_file(name, text))
