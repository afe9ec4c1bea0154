"""The labs as a Django app."""

from django.apps import AppConfig


class LabsConfig(AppConfig):
    """Training labs, their runs and what learners achieved."""

    name = "iamconsole.labs"
    label = "labs"
    verbose_name = "Training labs"

    def ready(self) -> None:
        """Register the commands, what goes with an account, and what is sealed."""
        from accounts.actions import keys, lifecycle
        from iamconsole.labs import actions, found
        from iamconsole.labs.models import Run
        from iamconsole.labs.runs import leaving

        actions.load()
        if leaving.with_account not in lifecycle.ON_RESET:
            lifecycle.ON_RESET.append(leaving.with_account)
            keys.SEALED.append((Run, "values", found.place))
