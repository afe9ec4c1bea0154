"""The versions of a policy: list, two beside each other, put in force, delete."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.policy_versions import Version, get_policy_version, list_policy_versions
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.quotas import VERSIONS_PER_POLICY
from iamconsole.console.components import panels, steps
from iamconsole.console.components.difference import side_by_side
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.reports import carry_out, report
from iamconsole.console.components.steps import step
from iamconsole.console.policies import changes, pages
from iamconsole.console.policies.documents import laid_out
from iamconsole.console.request import ConsoleRequest


@require_safe
def index(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """All versions of the policy."""
    found = panels.subject(list_policy_versions, request.caller, policy_arn=policy_arn)
    page = pages.context(
        request.caller, policy_arn, "versions", versions=found, limit=VERSIONS_PER_POLICY
    )
    return render(request, "console/policies/versions.html", page)


@require_safe
def compare(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Two versions side by side: where none was named, the one in force and the one before it."""
    versions = list_policy_versions(request.caller, policy_arn=policy_arn).items
    left, right = _chosen(request, versions)
    before, after = (
        get_policy_version(request.caller, policy_arn=policy_arn, version_id=each)
        for each in (left, right)
    )
    page = {
        "policy_arn": policy_arn,
        "name": last_part(policy_arn),
        "versions": versions,
        "left": before,
        "right": after,
        **_compared(before, after),
    }
    return render(request, "console/policies/compare.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def set_default(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Show what another version changes, and put it in force once that is confirmed."""
    url = reverse("console:policy-versions", args=[policy_arn])
    version_id = request.GET.get("version", "")
    if not version_id:
        messages.info(request, "Select one version first.")
        return redirect(url)
    read = pages.state_of_versions(request.caller, policy_arn)
    edited = Edited(request, f"the version of {last_part(policy_arn)} in force", read)
    after = get_policy_version(request.caller, policy_arn=policy_arn, version_id=version_id)
    wanted = step(
        f"Set {version_id} as default", "iam:SetDefaultPolicyVersion",
        policy_arn=policy_arn, version_id=version_id,
    )  # fmt: skip
    if request.method == "POST":
        caller = edited.guard(f"Version {version_id}\n{laid_out(after.document or '')}")
        return report(
            request,
            steps.run(caller, [wanted]),
            heading=f"Set {version_id} as default",
            success=format_html(
                "{} of policy {} is in force now.", version_id, last_part(policy_arn)
            ),
            url=url,
        )
    before = pages.default_version(request.caller, policy_arn)
    page = _dialog(request, policy_arn, edited, [wanted], right=after, left=before)
    page |= _compared(before, after) | {"uses": pages.must_exist(request.caller, policy_arn).value}
    return render(request, "console/policies/set_default.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Delete the versions that were ticked, once that is confirmed; never the one in force."""
    chosen = list(dict.fromkeys(request.GET.getlist("version")))[:VERSIONS_PER_POLICY]
    edited = Edited(
        request,
        f"the versions of {last_part(policy_arn)}",
        lambda: _listed(request.caller, policy_arn),
    )
    wanted = [
        step(f"Delete {each}", "iam:DeletePolicyVersion", policy_arn=policy_arn, version_id=each)
        for each in chosen
    ]
    url = reverse("console:policy-versions", args=[policy_arn])
    if request.method == "POST" and wanted:
        return report(
            request,
            carry_out(edited.guard(), wanted),
            heading="Not all versions were deleted",
            success=f"Deleted {' and '.join(chosen)} of {last_part(policy_arn)}.",
            url=url,
        )
    page = _dialog(request, policy_arn, edited, wanted, chosen=chosen)
    versions = list_policy_versions(request.caller, policy_arn=policy_arn).items
    page["in_force"] = [each for each in versions if each.is_default and each.version_id in chosen]
    return render(request, "console/policies/delete_versions.html", page)


def _chosen(request: ConsoleRequest, versions: Any) -> tuple[str, str]:
    """The two to compare, the older one first unless they are named one by one."""
    named = request.GET.getlist("version")[:2]
    in_force = next(each.version_id for each in versions if each.is_default)
    if request.GET.get("left") or request.GET.get("right"):
        return request.GET.get("left") or in_force, request.GET.get("right") or in_force
    if len(named) < 2:
        named = [in_force, next(iter(named + _others(versions, in_force)), in_force)]
    older, newer = sorted(named, key=_number)
    return older, newer


def _others(versions: Any, in_force: str) -> list[str]:
    """All but the one in force: first those before it; the newest first."""
    others = [each.version_id for each in versions if each.version_id != in_force]
    at = _number(in_force)
    return sorted(others, key=lambda each: (_number(each) > at, -_number(each)))


def _number(version_id: str) -> int:
    digits = version_id[1:10]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _compared(before: Version, after: Version) -> dict[str, Any]:
    texts = before.document or "", after.document or ""
    return {
        "lines": side_by_side(laid_out(texts[0]), laid_out(texts[1])),
        "same": texts[0] == texts[1],
        "effect": changes.between(*texts),
    }


def _dialog(
    request: ConsoleRequest, policy_arn: str, edited: Edited, wanted: list[Any], **more: Any
) -> dict[str, Any]:
    return {
        "policy_arn": policy_arn,
        "name": last_part(policy_arn),
        "edited": edited,
        "missing": " and ".join(steps.missing(request.caller, wanted)),
        "own": pages.is_own(policy_arn),
        "back_url": reverse("console:policy-versions", args=[policy_arn]),
        **more,
    }


def _listed(caller: Caller, policy_arn: str) -> str:
    """The versions as text, to be compared."""
    found = panels.panel(list_policy_versions, caller, policy_arn=policy_arn)
    return "\n".join(
        f"{each.version_id}{' (default)' if each.is_default else ''}"
        for each in (found.value.items if found.value else ())
    )
