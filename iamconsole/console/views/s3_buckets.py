"""The list of buckets, and making one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.paging import numbered_slice
from accounts.types import Tag
from iamconsole.console.components import panels
from iamconsole.console.components.tables import Column, Table
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.s3 import BucketForm
from iamconsole.console.forms.tags import TagRows, posted_tag_rows, tag_rows
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.s3 import keys
from iamconsole.sandbox.actions.s3_buckets import FIRST_REGION, create_bucket, list_buckets
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.s3_errors import BucketAlreadyOwnedByYou
from iamconsole.sandbox.s3_types import CreateBucketConfiguration

COLUMNS = (
    Column("name", "Name"),
    Column("region", "AWS Region"),
    Column("created_at", "Creation date"),
)


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The account's buckets. `?bucket=` opens one by its name, whoever it belongs to."""
    if wanted := request.GET.get("bucket", "").replace("/", "").strip():
        return redirect(keys.address("s3-bucket", wanted))
    table = Table(request.GET, COLUMNS, sort="name")
    try:
        found = list_buckets(request.caller).items
        rows = [each for each in found if table.search.lower() in each.name]
        rows.sort(key=lambda bucket: getattr(bucket, table.sort), reverse=table.descending)
        table.show(numbered_slice(rows, table.number, table.size))
    except ServiceError as error:
        table.refuse(error)
    denied = panels.missing_everywhere(request.caller, "s3:CreateBucket")
    return render(request, "console/s3/index.html", {"table": table, "create_denied": denied})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """One page: name, region and tags."""
    sent = request.method == "POST"
    adding = "add_tag" in request.POST
    form = BucketForm(request.POST if sent else None)
    tags = posted_tag_rows(request.POST) if sent else tag_rows()
    if sent and not adding and form.is_valid() and tags.is_valid():
        bucket = _created(request.caller, form, tags)
        if bucket:
            url = keys.address("s3-bucket", bucket.name)
            said = 'Successfully created bucket <a href="{}">{}</a>.'
            messages.success(request, format_html(said, url, bucket.name))
            return go(request, url)
    refused = sent and not adding
    denied = panels.missing_everywhere(request.caller, "s3:CreateBucket")
    page = {"form": form, "tags": tags, "denied": denied}
    return render(request, "console/s3/create.html", page, status=422 if refused else 200)


def _created(caller: Caller, form: BucketForm, tags: TagRows) -> Bucket | None:
    region = form.cleaned_data["region"]
    made: Bucket | None = submitted(
        form,
        caller,
        create_bucket,
        bucket=form.cleaned_data["bucket"],
        create_bucket_configuration=CreateBucketConfiguration(
            # S3 refuses to have the first region named.
            location_constraint=None if region == FIRST_REGION else region,
            tags=[Tag(key, value) for key, value in tags.tags],
        ),
    )
    if made is not None and made.created_at != caller.now:
        # In that region S3 calls it a success to make what one has already.
        form.refuse(BucketAlreadyOwnedByYou(argument="bucket"))
        return None
    return made
