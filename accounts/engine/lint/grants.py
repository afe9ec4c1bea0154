"""Checks of what a policy gives away: roles to pass, service-linked roles, ways to more rights."""

from __future__ import annotations

from dataclasses import dataclass

from ..grammar import PolicyKind
from ..match import matches
from .arns import split
from .entries import DocumentEntry, Entry, StatementEntry
from .report import Report, listed
from .texts import has_wildcard, pattern

_SOME_NAME = "\x00"  # a name nobody wrote on purpose: only a wildcard can match it


@dataclass(frozen=True, slots=True)
class _Gift:
    """An action whose resource decides how much it gives away."""

    action: str
    code: str
    resource: str
    keys: tuple[str, ...]
    harm: str


_GIFTS = (
    _Gift(
        "iam:PassRole",
        "PASS_ROLE",
        f"role/{_SOME_NAME}",
        ("iam:passedtoservice", "iam:associatedresourcearn"),
        "With it any role of the account can be handed to a service, an administrator's too.",
    ),
    _Gift(
        "iam:CreateServiceLinkedRole",
        "CREATE_SLR",
        f"role/aws-service-role/{_SOME_NAME}.amazonaws.com/{_SOME_NAME}",
        ("iam:awsservicename",),
        "With it roles can be made for any service.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Way:
    """Actions that together lead to more rights than the policy shows."""

    actions: tuple[str, ...]
    outcome: str
    # Harmless where only the user's own name is meant.
    harmless_on_oneself: bool = False


_WAYS = (
    _Way(("iam:CreatePolicyVersion",), "rewrite a policy that is attached"),
    _Way(("iam:SetDefaultPolicyVersion",), "bring back an older version of a policy"),
    _Way(("iam:AttachUserPolicy",), "attach any policy to a user"),
    _Way(("iam:AttachGroupPolicy",), "attach any policy to a group"),
    _Way(("iam:AttachRolePolicy", "sts:AssumeRole"), "attach any policy to a role and assume it"),
    _Way(("iam:PutUserPolicy",), "write any inline policy for a user"),
    _Way(("iam:PutGroupPolicy",), "write any inline policy for a group"),
    _Way(("iam:PutRolePolicy", "sts:AssumeRole"), "write any policy for a role and assume it"),
    _Way(("iam:AddUserToGroup",), "join a group that may do more"),
    _Way(("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"), "make a role trust oneself"),
    _Way(("iam:CreateAccessKey",), "make keys for another user", True),
    _Way(("iam:CreateLoginProfile",), "give another user a password", True),
    _Way(("iam:UpdateLoginProfile",), "change another user's password", True),
    _Way(("iam:DeleteUserPermissionsBoundary",), "take away a user's boundary"),
    _Way(("iam:DeleteRolePermissionsBoundary",), "take away a role's boundary"),
    _Way(("iam:PutUserPermissionsBoundary",), "widen a user's boundary"),
    _Way(("iam:PutRolePermissionsBoundary",), "widen a role's boundary"),
    _Way(("iam:PassRole", "ec2:RunInstances"), "start an instance with another role"),
    _Way(
        ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
        "run code in a function with another role",
    ),
    _Way(
        ("iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
        "have a function with another role run by events",
    ),
    _Way(("lambda:UpdateFunctionCode",), "run code with the role of a function"),
    _Way(("iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"), "run a task as a role"),
    _Way(("iam:PassRole", "cloudformation:CreateStack"), "build a stack with another role"),
    _Way(("iam:PassRole", "glue:CreateDevEndpoint"), "open a Glue endpoint with another role"),
    _Way(
        ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
        "run a build with another role",
    ),
    _Way(
        ("iam:PassRole", "sagemaker:CreateNotebookInstance"),
        "open a notebook with another role",
    ),
)


def check(document: DocumentEntry, report: Report) -> None:
    """Report what an identity-based policy gives away."""
    if report.kind is not PolicyKind.IDENTITY:
        return
    for statement in document.statements:
        if statement.allows:
            for gift in _GIFTS:
                _check_gift(gift, statement, document, report)
    _check_ways(document, report)


def _check_gift(
    gift: _Gift, statement: StatementEntry, document: DocumentEntry, report: Report
) -> None:
    if any(condition.lower in gift.keys for condition in statement.conditions):
        return
    where: Entry | None = None
    manner = ""
    for entry in statement.actions:
        if has_wildcard(entry.text):
            if where is None and _reaches(entry, gift.action):
                where, manner = entry, "STAR_IN_ACTION"
        elif entry.text.lower() == gift.action.lower():
            where, manner = entry, ""
            break
    if statement.not_actions and not any(
        _reaches(entry, gift.action) for entry in statement.not_actions
    ):
        where, manner = statement.not_actions[0], "NOTACTION"
    if where is None:
        return
    if "NotResource" in statement.raw:
        code = "_AND_".join(filter(None, (manner, "NOTRESOURCE")))
        reason = "NotResource leaves all others open."
    elif any(_is_open(pattern(each.text, document), gift) for each in statement.resources):
        code = {
            "": "STAR_IN_RESOURCE",
            "STAR_IN_ACTION": "STAR_IN_ACTION_AND_RESOURCE",
            "NOTACTION": "STAR_IN_RESOURCE_AND_NOTACTION",
        }[manner]
        reason = "The resource is left open."
    else:
        return
    message = (
        f"This allows {gift.action}. {reason} {gift.harm} Name the roles, or add the condition key "
        f"{'iam:PassedToService' if gift.code == 'PASS_ROLE' else 'iam:AWSServiceName'}."
    )
    report.add(f"{gift.code}_WITH_{code}", message, where.path)


def _reaches(entry: Entry, action: str) -> bool:
    if entry.text == "*":
        return True
    prefix, _, name = entry.text.lower().partition(":")
    wanted, _, short = action.lower().partition(":")
    return prefix == wanted and matches(name, short)


def _is_open(resource: str, gift: _Gift) -> bool:
    if resource == "*":
        return True
    arn = split(resource)
    return arn is not None and arn.service == "iam" and matches(arn.resource, gift.resource)


def _check_ways(document: DocumentEntry, report: Report) -> None:
    granting = [each for each in document.statements if each.allows and not each.conditions]
    if any(_allows_everything(each) for each in granting):
        return  # An administrator's policy: there is nothing more to gain.
    denying = [
        each
        for each in document.statements
        if each.effect == "Deny" and not each.conditions and _is_about_all(each)
    ]
    found: dict[Entry, list[str]] = {}
    for way in _WAYS:
        places = [_granted(action, way, granting, denying, document) for action in way.actions]
        if None not in places and places[0] is not None:
            found.setdefault(places[0], []).append(f"{way.outcome} ({' + '.join(way.actions)})")
    for entry, outcomes in found.items():
        message = f"Whoever has this policy can gain more rights: {listed(outcomes, 3)}."
        report.add("PRIVILEGE_ESCALATION", message, entry.path)


def _granted(
    action: str,
    way: _Way,
    granting: list[StatementEntry],
    denying: list[StatementEntry],
    document: DocumentEntry,
) -> Entry | None:
    """Where the policy allows the action, if it does."""
    if any(_entry_for(action, each) is not None for each in denying):
        return None
    for statement in granting:
        entry = _entry_for(action, statement)
        if entry is None:
            continue
        if way.harmless_on_oneself and _is_about_oneself(statement):
            continue
        if action == "sts:AssumeRole" and not _is_about_all(statement):
            continue
        return entry
    return None


def _entry_for(action: str, statement: StatementEntry) -> Entry | None:
    for entry in statement.actions:
        if _reaches(entry, action):
            return entry
    if statement.not_actions and not any(_reaches(each, action) for each in statement.not_actions):
        return statement.not_actions[0]
    return None


def _allows_everything(statement: StatementEntry) -> bool:
    return _is_about_all(statement) and any(each.text == "*" for each in statement.actions)


def _is_about_all(statement: StatementEntry) -> bool:
    return any(each.text == "*" for each in statement.resources)


def _is_about_oneself(statement: StatementEntry) -> bool:
    return bool(statement.resources) and all(
        each.text.lower().endswith("${aws:username}") for each in statement.resources
    )
