"""Who may get at a bucket: its policy, and what keeps the public out whatever the policy says."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.caller import Caller
from accounts.engine import PolicyKind
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.forms.base import ActionForm, submitted
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.forms.s3 import BlockForm
from iamconsole.console.htmx import go
from iamconsole.console.policies.editor import RESOURCE_SKELETON, PolicyEditor, Purpose
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.s3 import keys
from iamconsole.sandbox import bucket_policies
from iamconsole.sandbox.actions.bucket_policies import (
    delete_bucket_policy,
    get_bucket_policy,
    get_public_access_block,
    put_bucket_policy,
    put_public_access_block,
)
from iamconsole.sandbox.s3_errors import NoSuchBucketPolicy
from iamconsole.sandbox.s3_resources import bucket_resource
from iamconsole.sandbox.s3_types import PublicAccessBlockConfiguration

_CONFIRM = "confirm"
_BLOCKS = tuple(BlockForm.base_fields)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """The bucket's policy in the editor, with what there is to say about it."""
    caller, on = request.caller, bucket_resource(request.caller, bucket=bucket)
    before = _policy(caller, bucket)
    check = partial(bucket_policies.check, bucket)
    purpose = Purpose(PolicyKind.RESOURCE, bucket_policies.LARGEST, check)
    first = before or RESOURCE_SKELETON
    editor = PolicyEditor(request, purpose, initial=first, attached_to=on.arn)
    edited = Edited(request, f"the policy of {bucket}", lambda: _policy(caller, bucket))
    form = ActionForm(request.POST or None)
    if editor.accepted and form.is_valid():
        guarded = edited.guard(editor.document)
        if submitted(form, guarded, put_bucket_policy, bucket=bucket, policy=editor.document):
            messages.success(request, "Successfully edited bucket policy.")
            return go(request, keys.address("s3-bucket-permissions", bucket))
    page = _context(bucket) | {"editor": editor, "edited": edited, "form": form, "arn": on.arn}
    page["denied"] = panels.missing(caller, "s3:PutBucketPolicy", on, bucket=bucket)
    status = 422 if editor.refused or form.errors else 200
    return render(request, "console/s3/edit_policy.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Take the policy away once the word was typed."""
    on = bucket_resource(request.caller, bucket=bucket)
    form = ConfirmForm(request.POST or None, expected="delete")
    if form.is_valid():
        delete_bucket_policy(request.caller, bucket=bucket)
        messages.success(request, "Successfully deleted bucket policy.")
        return go(request, keys.address("s3-bucket-permissions", bucket))
    page = _context(bucket) | {"form": form}
    page["denied"] = panels.missing(request.caller, "s3:DeleteBucketPolicy", on, bucket=bucket)
    status = 422 if form.is_bound else 200
    return render(request, "console/s3/delete_policy.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def block(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """The four switches that keep the public out."""
    caller, on = request.caller, bucket_resource(request.caller, bucket=bucket)
    now = _blocks(caller, bucket)
    sent = request.method == "POST"
    form = BlockForm(request.POST if sent else None, initial=now)
    confirm = ConfirmForm(request.POST if sent else None, expected=_CONFIRM)
    edited = Edited(
        request, f"Block public access of {bucket}", lambda: _as_text(_blocks(caller, bucket))
    )
    if sent and form.is_valid() and confirm.is_valid():
        wanted = PublicAccessBlockConfiguration(**form.cleaned_data)
        done = submitted(
            form,
            edited.guard(_as_text(form.cleaned_data)),
            put_public_access_block,
            bucket=bucket,
            public_access_block_configuration=wanted,
        )
        if done:
            messages.success(request, "Successfully edited Block Public Access settings.")
            return go(request, keys.address("s3-bucket-permissions", bucket))
    page = _context(bucket) | {"form": form, "confirm": confirm, "edited": edited}
    page["denied"] = panels.missing(caller, "s3:PutBucketPublicAccessBlock", on, bucket=bucket)
    return render(request, "console/s3/block.html", page, status=422 if sent else 200)


def _context(bucket: str) -> dict[str, Any]:
    url = keys.address("s3-bucket-permissions", bucket)
    trail = [("Buckets", reverse("console:s3-buckets")), (bucket, url)]
    return {"bucket": bucket, "back_url": url, "trail": trail}


def _policy(caller: Caller, bucket: str) -> str:
    """The policy there is now; nothing where there is none."""
    try:
        return get_bucket_policy(caller, bucket=bucket)
    except NoSuchBucketPolicy:
        return ""


def _blocks(caller: Caller, bucket: str) -> dict[str, bool]:
    found = get_public_access_block(caller, bucket=bucket)
    return {name: getattr(found, name) for name in _BLOCKS}


def _as_text(blocks: dict[str, bool]) -> str:
    return "\n".join(f"{name}: {'on' if blocks[name] else 'off'}" for name in _BLOCKS)
