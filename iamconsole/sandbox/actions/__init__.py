"""The sandbox's actions, one module for each kind of resource."""

from importlib import import_module

MODULES: tuple[str, ...] = ()


def load() -> None:
    """Import every module, which registers what it holds."""
    for module in MODULES:
        import_module(f"iamconsole.sandbox.actions.{module}")
