"""What the bench's full account has beside identities: a sandbox full of things, and a past."""

from __future__ import annotations

import random
import secrets
import uuid
from datetime import timedelta

from django.utils import timezone

from accounts.models import AccessKey, Account, LastTried, Login, Role, User
from iamconsole.sandbox.ec2_catalog import IMAGES
from iamconsole.sandbox.models import Bucket, Instance, Message, StoredObject, Topic
from tests.bench import many_events
from tests.pages import SAMPLES

#: Things of an account; of a bucket objects, and folders with as many in each; of a topic messages.
BUCKETS, TOPICS, INSTANCES = 100, 1000, 120
OBJECTS, FOLDERS, MESSAGES = 1000, 100, 1000
#: Events, and how many operations each user and role has tried.
EVENTS, TRIED = 20_000, 16
_OF = ("s3:GetObject", "s3:ListBucket", "sns:Publish", "iam:GetUser", "ec2:RunInstances")


def fill(account: Account) -> None:
    """Put it all into an account that has its users and roles."""
    many_events.fill(account, EVENTS)
    _age(account)
    _buckets(account)
    _topics(account)
    _instances(account)


def _age(account: Account) -> None:
    """Everything is 120 days old; users and roles have tried something, some of it since."""
    then = timezone.now() - timedelta(days=120)
    for model in (User, Role, AccessKey, Login):
        model._default_manager.update(created_at=then)
    AccessKey.objects.update(last_used_at=then)
    random.seed(6)
    ids = [*account.users.values_list("unique_id", flat=True)]
    ids += account.roles.values_list("unique_id", flat=True)
    LastTried.objects.bulk_create(
        (
            LastTried(
                account=account, principal_id=who, region="us-east-1",
                action=_OF[number] if number < len(_OF) else f"s3:Operation{number}",
                time=then + timedelta(days=random.randrange(120)),
            )
            for who in ids
            for number in range(TRIED)
        ),
        batch_size=5000,
        ignore_conflicts=True,
    )  # fmt: skip


def _buckets(account: Account) -> None:
    now = timezone.now()
    Bucket.objects.bulk_create(
        Bucket(account=account, name=f"bench-{number:03}", region="us-east-1", created_at=now)
        for number in range(BUCKETS - account.buckets.count())
    )
    bucket = account.buckets.get(name=SAMPLES["bucket"])
    # Half of both comes before the other half.
    names = [f"{'az'[n % 2]}/folder-{n:03}/{m:03}" for n in range(FOLDERS) for m in range(FOLDERS)]
    names += [f"{n:04}-folder/object" for n in range(FOLDERS)]
    names += [f"{n:04}" for n in range(OBJECTS)]
    StoredObject.objects.bulk_create(
        StoredObject(
            bucket=bucket, key=name, size=1, etag="0" * 32, modified_at=now,
            blob=secrets.token_hex(16),
        )
        for name in names
    )  # fmt: skip


def _topics(account: Account) -> None:
    now = timezone.now()
    Topic.objects.bulk_create(
        Topic(account=account, region="us-east-1", name=f"bench-{number:03}", created_at=now)
        for number in range(TOPICS - account.topics.count())
    )
    topic = account.topics.get(name=SAMPLES["topic"])
    Message.objects.bulk_create(
        Message(
            id=uuid.uuid4(), account=account, topic=topic, published_at=now, body="x" * 1000,
            publisher_arn=f"arn:aws:iam::{account.id}:root", position=1000 * number,
        )
        for number in range(1, MESSAGES)
    )  # fmt: skip


def _instances(account: Account) -> None:
    """As many as run at once, and those that were terminated and are still shown."""
    now = timezone.now()
    Instance.objects.bulk_create(
        Instance(
            id=f"i-{number:017x}", account=account, region="us-east-1", image_id=next(iter(IMAGES)),
            reservation_id=f"r-{number:017x}", instance_type="t3.micro", launched_at=now,
            state="running" if number < 19 else "terminated", private_ip_address="10.0.0.1",
            metadata_digest=f"{number:064x}", tags={"Name": f"bench-{number}"},
        )
        for number in range(INSTANCES - account.instances.count())
    )  # fmt: skip
