"""The end of a lab: what is open still, the result, the comparison, and the certificate."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts import instance
from accounts.actions import attachments, groups, inline_policies, users
from accounts.caller import Caller
from accounts.errors import InvalidInput
from accounts.models import Event
from iamconsole.labs import found
from iamconsole.labs.actions.progress import finish_lab
from iamconsole.labs.finish import certificates, comparison
from iamconsole.labs.models import Run
from tests.cast import allow, document
from tests.console.browsers import signed_in
from tests.console.reading import text_of
from tests.labs import doing, small
from tests.labs.doing import begun, finished

pytestmark = pytest.mark.django_db
FINISH = "/labs/small-lab/finish/"
CERTIFICATE = "/labs/small-lab/certificate/"
AWS = "arn:aws:iam::aws:policy/"


def pupil(run: Run) -> str:
    """The user whose policies the lab compares."""
    return found.values_of(run)["user"]


def root_of(run: Run) -> Caller:
    return instance.root(small.main(run))


def page(learner: Caller, address: str = FINISH) -> str:
    return text_of(signed_in(learner).get(address))


# --- When it may be finished ----------------------------------------------------------------------


def test_while_steps_are_open_they_are_named_and_there_is_no_result(alice: Caller):
    begun(alice, solved=1)
    answer = signed_in(alice).get(FINISH)
    assert "Not finished yet" in text_of(answer)
    assert "1 of 2 steps is open still" in text_of(answer)
    assert '<a href="/labs/small-lab/steps/member/">' in answer.content.decode()
    assert "Least privilege" not in text_of(answer)
    assert "reference" not in text_of(answer)


def test_a_lab_with_open_steps_can_not_be_finished(alice: Caller):
    begun(alice, solved=1)
    browser = signed_in(alice)
    assert "still open first" in text_of(browser.post(FINISH, follow=True))
    with pytest.raises(InvalidInput):
        finish_lab(small.now(alice), lab="small-lab")
    assert Run.objects.get().finished_at is None
    assert browser.get(CERTIFICATE)["Location"] == FINISH


def test_finishing_is_recorded_at_home_and_counts_once(alice: Caller):
    run = begun(alice, solved=2)
    browser = signed_in(alice)
    assert "All steps are done" in page(alice)
    assert browser.post(FINISH)["Location"] == FINISH
    first = Run.objects.get().finished_at
    browser.post(FINISH)
    assert Run.objects.get().finished_at == first
    assert "You finished" in page(alice)
    event = Event.objects.filter(action="lab:FinishLab").first()
    assert event is not None
    assert event.account == run.home


def test_another_learner_finds_neither_result_nor_certificate(alice: Caller, bob: Caller):
    finished(alice)
    browser = signed_in(bob)
    for address in (FINISH, CERTIFICATE):
        assert browser.get(address).status_code == 404
    assert browser.post(FINISH).status_code == 404


def test_the_result_says_what_each_step_took(alice: Caller):
    run = begun(alice, solved=2)
    step = small.step(run, "group")
    assert step.started_at is not None
    step.ended_at = step.started_at + timedelta(minutes=65)
    step.attempts, step.hints, step.solution_shown = 3, 2, True
    step.save()
    assert "1. A group Skipped 3 2 Seen 1 hour 5 minutes" in page(alice)


# --- Policies beside the reference ----------------------------------------------------------------


def test_the_reference_itself_allows_the_same_and_is_all_that_is_needed(alice: Caller):
    run = begun(alice, solved=2)
    text = page(alice)
    assert "They allow exactly the same." in text
    assert "read , inline policy of the group Staff" in text
    assert f"Your policies beside the reference: user {pupil(run)}" in text
    assert "Just what is needed" in text
    assert "100 %" in text


def test_policies_that_allow_more_say_which_and_by_which_policy(alice: Caller):
    run = begun(alice, solved=2)
    attachments.attach_user_policy(
        root_of(run), user_name=pupil(run), policy_arn=f"{AWS}AmazonS3ReadOnlyAccess"
    )
    text = page(alice)
    assert "Yours allow all that the reference allows, and more." in text
    assert "Yours allow more s3:Get* *" in text
    assert "AmazonS3ReadOnlyAccess , AWS managed policy" in text
    assert "Too many, by service Amazon S3 (" in text


def test_policies_that_allow_less_say_what_is_missing(alice: Caller):
    run = begun(alice, solved=2)
    inline_policies.delete_group_policy(root_of(run), group_name="Staff", policy_name="read")
    text = page(alice)
    assert "Yours allow less than the reference." in text
    assert "Yours allow less s3:GetObject" in text
    assert "Missing s3:GetObject" in text
    assert "It has no policies." in text


def test_the_same_said_otherwise_is_the_same(alice: Caller):
    run = begun(alice, solved=2)
    root, user = root_of(run), pupil(run)
    inline_policies.delete_group_policy(root, group_name="Staff", policy_name="read")
    bucket = found.values_of(run)["bucket"]
    own = document(allow("s3:getobject", on=f"arn:aws:s3:::{bucket}/*", Sid="Mine"))
    inline_policies.put_user_policy(root, user_name=user, policy_name="mine", policy_document=own)
    text = page(alice)
    assert "They allow exactly the same." in text
    assert "Mine" not in text


def test_a_principal_that_is_gone_is_said_to_be_gone(alice: Caller):
    run = begun(alice, solved=2)
    root, user = root_of(run), pupil(run)
    groups.remove_user_from_group(root, group_name="Staff", user_name=user)
    for key in small.main(run).access_keys.all():
        key.delete()
    users.delete_user(root, user_name=user)
    text = page(alice)
    assert text.count("There is no such user or role any more") == 2
    assert signed_in(alice).post(FINISH).status_code == 302
    assert Run.objects.get().score is None


def test_what_learners_write_is_shown_as_text(alice: Caller):
    run = begun(alice, solved=2)
    text = document(allow("s3:GetObject", on="arn:aws:s3:::</td><script>alert(1)</script>"))
    inline_policies.put_user_policy(
        root_of(run), user_name=pupil(run), policy_name="x", policy_document=text
    )
    assert "<script>alert" not in signed_in(alice).get(FINISH).content.decode()


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", "7", '{"Statement": 7}', '{"Statement": [7, null]}', "[" * 5000]
)
def test_a_document_that_is_none_contributes_nothing(text: str):
    assert json.loads(comparison.merged([text])) == {"Statement": []}


def test_documents_are_written_in_one_way_before_they_are_compared():
    one = {"Resource": ["b", "a"], "Action": ["s3:X"], "Effect": "Allow", "Sid": "One"}
    other = {"Effect": "Allow", "Action": "s3:X", "Resource": ["a", "b"]}
    deny = {"Effect": "Deny", "NotAction": "a", "Resource": "*"}
    assert comparison.merged([document(one, deny)]) == comparison.merged(
        [document(deny), document(other)]
    )


# --- Certificate ----------------------------------------------------------------------------------


def test_the_certificate_says_who_did_what_and_when(alice: Caller):
    run = finished(alice)
    text = page(alice, CERTIFICATE)
    assert run.finished_at is not None
    for words in (
        "alice", "has finished the training lab A small lab", f"{run.finished_at:%B} ",
        "Steps solved 0 and 2 skipped", "Least privilege score 100 %",
        "Done by the IAM user alice of account 1111-2222-3333",
    ):  # fmt: skip
        assert words in text, words


def test_a_name_of_ones_own_is_put_on_it_as_text(alice: Caller):
    finished(alice)
    browser = signed_in(alice)
    answer = browser.get(CERTIFICATE, {"name": "Ana <b>Ö'Neil</b> \u202eevil"})
    assert "Ana &lt;b&gt;Ö&#x27;Neil&lt;/b&gt;" in answer.content.decode()
    assert "IAM user alice" in text_of(answer)


@pytest.mark.parametrize("name", ["x" * 81, "\x00", "x" * 100_000])
def test_a_name_that_is_too_long_or_none_is_refused(alice: Caller, name: str):
    finished(alice)
    answer = signed_in(alice).get(CERTIFICATE, {"name": name[:3000]})
    assert answer.status_code == 422
    assert '<p class="certificate-name" dir="auto">alice</p>' in answer.content.decode()


def test_the_score_is_the_one_of_when_the_lab_was_finished(alice: Caller):
    run = finished(alice)
    attachments.attach_user_policy(
        root_of(run), user_name=pupil(run), policy_arn=f"{AWS}AdministratorAccess"
    )
    assert "Least privilege score 100 %" in page(alice, CERTIFICATE)
    assert "under 1 %" in page(alice)
    assert "When you finished the lab it was 100 %" in page(alice)


def test_the_operator_finds_out_whether_a_code_is_genuine(alice: Caller, bob: Caller):
    made = certificates.certificate(finished(alice))
    another = certificates.certificate(finished(bob))
    assert made is not None
    assert another is not None
    assert made.code != another.code
    assert certificates.find(made.code) == made
    assert certificates.find(made.code.lower().replace("-", " ")) == made
    out = io.StringIO()
    call_command("lab", "verify", made.code, stdout=out)
    assert "IAM user alice of account 1111-2222-3333" in out.getvalue()
    assert "100 %" in out.getvalue()


@pytest.mark.parametrize("code", ["", "AAAAA-AAAAA-AAAAA-AAAAA", "\x00", "é" * 20, "-" * 10_000])
def test_any_other_code_is_not_genuine(alice: Caller, code: str):
    finished(alice)
    assert certificates.find(code) is None
    with pytest.raises(CommandError) as refused:
        call_command("lab", "verify", code)
    assert refused.value.returncode == 1


def test_a_code_covers_what_the_paper_says(alice: Caller):
    run = finished(alice)
    made = certificates.certificate(run)
    run.steps.update(state="done")
    changed = certificates.certificate(Run.objects.get())
    assert made is not None
    assert changed is not None
    assert changed.code != made.code


def test_a_certificate_outlives_a_reset_and_goes_when_the_lab_starts_anew(alice: Caller):
    run = finished(alice)
    made = certificates.certificate(run)
    assert made is not None
    doing.reset_lab(small.now(alice), run)
    assert certificates.find(made.code) == made
    doing.start(small.now(alice), small.lab())
    assert certificates.find(made.code) is None
    assert signed_in(alice).get(CERTIFICATE).status_code == 302
