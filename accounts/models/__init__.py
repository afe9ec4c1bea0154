"""The tables. Nothing here decides a permission; constraints hold what must never break."""

from accounts.models.account import Account, Instance, PasswordPolicy
from accounts.models.credentials import AccessKey
from accounts.models.events import Event
from accounts.models.groups import Group, Membership
from accounts.models.login import Login, PasswordHistory, RecoveryLink, Throttle
from accounts.models.mfa import MFADevice
from accounts.models.policies import Attachment, InlinePolicy, Policy, PolicyVersion
from accounts.models.roles import InstanceProfile, Role
from accounts.models.users import User

__all__ = [
    "AccessKey",
    "Account",
    "Attachment",
    "Event",
    "Group",
    "InlinePolicy",
    "Instance",
    "InstanceProfile",
    "Login",
    "MFADevice",
    "Membership",
    "PasswordHistory",
    "PasswordPolicy",
    "Policy",
    "PolicyVersion",
    "RecoveryLink",
    "Role",
    "Throttle",
    "User",
]
