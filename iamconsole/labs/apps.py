"""The labs as a Django app."""

from django.apps import AppConfig


class LabsConfig(AppConfig):
    """Training labs, their runs and what learners achieved."""

    name = "iamconsole.labs"
    label = "labs"
    verbose_name = "Training labs"

    def ready(self) -> None:
        """Register what goes with an account, and what is sealed.

        The commands come with the pages that call them: they bring all of the API along, which
        takes half a second and is nothing to somebody who makes an account.
        """
        from accounts.actions import keys, lifecycle
        from iamconsole.labs import sealing
        from iamconsole.labs.models import Run
        from iamconsole.labs.runs import leaving

        if leaving.with_account not in lifecycle.ON_RESET:
            lifecycle.ON_RESET.append(leaving.with_account)
            keys.SEALED.append((Run, "values", sealing.place))
