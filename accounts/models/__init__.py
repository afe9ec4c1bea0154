"""The tables. Nothing here decides a permission; constraints hold what must never break."""

from accounts.models.account import Account, Instance, PasswordPolicy
from accounts.models.anchors import EventAnchor
from accounts.models.certificates import ServerCertificate, SigningCertificate
from accounts.models.credentials import AccessKey
from accounts.models.events import Event, SpoolFile
from accounts.models.groups import Group, Membership
from accounts.models.login import Login, PasswordHistory, RecoveryLink, Throttle
from accounts.models.mfa import MFADevice
from accounts.models.policies import Attachment, InlinePolicy, Policy, PolicyVersion
from accounts.models.preferences import Preference
from accounts.models.providers import OpenIDConnectProvider, SAMLPrivateKey, SAMLProvider
from accounts.models.reports import CredentialReport, LastAccessedReport, LastTried
from accounts.models.roles import InstanceProfile, Role
from accounts.models.service_credentials import ServiceCredential, SSHPublicKey
from accounts.models.tokens import TokenKey
from accounts.models.users import User

__all__ = [
    "AccessKey",
    "Account",
    "Attachment",
    "CredentialReport",
    "Event",
    "EventAnchor",
    "Group",
    "InlinePolicy",
    "Instance",
    "InstanceProfile",
    "LastAccessedReport",
    "LastTried",
    "Login",
    "MFADevice",
    "Membership",
    "OpenIDConnectProvider",
    "PasswordHistory",
    "PasswordPolicy",
    "Policy",
    "PolicyVersion",
    "Preference",
    "RecoveryLink",
    "Role",
    "SAMLPrivateKey",
    "SAMLProvider",
    "SSHPublicKey",
    "ServerCertificate",
    "ServiceCredential",
    "SigningCertificate",
    "SpoolFile",
    "Throttle",
    "TokenKey",
    "User",
]
