"""One object: what S3 knows of it, its tags, its bytes."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from iamconsole.console.components import panels
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.s3 import keys, tagging
from iamconsole.console.s3 import pages as bucket_pages
from iamconsole.sandbox.actions.s3_object_tags import (
    delete_object_tagging,
    get_object_tagging,
    put_object_tagging,
)
from iamconsole.sandbox.actions.s3_objects import get_object, head_object
from iamconsole.sandbox.s3_objects import DEFAULT_TYPE
from iamconsole.sandbox.s3_resources import existing_object

_BUTTONS = ("s3:GetObject", "s3:DeleteObject", "s3:PutObjectTagging", "s3:DeleteObjectTagging")
_PLAIN_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


@require_safe
def show(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """What S3 knows of the object that `?key=` names."""
    caller, key = request.caller, keys.asked(request)
    if not key:
        return _without_key(request, bucket)
    on = existing_object(caller, bucket=bucket, key=key)
    page = {
        "bucket": bucket,
        "key": key,
        "shown_key": keys.visible(key),
        "name": keys.name_in(keys.folder_of(key), key),
        "kind": keys.kind_of(key),
        "packed": keys.packed(key),
        "arn": on.arn,
        "uri": f"s3://{bucket}/{key}",
        "url": f"{settings.BASE_URL}/{bucket}/{keys.packed(key)}",
        "trail": keys.trail(bucket, keys.folder_of(key)),
        "found": panels.subject(head_object, caller, bucket=bucket, key=key),
        "tags": bucket_pages.tags(get_object_tagging, caller, bucket=bucket, key=key),
        "denied": panels.missing_of(caller, _BUTTONS, on, bucket=bucket, key=key),
        "download_url": keys.address("s3-download", bucket, key=key),
        "edit_tags_url": keys.address("s3-object-edit-tags", bucket, key=key),
        "delete_url": keys.address("s3-delete-objects", bucket, prefix=keys.folder_of(key)),
    }
    return render(request, "console/s3/object.html", page)


@require_GET
def download(request: ConsoleRequest, bucket: str) -> HttpResponseBase:
    """The object's bytes as a file. Whatever they are, no browser runs them on this origin."""
    key = keys.asked(request)
    if not key:
        return _without_key(request, bucket)
    found = get_object(request.caller, bucket=bucket, key=key)
    told = found.object.content_type
    response = StreamingHttpResponse(
        found.chunks(), content_type=told if _PLAIN_TYPE.fullmatch(told) else DEFAULT_TYPE
    )
    name = keys.visible(key.removesuffix(keys.SLASH).rpartition(keys.SLASH)[2]) or "download"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Length"] = str(found.length)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def edit_tags(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """The object's tags as rows."""
    key = keys.asked(request)
    if not key:
        return _without_key(request, bucket)
    folder = keys.folder_of(key)
    url = keys.address("s3-object", bucket, key=key)
    tagged = tagging.Tagged(
        noun="object",
        name=keys.name_in(folder, key),
        named={"bucket": bucket, "key": key},
        read=get_object_tagging,
        put=put_object_tagging,
        remove=delete_object_tagging,
        url=url,
        trail=[*keys.trail(bucket, folder), (keys.name_in(folder, key), url)],
    )
    return tagging.edit_tags(request, tagged)


def _without_key(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Back to the list: nothing was named, or a folder."""
    messages.info(request, "Select an object first. A folder is no object of its own.")
    return go(request, keys.address("s3-bucket", bucket))
