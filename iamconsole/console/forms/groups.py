"""Forms of user groups."""

from __future__ import annotations

from accounts.types import GroupName
from iamconsole.console.forms.base import ActionForm, name_field

NAME_HELP = "Maximum 128 characters. Use alphanumeric and '+=,.@-_' characters."


class GroupForm(ActionForm):
    """A new group's name."""

    group_name = name_field(GroupName, "User group name", help_text=NAME_HELP)


class RenameForm(ActionForm):
    """A group's new name."""

    new_group_name = name_field(GroupName, "User group name", help_text=NAME_HELP)

    def _beside(self, argument: str | None, message: str) -> None:
        # The name that is taken is the new one.
        super()._beside("new_group_name" if argument == "group_name" else argument, message)
