"""The actions, one module for each kind of resource. Nothing else in the project changes state."""

from importlib import import_module

MODULES = (
    "access_keys",
    "account",
    "attachments",
    "authorization_details",
    "credential_report",
    "explanations",
    "foresight",
    "groups",
    "history",
    "history_retention",
    "inline_policies",
    "instance_profiles",
    "keys",
    "last_accessed",
    "lifecycle",
    "login_profiles",
    "mfa",
    "oidc_providers",
    "organizations",
    "outbound_federation",
    "password_policy",
    "policies",
    "policy_entities",
    "policy_versions",
    "preferences",
    "roles",
    "root",
    "saml_providers",
    "server_certificates",
    "service_credentials",
    "service_linked_roles",
    "signing_certificates",
    "simulation",
    "ssh_public_keys",
    "sts",
    "sts_federation",
    "sts_identity",
    "sts_tokens",
    "unused",
    "users",
    "who_can",
)


def load() -> None:
    """Import every module, which registers what it holds."""
    for module in MODULES:
        import_module(f"accounts.actions.{module}")
