"""Deleting objects, all of a bucket's objects, and a bucket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.errors import AccessDenied, ServiceError
from iamconsole.console.components import panels
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.s3 import deletion, keys
from iamconsole.console.s3 import pages as bucket_pages
from iamconsole.console.s3.deletion import WORDS, Sweep
from iamconsole.sandbox.actions import s3_buckets
from iamconsole.sandbox.actions.s3_listing import list_objects_v2
from iamconsole.sandbox.s3_resources import bucket_resource


@require_http_methods(["GET", "HEAD", "POST"])
def delete_objects(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Review what was ticked; delete it once the words were typed."""
    prefix = request.GET.get("prefix", "")
    back = keys.address("s3-bucket", bucket, prefix=prefix)
    sweep = deletion.posted(bucket, request.POST)
    if not sweep.left:
        messages.info(request, "Select the objects to delete first.")
        return go(request, back)
    page = {"heading": "Delete objects", "trail": keys.trail(bucket, prefix), "back_url": back}
    page["denied"] = bucket_pages.missing_below(
        request.caller, "s3:DeleteObject", bucket, keys.folder_of(prefix)
    )
    return _swept(request, sweep, page)


@require_http_methods(["GET", "HEAD", "POST"])
def empty(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Delete all objects of the bucket once the words were typed."""
    bucket_pages.must_exist(request.caller, bucket)
    sweep = deletion.posted(bucket, request.POST)
    if not sweep.begun:
        sweep = Sweep(bucket, [], [""])
    page = {
        "heading": "Empty bucket",
        "trail": keys.trail(bucket, ""),
        "back_url": keys.address("s3-bucket", bucket),
        "denied": bucket_pages.missing_below(request.caller, "s3:DeleteObject", bucket),
        "everything": True,
    }
    return _swept(request, sweep, page)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_bucket(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Delete an empty bucket once its name was typed."""
    caller, on = request.caller, bucket_resource(request.caller, bucket=bucket)
    form = ConfirmForm(request.POST or None, expected=bucket)
    if form.is_valid():
        try:
            s3_buckets.delete_bucket(caller, bucket=bucket)
        except AccessDenied:
            raise
        except ServiceError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"Successfully deleted bucket {bucket}.")
            return go(request, reverse("console:s3-buckets"))
    # Who may not list it learns from S3's refusal that it is not empty.
    first = panels.panel(list_objects_v2, caller, bucket=bucket, max_keys=1)
    page = {
        "bucket": bucket,
        "form": form,
        "holds_objects": bool(first.value and first.value.objects),
        "denied": panels.missing(caller, "s3:DeleteBucket", on, bucket=bucket),
        "trail": keys.trail(bucket, ""),
    }
    status = 422 if form.is_bound else 200
    return render(request, "console/s3/delete_bucket.html", page, status=status)


def _swept(request: ConsoleRequest, sweep: Sweep, page: dict[str, Any]) -> HttpResponse:
    """The review; one slice after the other; what came of it."""
    form = ConfirmForm(request.POST if "confirmation" in request.POST else None, expected=WORDS)
    page |= {"bucket": sweep.bucket, "sweep": sweep, "form": form, "words": WORDS}
    if not sweep.begun and not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "console/s3/delete_objects.html", page, status=status)
    sweep.run(request.caller)
    if sweep.left:
        return render(request, "console/s3/deleting.html", page)
    if sweep.failed:
        return render(request, "console/s3/deleted.html", page, status=409)
    objects = f"{sweep.deleted} object{pluralize(sweep.deleted)}"
    messages.success(request, f"Successfully deleted {objects}.")
    return go(request, page["back_url"])
