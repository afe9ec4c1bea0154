"""Every change of a learner's progress, and of what is offered, as commands."""

from importlib import import_module

MODULES: tuple[str, ...] = ("preparing", "progress")
#: The operator's, which bring the proof and the whole console along: `manage.py lab` imports them.
OPERATORS: tuple[str, ...] = ("packs",)


def load(modules: tuple[str, ...] = MODULES) -> None:
    """Import modules, which registers what they hold."""
    for module in modules:
        import_module(f"iamconsole.labs.actions.{module}")
