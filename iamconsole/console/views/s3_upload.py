"""Putting files and folders into a bucket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.caller import Caller
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.s3 import FolderForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.s3 import keys, uploading
from iamconsole.console.s3 import pages as bucket_pages
from iamconsole.sandbox import s3_limits
from iamconsole.sandbox.actions.s3_objects import put_object

#: What S3's own console calls the empty object that makes a folder.
_FOLDER_TYPE = "application/x-directory; charset=UTF-8"


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Choose files; then what came of each.

    The form is offered to whoever lacks s3:PutObject too, and says so: as in S3, the attempt is
    made and refused file by file.
    """
    folder = keys.folder_of(request.GET.get("prefix", ""))
    page = _context(request.caller, bucket, folder)
    files = request.FILES.getlist("files")
    if request.method == "POST" and files:
        result = uploading.put(request.caller, bucket, folder, files)
        page["result"] = result
        return render(request, "console/s3/uploaded.html", page, status=result.status)
    page |= {
        "none_chosen": request.method == "POST",
        "object_bytes": s3_limits.OBJECT_BYTES,
        "account_bytes": s3_limits.ACCOUNT_BYTES,
        "most_files": 100,
    }
    status = 422 if page["none_chosen"] else 200
    return render(request, "console/s3/upload.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def create_folder(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Name a folder: an empty object whose key ends with a slash."""
    folder = keys.folder_of(request.GET.get("prefix", ""))
    page = _context(request.caller, bucket, folder)
    form = FolderForm(request.POST or None)
    if form.is_valid():
        key = folder + form.cleaned_data["name"] + keys.SLASH
        made = submitted(
            form,
            request.caller,
            put_object,
            bucket=bucket,
            key=key,
            content_length=0,
            content_type=_FOLDER_TYPE,
        )
        if made:
            name = keys.visible(form.cleaned_data["name"])
            messages.success(request, f"Successfully created folder {name}.")
            return go(request, keys.address("s3-bucket", bucket, prefix=folder))
    page["form"] = form
    status = 422 if form.is_bound else 200
    return render(request, "console/s3/create_folder.html", page, status=status)


def _context(caller: Caller, bucket: str, folder: str) -> dict[str, Any]:
    bucket_pages.must_exist(caller, bucket)
    return {
        "bucket": bucket,
        "folder": folder,
        "destination": f"s3://{bucket}/{keys.visible(folder)}",
        "trail": keys.trail(bucket, folder),
        "back_url": keys.address("s3-bucket", bucket, prefix=folder),
        "denied": bucket_pages.missing_below(caller, "s3:PutObject", bucket, folder),
    }
