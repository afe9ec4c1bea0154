"""Every page of the project by name, and what stands in its address: for tests that visit all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import demo, instance
from accounts.actions import (
    access_keys,
    attachments,
    inline_policies,
    oidc_providers,
    policies,
    policy_versions,
    root,
)
from accounts.caller import Caller
from accounts.demo import Demo
from accounts.types import Tag
from iamconsole.labs.actions.progress import finish_lab
from iamconsole.sandbox.actions import (
    bucket_policies,
    ec2_launch,
    s3_buckets,
    sns_messages,
    sns_topics,
)
from iamconsole.sandbox.ec2_arguments import TagSpecification
from iamconsole.sandbox.ec2_catalog import IMAGES
from tests.cast import allow, document
from tests.labs import doing, small

#: What stands for each argument of an address. A new argument without a sample fails the test.
SAMPLES = {
    "account": "example-corp",
    "bucket": "final-friday-reports",
    "group_name": "Developers",
    "lab": small.LAB["id"],
    "policy_arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    "policy_name": "OwnBucket",
    "region": "us-east-1",
    "role_name": demo.ROLE,
    "step": small.LAB["steps"][0]["id"],
    "table": "users",
    "topic": "Alerts",
    "user_name": "ram",
}
#: Not pages: they answer with a file, or only do something.
NO_PAGES = {
    "console:key-file",
    "issuer:configuration",  # for programs: they answer with JSON
    "issuer:keys",
    "labs:check",
    "labs:enter",
    "labs:hint",
    "labs:leave",
    "labs:pulse",  # for the drawer: whether something changed
    "labs:solution",
    "labs:start",
    "console:sns-topic-news",
    "console:switch-back",
    "console:user-key-file",
    "console:user-password-file",
    "console:users-file",
    "signin:add",
    "signin:federation",  # for programs: it answers with JSON or by going on
    "signin:out",
    "signin:out-of-all",
    "signin:switch",
    "theme",
}


def views(
    patterns: list[Any] | None = None, prefix: str = ""
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named view and its arguments."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from views(entry.url_patterns, space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield f"{prefix}{entry.name}", tuple(entry.pattern.converters)


def furnish(made: Demo) -> dict[str, str]:
    """Put into the demo account what it lacks for some pages; return a sample of each argument."""
    chief = instance.root(made.account)
    key = access_keys.create_access_key(chief, user_name="ram").key
    text, name = document(allow("s3:GetObject")), SAMPLES["policy_name"]
    for put, owner in (
        (inline_policies.put_user_policy, "user_name"),
        (inline_policies.put_group_policy, "group_name"),
        (inline_policies.put_role_policy, "role_name"),
    ):
        put(chief, policy_name=name, policy_document=text, **{owner: SAMPLES[owner]})
    issuer = oidc_providers.create_open_id_connect_provider(chief, url="https://idp.example.com")
    own = policies.create_policy(chief, policy_name="OwnReports", policy_document=text)
    attachments.attach_user_policy(chief, user_name="ram", policy_arn=own.arn)
    policy_versions.create_policy_version(
        chief, policy_arn=own.arn, policy_document=document(allow("s3:*")), set_as_default=True
    )
    bucket = SAMPLES["bucket"]
    s3_buckets.create_bucket(chief, bucket=bucket)
    bucket_policies.put_bucket_policy(chief, bucket=bucket, policy=_bucket_policy(made, bucket))
    topic = sns_topics.create_topic(chief, name=SAMPLES["topic"])
    message = sns_messages.publish(chief, topic_arn=topic.arn, message="known-at-home-only")
    tags = [TagSpecification("instance", [Tag("note", "known-at-home-only")])]
    launched = ec2_launch.run_instances(
        chief, image_id=next(iter(IMAGES)), instance_type="t3.micro", min_count=1, max_count=1,
        tag_specifications=tags,
    )  # fmt: skip
    _finish_lab(chief)
    return SAMPLES | {
        "instance_id": launched.instances[0].id,
        "message": str(message),
        "policy_arn": own.arn,
        "access_key_id": key.access_key_id,
        "event_id": str(made.account.events.earliest("sequence").pk),
        "provider_arn": issuer.arn,
        "token": root.create_recovery_link(instance.operator(made.account)),
    }


def _finish_lab(learner: Caller) -> None:
    """Have the root user do a lab, with every step solved for them."""
    lab = small.lab()
    run = doing.start(small.now(learner), lab)
    for step in lab.steps:
        doing.skip(small.now(learner), run, step.id)
    finish_lab(small.now(learner), lab=lab.id)


def _bucket_policy(made: Demo, bucket: str) -> str:
    """A policy that lets the account's own users list the bucket."""
    principal = {"AWS": f"arn:aws:iam::{made.account.id}:root"}
    return document(allow("s3:ListBucket", on=f"arn:aws:s3:::{bucket}", Principal=principal))


def addresses(samples: Mapping[str, str]) -> dict[str, str]:
    """The address of every page, by the name of its view."""
    return {
        name: reverse(name, kwargs={each: samples[each] for each in arguments})
        for name, arguments in sorted(set(views()))
        if name not in NO_PAGES
    }
