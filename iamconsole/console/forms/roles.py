"""Forms of the wizard that creates a role."""

from __future__ import annotations

from django import forms

from accounts.types import Description, RoleName
from iamconsole.console.components.choices import Tile
from iamconsole.console.forms.base import ActionForm, name_field, text_field
from iamconsole.console.roles.trust import SERVICES

SERVICE, ACCOUNT = "service", "account"


class TrustForm(ActionForm):
    """Who may assume the role."""

    trusted_entity = forms.ChoiceField(
        label="Trusted entity type",
        widget=forms.RadioSelect,
        choices=[
            (SERVICE, Tile("AWS service", "Let a service such as EC2 or Lambda act here.")),
            (ACCOUNT, Tile("This account", "Let users and roles of this account switch to it.")),
        ],
    )
    service = forms.ChoiceField(
        label="Service or use case",
        choices=list(SERVICES.items()),
        required=False,
        help_text="For an AWS service. EC2 also gets an instance profile of the role's name.",
    )
    require_mfa = forms.BooleanField(
        label="Require MFA",
        required=False,
        help_text="For this account. Whoever switches to the role must have signed in with MFA.",
    )

    def clean_service(self) -> str:
        """Refuse no service where the role is for one."""
        service: str = self.cleaned_data["service"]
        if not service and self.cleaned_data.get("trusted_entity") == SERVICE:
            raise forms.ValidationError("Choose a service.")
        return service


class RoleForm(ActionForm):
    """A new role's name and description."""

    role_name = name_field(
        RoleName,
        "Role name",
        help_text="Maximum 64 characters. Use alphanumeric and '+=,.@-_' characters. "
        "It can't be changed later.",
    )
    description = text_field(
        Description,
        "Description",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
