"""The sandbox as a Django app."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """The small S3, SNS and EC2 on which permissions are tried."""

    name = "iamconsole.sandbox"
    label = "sandbox"
    verbose_name = "Sandbox"

    def ready(self) -> None:
        """Register every action, and what a reset of an account empties here."""
        from accounts.actions import lifecycle
        from iamconsole.sandbox import actions, emptying

        actions.load()
        if emptying.empty not in lifecycle.ON_RESET:
            lifecycle.ON_RESET.append(emptying.empty)
