"""Addresses of the pages that explain: the question stands in them, and is asked anew there."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from accounts.authorize import Asked
from accounts.caller import Caller

#: Condition keys that belong to one call alone: on the page that explains it, they must be given.
_OF_THE_CALL = (
    "aws:requesttag/",
    "aws:tagkeys",
    "iam:",
    "s3:delimiter",
    "s3:if-",
    "s3:locationconstraint",
    "s3:max-keys",
    "s3:prefix",
    "s3:requestobjecttag",
    "s3:x-amz-",
    "sts:",
)
_OF_THE_RESOURCE = (
    "ec2:instanceprofile",
    "iam:resourcetag/",
    "iam:permissionsboundary",
    "sts:resourcetag/",
)


def explain_url(action: str, resource: str = "", keys: list[tuple[str, str]] | None = None) -> str:
    """The page that explains to whoever opens it why he may do something, or not."""
    query: list[tuple[str, str]] = [("action", action)]
    if resource:
        query.append(("resource", resource))
    for key, value in keys or []:
        query += [("key", key), ("value", value)]
    try:
        return f"{reverse('console:explain')}?{urlencode(query)}"
    except NoReverseMatch:
        return ""


def explain_refusal_url(asked: Asked) -> str:
    """The same for a call that was refused."""
    request = asked.request
    return explain_url(request.action, request.resource, keys_of(asked))


def keys_of(asked: Asked) -> list[tuple[str, str]]:
    """The condition keys that only this call had, each value by itself."""
    found = []
    request = asked.request
    # What is yet to be launched has its properties from the call; what is there keeps its own.
    new = request.action == "ec2:RunInstances" or (
        request.action.startswith("ec2:") and request.resource.endswith("*")
    )
    of_the_call = (*_OF_THE_CALL, "ec2:", "aws:requestedregion") if new else _OF_THE_CALL
    for key, value in request.context.entries.items():
        if key.startswith(of_the_call) and not key.startswith(_OF_THE_RESOURCE):
            found += [(key, each) for each in ([value] if isinstance(value, str) else value)]
    return found


def simulator_url(caller: Caller, action: str, resource: str) -> str:
    """The simulator on the caller's own policies; nothing for the root user, who has none."""
    if caller.user is not None:
        view, name = "console:user-simulate", caller.user.name
    elif caller.role is not None:
        view, name = "console:role-simulate", caller.role.name
    else:
        return ""
    try:
        return f"{reverse(view, args=[name])}?{urlencode({'action': action, 'resource': resource})}"
    except NoReverseMatch:
        return ""
