"""An account with one of each thing of the sandbox, and the arguments that name them.

A new argument gets its value in the table of its service: the matrix fails until it has one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.actions import instance_profiles, roles
from accounts.actions.registry import ACTIONS, CONSOLE_ONLY
from accounts.caller import Caller
from accounts.types import Tag
from iamconsole.sandbox.actions import (
    ec2_launch,
    s3_buckets,
    s3_uploads,
    sns_messages,
    sns_topics,
)
from iamconsole.sandbox.ec2_arguments import NamedProfile, TagSpecification, UnsetTag
from iamconsole.sandbox.s3_types import (
    CompletedPart,
    CreateBucketConfiguration,
    PublicAccessBlockConfiguration,
)
from iamconsole.sandbox.sns_arguments import PublishBatchRequestEntry
from tests.cast import ACCOUNT_ID, trust
from tests.sandbox.stored import REPORTS, granting, new_bucket, put

#: What is in the account and must never be seen outside of it.
MARK = "known-at-home-only"

#: Arguments that are left out, but for what the hostile hand in: they name nothing that is there.
NEVER_GIVEN: Mapping[str, frozenset[str]] = {
    "s3": frozenset(
        {
            "cache_control",
            "checksum_algorithm",
            "checksum_crc32",
            "checksum_crc32_c",
            "checksum_crc64_nvme",
            "checksum_sha1",
            "checksum_sha256",
            "checksum_type",
            "content_disposition",
            "content_encoding",
            "content_language",
            "content_md5",
            "content_type",
            "continuation_token",
            "copy_source_if_match",
            "copy_source_if_modified_since",
            "copy_source_if_none_match",
            "copy_source_if_unmodified_since",
            "copy_source_range",
            "delimiter",
            "expires",
            "if_match",
            "if_modified_since",
            "if_none_match",
            "if_unmodified_since",
            "key_marker",
            "marker",
            "max_buckets",
            "max_keys",
            "max_parts",
            "max_uploads",
            "metadata_directive",
            "mpu_object_size",
            "part_number_marker",
            "prefix",
            "range",
            "start_after",
            "tagging_directive",
            "upload_id_marker",
        }
    ),
    "sns": frozenset(
        {
            "attributes",
            "data_protection_policy",
            "message_attributes",
            "message_deduplication_id",
            "message_group_id",
            "message_structure",
            "next_token",
            "phone_number",
            "target_arn",
        }
    ),
    "ec2": frozenset(
        {
            "all_regions",
            "association_ids",
            "client_token",
            "dry_run",
            "filters",
            "force",
            "http_endpoint",
            "http_put_response_hop_limit",
            "image_ids",
            "include_all_instances",
            "instance_metadata_tags",
            "instance_types",
            "max_results",
            "metadata_options",
            "next_token",
            "owners",
            "region_names",
        }
    ),
}


@dataclass(frozen=True)
class Home:
    """An account with things of the sandbox in it, and the arguments that name them."""

    root: Caller
    #: By service. What can be used once only is made anew by a function.
    arguments: Mapping[str, Mapping[str, Any]]

    def arguments_of(self, action: str) -> dict[str, Any]:
        """A plausible value for each argument of an action."""
        service = action.partition(":")[0]
        names = set(ACTIONS[action].arguments)
        names -= CONSOLE_ONLY.get(action, frozenset()) | NEVER_GIVEN[service]
        table = {**self.arguments[service], **self.arguments.get(action, {})}
        unknown = names - set(table)
        assert not unknown, f"give {sorted(unknown)} of {action} a value in this module's table"
        return {name: table[name]() if _is_made(table[name]) else table[name] for name in names}


def _is_made(value: Any) -> bool:
    return isinstance(value, Callable) and not isinstance(value, type)  # type: ignore[arg-type]


def furnish(root: Caller) -> Home:
    """Put one of each thing into root's account."""
    tag = Tag("note", MARK)
    return Home(root, {**_furnish_s3(root, tag), **_furnish_sns(root, tag), **_furnish_ec2(root)})


