"""The domain as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts, identities, policies, and the actions on them."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Register every action, so that the registry is whole before the first call."""
        from accounts import actions

        actions.load()
