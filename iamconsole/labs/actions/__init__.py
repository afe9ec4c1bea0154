"""Every change of a learner's progress, as commands."""

from importlib import import_module

MODULES: tuple[str, ...] = ("packs", "preparing", "progress")


def load() -> None:
    """Import every module, which registers what it holds."""
    for module in MODULES:
        import_module(f"iamconsole.labs.actions.{module}")
