"""The labs as a Django app."""

from django.apps import AppConfig


class LabsConfig(AppConfig):
    """Training labs, their runs and what learners achieved."""

    name = "iamconsole.labs"
    label = "labs"
    verbose_name = "Training labs"
