"""How many of each thing an account may have, and the counts that are held to it.

Numbers: IAM and AWS STS quotas. Small ones (keys, devices, versions) are numbered slots in the
tables. The others are counted here, under the lock on the account's row that every change holds.
"""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.errors import LimitExceeded
from accounts.models.certificates import SIGNING_CERTIFICATES_PER_OWNER
from accounts.models.credentials import KEYS_PER_OWNER
from accounts.models.mfa import DEVICES_PER_OWNER
from accounts.models.policies import VERSIONS_PER_POLICY
from accounts.models.service_credentials import CREDENTIALS_PER_SERVICE, SSH_KEYS_PER_USER

USERS_PER_ACCOUNT = 5000
GROUPS_PER_ACCOUNT = 300
ROLES_PER_ACCOUNT = 1000
POLICIES_PER_ACCOUNT = 1500
INSTANCE_PROFILES_PER_ACCOUNT = 1000
OIDC_PROVIDERS = 100
SAML_PROVIDERS = 100
SERVER_CERTIFICATES = 20
CLIENT_IDS_PER_OIDC_PROVIDER = 100
GROUPS_PER_USER = 10
POLICIES_PER = {"user": 10, "group": 10, "role": 20}
#: Characters, white space not counted.
MANAGED_POLICY_SIZE = 6144
INLINE_SIZE = {"user": 2048, "group": 5120, "role": 10240}
TRUST_POLICY_SIZE = 2048

__all__ = [
    "CREDENTIALS_PER_SERVICE",
    "DEVICES_PER_OWNER",
    "KEYS_PER_OWNER",
    "SIGNING_CERTIFICATES_PER_OWNER",
    "SSH_KEYS_PER_USER",
    "VERSIONS_PER_POLICY",
]


def exceeded(name: str, limit: int) -> LimitExceeded:
    """The refusal in AWS's words."""
    return LimitExceeded(f"Cannot exceed quota for {name}: {limit}")


def room_for_one(rows: QuerySet, name: str, limit: int) -> None:  # type: ignore[type-arg]
    """Raise LimitExceeded where the rows already number `limit`."""
    if rows.count() >= limit:
        raise exceeded(name, limit)


def free_slot(rows: QuerySet, limit: int) -> int | None:  # type: ignore[type-arg]
    """The lowest slot that no row holds, or nothing."""
    taken = set(rows.values_list("slot", flat=True))
    return next((slot for slot in range(1, limit + 1) if slot not in taken), None)
