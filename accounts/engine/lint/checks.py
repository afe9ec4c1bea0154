"""The checks: every code a finding can have, with its type and title.

Codes and titles are those of IAM Access Analyzer's policy check reference (User Guide, page
"access-analyzer-reference-policy-checks"), and four of our own. docs/findings.md explains them.
"""

from dataclasses import dataclass
from enum import StrEnum


class FindingType(StrEnum):
    """How bad a finding is; an ERROR keeps a policy from being saved in the console."""

    ERROR = "ERROR"
    SECURITY_WARNING = "SECURITY_WARNING"
    WARNING = "WARNING"
    SUGGESTION = "SUGGESTION"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `own` marks those that AWS's list does not have."""

    code: str
    type: FindingType
    title: str
    own: bool = False


_ERROR = """
ARN account not allowed
ARN Region not allowed
Data type mismatch
Duplicate keys with different case
Invalid action
Invalid ARN account
Invalid ARN prefix
Invalid ARN Region
Invalid ARN resource
Invalid ARN service case
Invalid condition data type
Invalid condition key format
Invalid condition multiple Boolean
Invalid condition operator
Invalid effect
Invalid global condition key
Invalid partition
Invalid policy element
Invalid principal format
Invalid principal key
Invalid Region
Invalid service
Invalid service condition key
Invalid service in action
Invalid variable for operator
Invalid version
Json syntax error
Missing action
Missing ARN field
Missing ARN Region
Missing effect
Missing principal
Missing qualifier
Missing resource
Missing statement
Null with if exists
SCP syntax error principal
Unique Sids required
Unsupported action in policy
Unsupported element combination
Unsupported principal
Unsupported resource ARN in policy
Unsupported Sid
Unsupported wildcard in principal
Missing brace in variable
Missing quote in variable
Unsupported space in variable
Empty variable
Variable unsupported in element
Variable unsupported in version
Private IP address
Private NotIpAddress
Policy size exceeds SCP quota
Invalid service principal format
Missing tag key in condition
Invalid vpc format
Invalid vpce format
Federated principal not supported
Unsupported action for condition key
Unsupported condition key for service principal
Role trust policy syntax error notprincipal
Role trust policy unsupported wildcard in principal
Role trust policy syntax error resource
Missing action for condition key
Invalid federated principal syntax in role trust policy
Mismatched action for principal
Missing action for roles anywhere trust policy
"""

_SECURITY_WARNING = """
Allow with NotPrincipal
ForAllValues with single valued key
Pass role with NotResource
Pass role with star in action and NotResource
Pass role with NotAction and NotResource
Pass role with star in resource
Pass role with star in action and resource
Pass role with star in resource and NotAction
Missing paired condition keys
Deny with unsupported tag condition key for service
Deny NotAction with unsupported tag condition key for service
Restrict access to service principal
Missing condition key for oidc principal
Missing github repo condition key
"""

_WARNING = """
Create SLR with NotResource
Create SLR with star in action and NotResource
Create SLR with NotAction and NotResource
Create SLR with star in resource
Create SLR with star in action and resource
Create SLR with star in resource and NotAction
Deprecated global condition key
Invalid date value
Invalid role reference
Invalid user reference
Missing version
Unique Sids recommended
Wildcard without like operator
Policy size exceeds identity policy quota
Policy size exceeds resource policy quota
Type mismatch
Type mismatch Boolean
Type mismatch date
Type mismatch IP range
Type mismatch number
Type mismatch string
Specific github repo and branch recommended
Policy size exceeds role trust policy quota
"""

_SUGGESTION = """
Empty array condition
Empty array condition ForAllValues
Empty array condition ForAnyValue
Empty array condition IfExists
Empty array principal
Empty object condition
Empty object principal
Empty Sid value
Improve IP range
Null with qualifier
Private IP address subset
Private NotIpAddress subset
Redundant action
Redundant condition value num
Redundant resource
Redundant statement
Wildcard in service name
Allow with unsupported tag condition key for service
Allow NotAction with unsupported tag condition key for service
Recommended condition key for service principal
Irrelevant condition key in policy
Redundant principal in role trust policy
Confirm audience claim type
"""

_OWN_SECURITY_WARNING = """
Privilege escalation
"""

_OWN_WARNING = """
Action matches nothing
Resource not for action
Statement never applies
"""


def _read(titles: str, kind: FindingType, own: bool = False) -> dict[str, Check]:
    checks = {}
    for title in titles.strip().splitlines():
        # AWS derives the code from the title, and so does this table.
        code = title.upper().replace(" ", "_")
        checks[code] = Check(code, kind, title, own)
    return checks


CHECKS = {
    **_read(_ERROR, FindingType.ERROR),
    **_read(_SECURITY_WARNING, FindingType.SECURITY_WARNING),
    **_read(_WARNING, FindingType.WARNING),
    **_read(_SUGGESTION, FindingType.SUGGESTION),
    **_read(_OWN_SECURITY_WARNING, FindingType.SECURITY_WARNING, own=True),
    **_read(_OWN_WARNING, FindingType.WARNING, own=True),
}
"""Every check by its code."""
