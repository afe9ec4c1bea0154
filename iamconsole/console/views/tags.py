"""Managing tags: all those of a user, role, policy or identity provider on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.actions.policies import list_policy_tags
from accounts.actions.roles import list_role_tags
from accounts.actions.users import list_user_tags
from accounts.errors import AccessDenied
from iamconsole.console.components.tagging import Tagged, edit_tags
from iamconsole.console.policies import pages as policy_pages
from iamconsole.console.providers import listed
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject


@require_http_methods(["GET", "HEAD", "POST"])
def user(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """A user's."""
    return edit_tags(request, _tagged("user", user_name, list_user_tags))


@require_http_methods(["GET", "HEAD", "POST"])
def role(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """A role's."""
    return edit_tags(request, _tagged("role", role_name, list_role_tags))


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """A customer managed policy's."""
    if not policy_pages.is_own(policy_arn):
        raise AccessDenied(policy_pages.AWS_OWNED, resource=policy_arn)
    return edit_tags(request, _tagged("policy", policy_arn, list_policy_tags))


@require_http_methods(["GET", "HEAD", "POST"])
def provider(request: ConsoleRequest, provider_arn: str) -> HttpResponse:
    """An identity provider's."""
    sort, trail = listed.sort_of(provider_arn), listed.trail(provider_arn)
    tagged = Tagged(
        "identity provider", listed.name_of(provider_arn), {sort.argument: provider_arn},
        sort.list_tags, sort.tag, sort.untag,
        trail[-1][1], trail,
    )  # fmt: skip
    return edit_tags(request, tagged)


def _tagged(kind: str, key: str, list_tags: Callable[..., Any]) -> Tagged:
    subject = Subject(kind, key)
    return Tagged(
        kind, subject.name, subject.named,
        list_tags, f"iam:Tag{kind.title()}", f"iam:Untag{kind.title()}",
        subject.page("tags"), subject.trail,
    )  # fmt: skip
