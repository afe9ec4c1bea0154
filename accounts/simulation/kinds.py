"""The kinds of arguments that the policy simulator takes: policies, contexts and exclusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from accounts.types import Arn, Choice, Document, PolicyName, Several, Structure, Text, text_rule

Documents = Annotated[Sequence[str], Several(text_rule(Document))]  # SimulationPolicyListType
ActionNames = Annotated[Sequence[str], Several(Text(3, 128))]
ResourceName = Annotated[str, Text(1, 2048)]
ResourceNames = Annotated[Sequence[str], Several(text_rule(ResourceName))]
ResourceHandlingOption = Annotated[str, Text(1, 64)]
#: As AWS's model has them, but for the wildcards that its documentation allows in the name.
AttachmentName = Annotated[str, Text(1, 128, r"[\w+=,.@*?-]+")]

CONTEXT_TYPES = ("string", "numeric", "boolean", "ip", "binary", "date")
ContextKeyType = Annotated[
    str, Choice(tuple(one + several for one in CONTEXT_TYPES for several in ("", "List")))
]
PolicyType = Annotated[
    str, Choice(("inline", "aws-managed", "user-managed", "permission-boundary", "scp", "rcp"))
]


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """A condition key and what a simulated request holds under it."""

    context_key_name: Annotated[str, Text(5, 256)] | None = None
    context_key_values: Annotated[Sequence[str], Several(Text())] | None = None
    context_key_type: ContextKeyType | None = None


@dataclass(frozen=True, slots=True)
class OrganizationPolicies:
    """The service control policies of one level of an organisation."""

    service_control_policy_input_list: Documents | None = None


@dataclass(frozen=True, slots=True)
class InlinePolicyIdentifier:
    """Inline policies, by name and by whose they are; `attachment_name` may hold wildcards."""

    policy_name: PolicyName
    attachment_type: Annotated[str, Choice(("user", "group", "role"))]
    attachment_name: AttachmentName


@dataclass(frozen=True, slots=True)
class PolicyIdentifier:
    """Attached policies: by type, by ARN or as inline policies; one of the three is given."""

    policy_type: PolicyType | None = None
    policy_arn: Arn | None = None
    inline_policy_identifier: (
        Annotated[InlinePolicyIdentifier, Structure(InlinePolicyIdentifier)] | None
    ) = None


ContextEntries = Annotated[Sequence[ContextEntry], Several(Structure(ContextEntry))]
OrganizationLevels = Annotated[
    Sequence[OrganizationPolicies], Several(Structure(OrganizationPolicies), None, 7)
]
PolicyExclusions = Annotated[
    Sequence[PolicyIdentifier], Several(Structure(PolicyIdentifier), None, 256)
]
