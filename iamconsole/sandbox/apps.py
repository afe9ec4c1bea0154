"""The sandbox as a Django app."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """The small S3, SNS and EC2 on which permissions are tried."""

    name = "iamconsole.sandbox"
    label = "sandbox"
    verbose_name = "Sandbox"

    def ready(self) -> None:
        """Register every action, what a reset empties here, and what has policies and tags."""
        from accounts.actions import lifecycle, resources
        from iamconsole.sandbox import actions, emptying, kept

        actions.load()
        if emptying.empty not in lifecycle.ON_RESET:
            lifecycle.ON_RESET.append(emptying.empty)
        resources.FINDERS.update(kept.FINDERS)
