"""A topic's tags. Unlike IAM's, keys that differ in case only are different keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accounts.types import TAGS_PER_RESOURCE, Tag
from iamconsole.sandbox.sns_errors import InvalidParameter, TagLimitExceeded


def merged(present: Mapping[str, str], tags: Sequence[Tag]) -> dict[str, str]:
    """The tags put into those present.

    Raises InvalidParameter for a key given twice or in AWS's own name space, TagLimitExceeded for
    a 51st tag.
    """
    keys = [tag.key for tag in tags]
    if len(set(keys)) < len(keys):
        raise InvalidParameter("Tags", "Duplicated keys are not allowed.", argument="tags")
    if any(key.lower().startswith("aws:") for key in keys):
        raise InvalidParameter("Tags", "System tags can't be changed.", argument="tags")
    found = {**present, **{tag.key: tag.value for tag in tags}}
    if len(found) > TAGS_PER_RESOURCE:
        raise TagLimitExceeded(
            f"Could not complete request: tag quota of {TAGS_PER_RESOURCE} per resource exceeded",
            argument="tags",
        )
    return found
