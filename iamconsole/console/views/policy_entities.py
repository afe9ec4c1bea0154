"""Who has a policy: the lists, and the pages that attach it, detach it, or make it a boundary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.policy_entities import list_entities_for_policy
from accounts.arns import last_part
from accounts.errors import AccessDenied
from accounts.paging import Page
from iamconsole.console.components import steps
from iamconsole.console.components.choosing import choose
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.reports import report
from iamconsole.console.components.steps import Step
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.htmx import go
from iamconsole.console.policies import entities, losses, pages
from iamconsole.console.policies.entities import Entity
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject

COLUMNS = (Column("name", "Entity name"), Column("kind", "Entity type"))

#: More than all users and roles that an account may have.
MOST_USES = 10_000

#: A use of the policy: the table's key, what AWS calls it.
ATTACHED, BOUNDED = ("attached", "PermissionsPolicy"), ("bounded", "PermissionsBoundary")


@require_safe
def index(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Who has the policy as permissions policy, and who is limited by it."""
    page = pages.context(request.caller, policy_arn, "entities")
    page["attached"] = _table(request, policy_arn, *ATTACHED, tuple(entities.KINDS))
    page["bounded"] = _table(request, policy_arn, *BOUNDED, entities.BOUNDED_KINDS)
    return render(request, "console/policies/entities.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Choose users, groups and roles to attach the policy to."""
    pages.must_exist(request.caller, policy_arn)
    name = last_part(policy_arn)
    return choose(
        request,
        entities.attach_picker(request, policy_arn),
        lambda chosen: entities.attachments(policy_arn, entities.read(chosen)),
        heading=f"Attach {name} as a permissions policy",
        help="Give it to groups rather than to single users where you can.",
        button="Attach policy",
        done=f"given {name}",
        needs=pages.ATTACHING,
        url=reverse("console:policy-entities", args=[policy_arn]),
        trail=Subject("policy", policy_arn).trail,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def bound(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Choose users and roles that the policy is to limit; what that changes is shown first."""
    pages.must_exist(request.caller, policy_arn)
    name = last_part(policy_arn)
    picker = entities.bound_picker(request, policy_arn)
    chosen = entities.read(picker.chosen, entities.BOUNDED_KINDS)
    if request.method == "POST" and chosen and not picker.browsing and not picker.problem:
        return _bound(request, policy_arn, chosen)
    return choose(
        request,
        picker,
        lambda _chosen: [],
        heading=f"Use {name} as a permissions boundary",
        help="A boundary gives nothing: from now on they can do only what both their policies and "
        "this policy allow. Everybody has one boundary at most: one that is there is replaced.",
        button="Next",
        done=f"limited by {name}",
        needs=pages.BOUNDING,
        url=reverse("console:policy-entities", args=[policy_arn]),
        trail=Subject("policy", policy_arn).trail,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def detach(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Detach the policy from those who were ticked, once that is confirmed."""
    chosen = entities.read(request.GET.getlist("entity"))
    return _confirm(
        request,
        policy_arn,
        chosen,
        partial(entities.detachments, policy_arn),
        ATTACHED[1],
        template="console/policies/detach.html",
        heading="Not everything was detached",
        done="{} detached from {}.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unbound(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Remove the policy as boundary of those who were ticked, once that is confirmed."""
    chosen = entities.read(request.GET.getlist("entity"), entities.BOUNDED_KINDS)
    return _confirm(
        request,
        policy_arn,
        chosen,
        entities.releases,
        BOUNDED[1],
        template="console/policies/unbound.html",
        heading="Not every boundary was removed",
        done="{} removed as the permissions boundary of {}.",
    )


@require_safe
def of_chosen(request: ConsoleRequest, page: str) -> HttpResponse:
    """From the list to the page of the policy that was ticked there."""
    chosen = request.GET.getlist("policy")
    if len(chosen) != 1 or not chosen[0]:
        messages.info(request, "Select one policy first.")
        return go(request, reverse("console:policies"))
    return go(request, reverse(f"console:{page}", args=chosen))


def _bound(request: ConsoleRequest, policy_arn: str, chosen: Sequence[Entity]) -> HttpResponse:
    """Show what each of them gains and loses, and which boundary is replaced; then set it."""
    name, url = last_part(policy_arn), reverse("console:policy-entities", args=[policy_arn])
    wanted = entities.bounds(policy_arn, chosen)
    edited = Edited(
        request,
        f"who is to be limited by {name}",
        lambda: "\n".join(
            f"{each}: {of.state()}" for each, of in entities.bounded(request, chosen)
        ),
    )
    if "reviewed" in request.POST:
        return report(
            request,
            steps.run(edited.guard(), wanted, go_on=True),
            heading="Not every boundary was set",
            success=f"{name} is now the permissions boundary of {', '.join(map(str, chosen))}.",
            url=url,
        )
    page = {
        "policy_arn": policy_arn,
        "name": name,
        "edited": edited,
        "rows": entities.limits(request, policy_arn, chosen),
        "most_effects": entities.MOST_EFFECTS,
        "missing": " and ".join(steps.missing(request.caller, wanted)),
        "back_url": url,
    }
    return render(request, "console/policies/bound.html", page)


def _table(
    request: ConsoleRequest, policy_arn: str, key: str, usage: str, kinds: Sequence[str]
) -> Table:
    words = [(kind, f"{entities.KINDS[kind][0]}s") for kind in kinds]
    types = Filter("type", "Filter by entity type", (("", "All types"), *words))
    table = Table(request.GET, COLUMNS, key=key, sort="name", filters=(types,))
    try:
        found = list_entities_for_policy(
            request.caller, policy_arn=policy_arn, policy_usage_filter=usage,
            entity_filter=table.filtered["type"] or None, search=table.search, sort=table.order,
            page=table.number, page_size=table.size,
        ).listed  # fmt: skip
    except AccessDenied as error:
        table.refuse(error)
        return table
    rows = [Entity(each.kind, each.name) for each in found.items]
    table.show(Page(rows, total=found.total, number=found.number, pages=found.pages))
    return table


def _confirm(
    request: ConsoleRequest,
    policy_arn: str,
    chosen: Sequence[Entity],
    wanted: Callable[[Sequence[Entity]], list[Step]],
    usage: str,
    *,
    template: str,
    heading: str,
    done: str,
) -> HttpResponse:
    """The dialog that takes the policy from somebody, and what it does."""
    pages.must_exist(request.caller, policy_arn)
    url, name = reverse("console:policy-entities", args=[policy_arn]), last_part(policy_arn)

    def held() -> list[Entity]:
        everybody = entities.names_of_use(request.caller, policy_arn, usage, MOST_USES).items
        return [each for each in chosen if each in everybody]

    # Nobody loses what this policy did not give: another boundary than this one stays.
    losing = held()
    if not losing:
        messages.info(request, f"Select who is to lose {name} first.")
        return go(request, url)
    edited = Edited(request, f"who uses {name}", lambda: "\n".join(map(str, held())))
    if request.method == "POST":
        return report(
            request,
            steps.run(edited.guard(), wanted(losing), go_on=True),
            heading=heading,
            success=done.format(name, ", ".join(map(str, losing))),
            url=url,
        )
    page = {
        "policy_arn": policy_arn,
        "name": name,
        "chosen": losing,
        "losses": losses.of_detaching(request.caller, policy_arn, losing)
        if usage == ATTACHED[1]
        else None,
        "edited": edited,
        "missing": " and ".join(steps.missing(request.caller, wanted(losing))),
        "back_url": url,
    }
    return render(request, template, page)
