"""Forms of EC2's instances: a new one, its role, its metadata service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.types import Tag
from iamconsole.console.components.choices import Tile
from iamconsole.console.forms.base import ActionForm
from iamconsole.sandbox.actions.ec2_launch import INSTANCES_PER_ACCOUNT
from iamconsole.sandbox.ec2_arguments import MetadataOptions, NamedProfile, TagSpecification
from iamconsole.sandbox.ec2_catalog import IMAGES, REGIONS, TYPES

_VERSIONS = [
    ("required", Tile("V2 only (token required)", "Programs ask for a token first. Recommended.")),
    ("optional", Tile("V1 and V2 (token optional)", "Programs may also ask without a token.")),
]


def _profile_field(choices: Sequence[tuple[str, str]] | None) -> forms.Field:
    """A menu; a text where the caller may not list what there is (`None`)."""
    text = "Its role is what programs on the instance may do. It takes iam:PassRole on that role."
    if choices is not None:
        return forms.ChoiceField(
            label="IAM instance profile", choices=choices, required=False, help_text=text
        )
    return forms.CharField(
        label="IAM instance profile", required=False, max_length=128, help_text=text
    )


class LaunchForm(ActionForm):
    """A new instance."""

    name = forms.CharField(
        label="Name", required=False, max_length=256, help_text="The value of the tag Name."
    )
    region = forms.ChoiceField(
        label="Region",
        choices=[(name, f"{place} ({name})") for name, place in REGIONS.items()],
        help_text="An instance belongs to one Region; programs name it when they ask for it.",
    )
    image_id = forms.ChoiceField(
        label="Image",
        widget=forms.RadioSelect,
        initial=next(iter(IMAGES)),
        choices=[
            (each.id, Tile(each.description, f"{each.id}, {each.architecture}"))
            for each in IMAGES.values()
        ],
    )
    instance_type = forms.ChoiceField(
        label="Instance type",
        initial="t3.micro",
        choices=[
            (each.name, f"{each.name}: {each.cpus} vCPU, {each.memory / 1024:g} GiB, "
             f"{each.architecture}")
            for each in TYPES.values()
        ],
        help_text="Its architecture must be the image's.",
    )  # fmt: skip
    max_count = forms.IntegerField(
        label="Number of instances", initial=1, min_value=1, max_value=INSTANCES_PER_ACCOUNT
    )
    http_tokens = forms.ChoiceField(
        label="Metadata version", widget=forms.RadioSelect, choices=_VERSIONS, initial="required"
    )
    metadata_tags = forms.BooleanField(
        label="Programs on the instance may read its tags from the metadata", required=False
    )

    def __init__(
        self, *given: Any, profiles: Sequence[tuple[str, str]] | None, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.fields["iam_instance_profile"] = _profile_field(profiles)

    def arguments(self) -> dict[str, Any]:
        """The arguments of RunInstances."""
        given = self.cleaned_data
        tags = [Tag("Name", given["name"])] if given["name"] else []
        profile = given["iam_instance_profile"]
        return {
            "image_id": given["image_id"],
            "instance_type": given["instance_type"],
            "min_count": given["max_count"],
            "max_count": given["max_count"],
            "iam_instance_profile": NamedProfile(name=profile) if profile else None,
            "tag_specifications": [TagSpecification("instance", tags)] if tags else [],
            "metadata_options": MetadataOptions(
                http_tokens=given["http_tokens"],
                instance_metadata_tags="enabled" if given["metadata_tags"] else "disabled",
            ),
        }

    def _beside(self, argument: str | None, message: str) -> None:
        renamed = {"tag_specifications": "name", "tags": "name", "min_count": "max_count"}
        super()._beside(renamed.get(argument or "", argument), message)


class RoleForm(ActionForm):
    """Which instance profile an instance has."""

    def __init__(
        self, *given: Any, profiles: Sequence[tuple[str, str]] | None, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.fields["iam_instance_profile"] = _profile_field(profiles)


class MetadataForm(ActionForm):
    """How an instance's metadata service answers."""

    http_endpoint = forms.BooleanField(label="The metadata service answers", required=False)
    http_tokens = forms.ChoiceField(
        label="Metadata version", widget=forms.RadioSelect, choices=_VERSIONS
    )
    instance_metadata_tags = forms.BooleanField(
        label="Programs on the instance may read its tags", required=False
    )

    def arguments(self) -> dict[str, str]:
        """The arguments of ModifyInstanceMetadataOptions."""
        given = self.cleaned_data
        return {
            "http_tokens": given["http_tokens"],
            "http_endpoint": "enabled" if given["http_endpoint"] else "disabled",
            "instance_metadata_tags": "enabled" if given["instance_metadata_tags"] else "disabled",
        }
