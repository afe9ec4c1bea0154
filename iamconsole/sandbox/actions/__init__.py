"""The sandbox's actions, one module for each kind of resource."""

from importlib import import_module

MODULES: tuple[str, ...] = (
    "bucket_policies",
    "ec2_console",
    "ec2_instances",
    "ec2_launch",
    "ec2_places",
    "ec2_profiles",
    "ec2_tags",
    "s3_buckets",
    "s3_copies",
    "s3_listing",
    "s3_object_tags",
    "s3_objects",
    "s3_uploads",
    "sns_messages",
    "sns_permissions",
    "sns_subscriptions",
    "sns_tags",
    "sns_topics",
)


def load() -> None:
    """Import every module, which registers what it holds."""
    for module in MODULES:
        import_module(f"iamconsole.sandbox.actions.{module}")
