"""The account itself: its alias and the counts of what is in it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Model, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts import arns, ids, paging
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from accounts.models import (
    AccessKey,
    Account,
    Attachment,
    Group,
    InstanceProfile,
    Login,
    MFADevice,
    OpenIDConnectProvider,
    Policy,
    PolicyVersion,
    Role,
    SAMLProvider,
    ServerCertificate,
    SigningCertificate,
    User,
)
from accounts.types import AccountAlias, Marker, MaxItems, TokenVersion


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """How many of each thing an account has. The quotas are the same for every account."""

    users: int
    groups: int
    roles: int
    policies: int
    #: Of OpenID Connect and SAML together.
    providers: int
    server_certificates: int
    policy_versions_in_use: int
    instance_profiles: int
    mfa_devices: int
    mfa_devices_in_use: int
    attached_policies: int
    account_mfa_enabled: bool
    account_access_keys_present: bool
    account_password_present: bool
    account_signing_certificates_present: bool
    #: 1 or 2, as SetSecurityTokenServicePreferences left it.
    global_endpoint_token_version: int
    #: Not one of AWS's numbers: a root key that is inactive is present but does no harm.
    root_active_keys: int


@action("iam:CreateAccountAlias", resource=arns.everything)
def create_account_alias(caller: Caller, /, *, account_alias: AccountAlias) -> None:
    """Set the alias of the account. One that was set before is replaced and dead at once."""
    if ids.is_account_id(account_alias):
        raise InvalidInput(
            "An account alias can't be a 12-digit number: that is what account ids are.",
            argument="account_alias",
        )
    try:
        with transaction.atomic():
            Account.objects.filter(pk=caller.home.pk).update(alias=account_alias)
    except IntegrityError:
        raise EntityAlreadyExists(
            f"The account alias {account_alias} already exists.", argument="account_alias"
        ) from None
    caller.home.alias = account_alias


@action("iam:DeleteAccountAlias", resource=arns.everything)
def delete_account_alias(caller: Caller, /, *, account_alias: AccountAlias) -> None:
    """Remove the alias; people sign in by account id."""
    gone = Account.objects.filter(pk=caller.home.pk, alias=account_alias).update(alias=None)
    if not gone:
        raise NoSuchEntity(
            f"The account alias {account_alias} cannot be found.", argument="account_alias"
        )
    caller.home.alias = None


@action("iam:ListAccountAliases", resource=arns.everything, read_only=True)
def list_account_aliases(
    caller: Caller, /, *, marker: Marker | None = None, max_items: MaxItems | None = None
) -> paging.Page[str]:
    """The alias as a list, which AWS keeps although there is one at most."""
    return paging.Page([caller.home.alias] if caller.home.alias else [])


@action("iam:SetSecurityTokenServicePreferences", resource=arns.everything, raises_epoch=False)
def set_security_token_service_preferences(
    caller: Caller, /, *, global_endpoint_token_version: TokenVersion
) -> None:
    """Choose which kind of session tokens the global endpoint of STS hands out.

    AWS's first kind works in the regions that every account has, the second in all. Here all
    tokens work in all regions; the choice is kept for whoever reads the account's summary.
    """
    version = 2 if global_endpoint_token_version == "v2Token" else 1
    Account.objects.filter(pk=caller.home.pk).update(global_endpoint_token_version=version)
    caller.home.global_endpoint_token_version = version


@action("iam:GetAccountSummary", resource=arns.everything, read_only=True)
def get_account_summary(caller: Caller, /) -> AccountSummary:
    """The counts, read in one query."""
    in_use = Q(slot__isnull=False)
    root_keys = Q(user__isnull=True)
    numbers = (
        Account.objects.filter(pk=caller.home.pk)
        .annotate(
            n_users=_count(User),
            n_groups=_count(Group),
            n_roles=_count(Role),
            n_policies=_count(Policy),
            n_oidc=_count(OpenIDConnectProvider),
            n_saml=_count(SAMLProvider),
            n_certificates=_count(ServerCertificate),
            n_versions=_count(PolicyVersion, Q(is_default=True), "policy__account"),
            n_profiles=_count(InstanceProfile),
            n_devices=_count(MFADevice),
            n_devices_in_use=_count(MFADevice, in_use),
            n_attached=_count(Attachment),
            n_root_devices=_count(MFADevice, Q(is_root=True)),
            n_root_keys=_count(AccessKey, root_keys),
            n_root_active=_count(AccessKey, root_keys & Q(status="Active")),
            n_root_certificates=_count(SigningCertificate, root_keys),
            n_root_logins=_count(Login, Q(kind=Login.Kind.ROOT)),
        )
        .values()
        .get()
    )
    return AccountSummary(
        users=numbers["n_users"],
        groups=numbers["n_groups"],
        roles=numbers["n_roles"],
        policies=numbers["n_policies"],
        providers=numbers["n_oidc"] + numbers["n_saml"],
        server_certificates=numbers["n_certificates"],
        policy_versions_in_use=numbers["n_versions"],
        instance_profiles=numbers["n_profiles"],
        mfa_devices=numbers["n_devices"],
        mfa_devices_in_use=numbers["n_devices_in_use"],
        attached_policies=numbers["n_attached"],
        account_mfa_enabled=numbers["n_root_devices"] > 0,
        account_access_keys_present=numbers["n_root_keys"] > 0,
        account_password_present=numbers["n_root_logins"] > 0,
        account_signing_certificates_present=numbers["n_root_certificates"] > 0,
        global_endpoint_token_version=numbers["global_endpoint_token_version"],
        root_active_keys=numbers["n_root_active"],
    )


def _count(model: type[Model], condition: Q = Q(), account: str = "account") -> Coalesce:  # noqa: B008 (an empty Q is never changed)
    rows = model._default_manager.filter(condition, **{account: OuterRef("pk")})
    counted = rows.order_by().values(of=F(account)).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)
