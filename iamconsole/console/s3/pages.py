"""What a bucket's pages share: tabs, buttons, and panels of what need not be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.caller import Caller
from accounts.errors import ServiceError
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.s3 import keys
from iamconsole.sandbox.s3_errors import NoSuchBucketPolicy, NoSuchTagSet
from iamconsole.sandbox.s3_resources import bucket_resource, object_resource

TABS = (
    ("objects", "Objects", "s3-bucket"),
    ("properties", "Properties", "s3-bucket-properties"),
    ("permissions", "Permissions", "s3-bucket-permissions"),
)
#: What the buttons lead to that every tab has.
_BUTTONS = ("s3:DeleteBucket",)


def context(caller: Caller, bucket: str, current: str, *actions: str) -> dict[str, Any]:
    """What the layout of a bucket's tabs needs. Raises NoSuchBucket.

    `actions` are those that the tab's own buttons lead to.
    """
    on = bucket_resource(caller, bucket=bucket)
    return {
        "bucket": bucket,
        "arn": on.arn,
        "tabs": [(name, label, keys.address(view, bucket)) for name, label, view in TABS],
        "current": current,
        "denied": panels.missing_of(caller, (*_BUTTONS, *actions), on, bucket=bucket),
        "empty_denied": missing_below(caller, "s3:DeleteObject", bucket),
    }


def must_exist(caller: Caller, bucket: str) -> None:
    """Raise NoSuchBucket, which S3 tells everybody."""
    bucket_resource(caller, bucket=bucket)


def missing_below(caller: Caller, action: str, bucket: str, prefix: str = "") -> str:
    """A button's `denied` where nobody knows yet which keys it is about.

    A policy may allow some keys only, so nothing is missing where any policy allows the action.
    """
    somewhere = panels.missing_everywhere(caller, action)
    if not somewhere:
        return ""
    # The bucket's own policy may allow it all the same.
    below = object_resource(caller, bucket=bucket, key=f"{prefix}*")
    return panels.missing(caller, action, below, bucket=bucket)


def tags(action: Callable[..., Any], caller: Caller, **named: Any) -> Panel:
    """The tags of a bucket or object; none where S3 says that there is no set of them."""
    return _or_nothing(action, caller, NoSuchTagSet, {}, **named)


def policy(action: Callable[..., Any], caller: Caller, nothing: Any, **named: Any) -> Panel:
    """What an action says of a bucket's policy; `nothing` where there is none."""
    return _or_nothing(action, caller, NoSuchBucketPolicy, nothing, **named)


def _or_nothing(
    action: Callable[..., Any],
    caller: Caller,
    absent: type[ServiceError],
    nothing: Any,
    **named: Any,
) -> Panel:
    found = panels.panel(action, caller, **named)
    return Panel(nothing) if isinstance(found.error, absent) else found
