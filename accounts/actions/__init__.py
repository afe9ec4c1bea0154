"""The actions, one module for each kind of resource. Nothing else in the project changes state."""

from importlib import import_module

MODULES = (
    "access_keys",
    "account",
    "attachments",
    "groups",
    "inline_policies",
    "instance_profiles",
    "keys",
    "lifecycle",
    "login_profiles",
    "mfa",
    "password_policy",
    "policies",
    "policy_versions",
    "preferences",
    "roles",
    "root",
    "simulation",
    "users",
)


def load() -> None:
    """Import every module, which registers what it holds."""
    for module in MODULES:
        import_module(f"accounts.actions.{module}")
