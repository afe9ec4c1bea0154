"""The tabs of one bucket: its objects, its properties, who may get at it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import engine
from iamconsole.console.components import panels
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.s3 import keys, listing, tagging
from iamconsole.console.s3 import pages as bucket_pages
from iamconsole.sandbox import bucket_policies
from iamconsole.sandbox.actions.bucket_policies import (
    get_bucket_policy,
    get_bucket_policy_status,
    get_public_access_block,
)
from iamconsole.sandbox.actions.s3_buckets import (
    delete_bucket_tagging,
    get_bucket_location,
    get_bucket_tagging,
    list_buckets,
    put_bucket_tagging,
)


@require_safe
def show_objects(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """The folders and objects of one folder, or of the bucket itself."""
    caller, prefix = request.caller, request.GET.get("prefix", "")
    page = bucket_pages.context(caller, bucket, "objects")
    folder = keys.folder_of(prefix)
    page |= {
        "table": listing.table_of(request, bucket),
        "prefix": prefix,
        "trail": keys.trail(bucket, folder),
        "heading": keys.name_in(keys.parent_of(folder), folder) if folder else bucket,
        "delete_denied": bucket_pages.missing_below(caller, "s3:DeleteObject", bucket, prefix),
        "put_denied": bucket_pages.missing_below(caller, "s3:PutObject", bucket, prefix),
        "get_denied": bucket_pages.missing_below(caller, "s3:GetObject", bucket, prefix),
        "upload_url": keys.address("s3-upload", bucket, prefix=folder),
        "folder_url": keys.address("s3-create-folder", bucket, prefix=folder),
        "delete_objects_url": keys.address("s3-delete-objects", bucket, prefix=folder),
        "download_url": keys.address("s3-download", bucket),
    }
    return render(request, "console/s3/objects.html", page)


@require_safe
def show_properties(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Where the bucket is, since when, and its tags."""
    caller = request.caller
    page = bucket_pages.context(caller, bucket, "properties", "s3:PutBucketTagging")
    page["location"] = panels.subject(get_bucket_location, caller, bucket=bucket)
    # No operation but the list of all buckets tells when one was made.
    page["listed"] = panels.panel(list_buckets, caller, prefix=bucket)
    if page["listed"].value is not None:
        found = [each for each in page["listed"].value.items if each.name == bucket]
        page["created_at"] = found[0].created_at if found else None
    page["tags"] = bucket_pages.tags(get_bucket_tagging, caller, bucket=bucket)
    return render(request, "console/s3/properties.html", page)


@require_safe
def show_permissions(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """Whether the bucket is public, what keeps it from that, and its policy."""
    caller = request.caller
    changes = ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketPublicAccessBlock")
    page = bucket_pages.context(caller, bucket, "permissions", *changes)
    status = bucket_pages.policy(get_bucket_policy_status, caller, False, bucket=bucket)
    policy = bucket_pages.policy(get_bucket_policy, caller, "", bucket=bucket)
    page |= {
        "status": status,
        "blocked": panels.subject(get_public_access_block, caller, bucket=bucket),
        "policy": policy,
    }
    if policy.value:
        page["findings"] = engine.lint(
            policy.value,
            engine.PolicyKind.RESOURCE,
            quota=bucket_policies.LARGEST,
            attached_to=page["arn"],
        )
    return render(request, "console/s3/permissions.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_tags(request: ConsoleRequest, bucket: str) -> HttpResponse:
    """The bucket's tags as rows."""
    url = keys.address("s3-bucket-properties", bucket)
    tagged = tagging.Tagged(
        noun="bucket",
        name=bucket,
        named={"bucket": bucket},
        read=get_bucket_tagging,
        put=put_bucket_tagging,
        remove=delete_bucket_tagging,
        url=url,
        trail=[("Buckets", reverse("console:s3-buckets")), (bucket, url)],
    )
    return tagging.edit_tags(request, tagged)
