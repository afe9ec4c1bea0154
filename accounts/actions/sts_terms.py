"""What temporary credentials may be asked for: shapes of the STS API, session policies and tags.

AWS STS API reference; some shapes have IAM's names and other limits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from accounts import managed_policies, sessions
from accounts.actions import documents
from accounts.errors import PackedPolicyTooLarge, ValidationError
from accounts.models import Policy
from accounts.types import Number, Several, Structure, Text

#: Characters of an inline session policy, and how many managed ones there may be.
LONGEST_POLICY = 2048
MOST_POLICY_ARNS = 10
#: Bytes that session policies and tags may take in a token.
_PACKED = 2048

_ARN_CHARACTERS = (
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)


def _arn_characters(text: str) -> bool:
    return all(c in "\t\n\r\x85" or "\x20" <= c <= "\x7e" or c >= "\xa0" for c in text)


RoleArn = Annotated[str, Text(20, 2048, _ARN_CHARACTERS, fits=_arn_characters)]
RoleSessionName = Annotated[str, Text(2, 64, r"[\w+=,.@-]*")]
SessionPolicy = Annotated[str, Text(1, None, r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
ShortSessionPolicy = Annotated[str, Text(1, LONGEST_POLICY, r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
DurationSeconds = Annotated[int, Number(900, 43200)]
TokenDuration = Annotated[int, Number(900, 129600)]
FederatedName = Annotated[str, Text(2, 32, r"[\w+=,.@-]*")]
KeyId = Annotated[str, Text(16, 128, r"[\w]*")]
EncodedMessage = Annotated[str, Text(1, 10240)]
Assertion = Annotated[str, Text(4, 100000)]
WebToken = Annotated[str, Text(4, 20000)]
ProviderUrl = Annotated[str, Text(4, 2048)]
ExternalId = Annotated[str, Text(2, 1224, r"[\w+=,.@:\/-]*")]
DeviceSerial = Annotated[str, Text(9, 256, r"[\w+=/:,.@-]*")]
TokenCode = Annotated[str, Text(6, 6, r"[\d]*")]
SourceIdentity = Annotated[str, Text(2, 64, r"[\w+=,.@-]*")]
TokenSize = Annotated[int, Number(0, 4096)]


@dataclass(frozen=True, slots=True)
class PolicyDescriptor:
    """A managed policy that limits a session."""

    arn: RoleArn | None = None


@dataclass(frozen=True, slots=True)
class ProvidedContext:
    """What a context provider of AWS vouches for. There is none here."""

    provider_arn: RoleArn | None = None
    context_assertion: Annotated[str, Text(4, 2048)] | None = None


PolicyDescriptors = Annotated[Sequence[PolicyDescriptor], Several(Structure(PolicyDescriptor))]
ProvidedContexts = Annotated[Sequence[ProvidedContext], Several(Structure(ProvidedContext), 1, 5)]


# --- Session policies and the room they take ------------------------------------------------------


def checked_arns(
    account_id: str, policy: str | None, descriptors: Sequence[PolicyDescriptor]
) -> tuple[str, ...]:
    """The ARNs of the managed session policies.

    Raise unless they and the inline one may limit a session of the account: ValidationError, or
    MalformedPolicyDocument.
    """
    arns = tuple(each.arn for each in descriptors if each.arn is not None)
    if policy is not None:
        if len(policy) > LONGEST_POLICY:
            raise ValidationError(
                "1 validation error detected: Value at 'policy' failed to satisfy constraint: "
                f"Member must have length less than or equal to {LONGEST_POLICY}",
                argument="policy",
            )
        documents.check_session(policy)
    if len(arns) > MOST_POLICY_ARNS:
        raise ValidationError(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_POLICY_ARNS}",
            argument="policy_arns",
        )
    for arn in arns:
        if managed_policies.get(arn) is None and not _is_own(account_id, arn):
            raise ValidationError(
                f"ARN {arn} is not valid or names no policy of the account.",
                argument="policy_arns",
            )
    return arns


def _is_own(account_id: str, arn: str) -> bool:
    named = Policy.objects.filter(account=account_id, folded_name=arn.rpartition("/")[2].lower())
    return any(policy.arn == arn for policy in named)


def packed_percent(
    policy: str | None, arns: tuple[str, ...], tags: Mapping[str, str]
) -> int | None:
    """How much of its room a session takes; nothing where it has neither policies nor tags.

    Raise PackedPolicyTooLarge above 100.
    """
    if policy is None and not arns and not tags:
        return None
    taken = sessions.packed_size((policy,) if policy is not None else (), arns, tags)
    percent = math.ceil(taken * 100 / _PACKED)
    if percent > 100:
        raise PackedPolicyTooLarge(
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
        )
    return percent
