"""A lab of two steps, small enough to be played through in a test, and a browser that is in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import instance
from accounts.actions import inline_policies, users
from accounts.caller import Caller
from accounts.models import Account
from accounts.types import Tag
from iamconsole.labs import found
from iamconsole.labs.format import reading
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.models import Pack, Run, StepProgress
from tests.cast import allow, document
from tests.console.browsers import signed_in

ID = "little-lab"
#: What must not be known before it was asked for.
HINTS = ("Which policies has she?", "She needs s3:GetObject.", "An inline policy will do.")
SOLUTION = "Write an inline policy called Secretly."
FAIL = "{user} still can't read the report."
_LAB = """
format: labs/v1
id: little-lab
title: A little lab
summary: Two small tasks for tests.
level: beginner
minutes: 15
learn: [What a lab is]
values:
  user: ana
  bucket: {pattern: "reports-{6}"}
  password: {password: true}
sign_in: user/admin
start:
  - CreateUser: {UserName: admin}
  - AttachUserPolicy: {UserName: admin, PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess"}
  - CreateLoginProfile: {UserName: admin, Password: "{password}", PasswordResetRequired: true}
  - CreateUser: {UserName: "{user}"}
  - s3:CreateBucket: {Bucket: "{bucket}"}
steps:
  - id: read
    title: Let her read
    text: steps/read.md
    show:
      - {page: "/console/iam/users/{user}/", control: delete-user, say: Here is her name.}
      - {page: "/console/iam/", control: nav-users, say: All users.}
    checks:
      - can: {principal: "user/{user}", action: s3:GetObject, resource: "arn:aws:s3:::{bucket}/*"}
        fail: "{user} still can't read the report."
      - cannot: {principal: "user/{user}", action: "iam:*"}
        fail: "{user} can do too much: {path}."
    hints:
      - Which policies has she?
      - She needs s3:GetObject.
      - An inline policy will do.
    solution: solutions/read.md
    solve:
      - PutUserPolicy:
          UserName: "{user}"
          PolicyName: Secretly
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]
  - id: tag
    title: Say whose team she is in
    text: steps/tag.md
    checks:
      - tag: {on: "user/{user}", key: team, value: reports}
        fail: "{user} has no such tag."
    hints: [Tags are on a tab of hers., The key is team., The value is reports.]
    solution: solutions/tag.md
    solve:
      - TagUser: {UserName: "{user}", Tags: [{Key: team, Value: reports}]}
finish:
  text: finish.md
"""
FILES = {
    "lab.yaml": _LAB.lstrip(),
    "intro.md": "A lab for tests.\n",
    "steps/read.md": "Let **{user}** read `{bucket}`.\n",
    "steps/tag.md": "Tag {user} with her team.\n",
    "solutions/read.md": f"{SOLUTION}\n",
    "solutions/tag.md": "Tag her.\n",
    "finish.md": "That was it.\n",
    "wrong/group.yaml": 'step: read\ndo: [{CreateGroup: {GroupName: readers}}]\nfails: "still"\n',
    "wrong/none.yaml": 'step: tag\ndo: [{CreateGroup: {GroupName: reports}}]\nfails: "no such"\n',
}


def offer() -> Lab:
    """Install the lab as an operator would."""
    lab = reading.read(FILES)
    Pack.objects.create(
        lab=ID, digest=lab.digest, files=FILES, added_at=timezone.now(), offered=True
    )
    return lab


def address(name: str, *more: str) -> str:
    """The path of a view of this lab: `address("check", "read")`."""
    return reverse(f"labs:{name}", args=[ID, *more])


@dataclass
class Inside:
    """A browser whose learner has started the lab, and the run."""

    browser: Client
    learner: Caller

    @property
    def run(self) -> Run:
        """The learner's run, as it is now."""
        learner = found.learner_of(self.learner)
        assert learner is not None
        run = found.run_of(learner, ID)
        assert run is not None
        return run

    @property
    def account(self) -> Account:
        """The lab's account."""
        return Account.objects.get(lab_account__run=self.run)

    def progress(self, step: str = "read") -> StepProgress:
        """How far a step is."""
        return self.run.steps.get(step=step)

    def post(self, name: str, *more: str, htmx: bool = True, **sent: str) -> str:
        """Post to one of the drawer's addresses; the answer's text."""
        headers = {"HX-Request": "true"} if htmx else {}
        answer = self.browser.post(address(name, *more), sent, headers=headers)
        assert answer.status_code == 200, answer
        return answer.content.decode()

    def page(self, path: str = "/console/iam/users/", **headers: str) -> str:
        """A page of the console, as the browser sees it."""
        answer = self.browser.get(path, headers=headers)
        assert answer.status_code == 200, answer
        return answer.content.decode()

    def solve(self, step: str = "read") -> None:
        """Do in the lab's account what solves a step."""
        root = instance.root(self.account)
        if step == "read":
            inline_policies.put_user_policy(
                root, user_name="ana", policy_name="Read",
                policy_document=document(allow("s3:GetObject")),
            )  # fmt: skip
        else:
            users.tag_user(root, user_name="ana", tags=[Tag("team", "reports")])


def inside(learner: Caller) -> Inside:
    """Start the lab as a learner does, by its button."""
    browser = signed_in(learner)
    answer = browser.post(address("start"))
    assert answer.status_code == 302, answer.content.decode()
    return Inside(browser, learner)