def _furnish_s3(root: Caller, tag: Tag) -> dict[str, dict[str, Any]]:
    new_bucket(root)
    s3_buckets.put_bucket_tagging(root, bucket=REPORTS, tagging=[tag])
    put(root, "report.txt", MARK.encode(), metadata={"note": MARK}, tagging=[tag])
    upload = s3_uploads.create_multipart_upload(root, bucket=REPORTS, key="report.txt")
    place: dict[str, Any] = {"bucket": REPORTS, "key": "report.txt", "upload_id": upload.id}
    part = s3_uploads.upload_part(
        root, **place, part_number=1, body=io.BytesIO(b"part"), content_length=4
    )
    arguments: dict[str, Any] = {
        **place,
        "part_number": 1,
        "body": lambda: io.BytesIO(b"hello"),
        "content_length": 5,
        "copy_source": f"{REPORTS}/report.txt",
        "create_bucket_configuration": CreateBucketConfiguration("eu-west-1"),
        "delete": ["report.txt"],
        "metadata": {"team": "red"},
        "multipart_upload": [CompletedPart(1, part.etag)],
        "object_attributes": ["ETag"],
        "policy": granting({"AWS": ACCOUNT_ID}, "s3:GetObject"),
        "public_access_block_configuration": PublicAccessBlockConfiguration(),
        "tagging": [Tag("team", "red")],
    }
    return {
        "s3": arguments,
        "s3:CreateBucket": {"bucket": "newcomer-bucket"},
        "s3:CopyObject": {"key": "copy.txt"},
        "s3:UploadPartCopy": {"part_number": 2},
    }


def _furnish_sns(root: Caller, tag: Tag) -> dict[str, dict[str, Any]]:
    topic = sns_topics.create_topic(root, name="alarms", tags=[tag])
    sns_messages.publish(root, topic_arn=topic.arn, message=MARK)
    arguments: dict[str, Any] = {
        "topic_arn": topic.arn,
        "resource_arn": topic.arn,
        "name": "newcomer",
        "message": "hello",
        "subject": "greeting",
        "publish_batch_request_entries": [PublishBatchRequestEntry(id="one", message="hello")],
        "label": "team",
        "aws_account_id": [ACCOUNT_ID],
        "action_name": ["Publish"],
        "tags": [Tag("team", "red")],
        "tag_keys": ["note"],
        "attribute_name": "DisplayName",
        "attribute_value": "Alarms",
    }
    return {"sns": arguments}


def _furnish_ec2(root: Caller) -> dict[str, dict[str, Any]]:
    for name in ("web", "batch"):
        roles.create_role(
            root, role_name=name, assume_role_policy_document=trust(Service="ec2.amazonaws.com")
        )
        instance_profiles.create_instance_profile(root, instance_profile_name=name)
        instance_profiles.add_role_to_instance_profile(
            root, instance_profile_name=name, role_name=name
        )
    made = ec2_launch.run_instances(
        root,
        image_id="ami-0a11ab1e000000001",
        instance_type="t3.micro",
        min_count=1,
        max_count=1,
        iam_instance_profile=NamedProfile(name="web"),
        tag_specifications=[TagSpecification("instance", [Tag("note", MARK)])],
    )
    instance = made.instances[0]
    arguments: dict[str, Any] = {
        "instance_ids": [instance.id],
        "instance_id": instance.id,
        "resources": [instance.id],
        "association_id": instance.association_id,
        "image_id": "ami-0a11ab1e000000001",
        "instance_type": "t3.micro",
        "iam_instance_profile": NamedProfile(name="batch"),
        "min_count": 1,
        "max_count": 1,
        "http_tokens": "required",
        "tags": [Tag("team", "red")],
        "tag_specifications": [],
    }
    return {"ec2": arguments, "ec2:DeleteTags": {"tags": [UnsetTag("note")]}}
