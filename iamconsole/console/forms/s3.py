"""Forms of S3: a new bucket, a new folder, who the public is kept from."""

from __future__ import annotations

from django import forms

from iamconsole.console.forms.base import ActionForm
from iamconsole.sandbox.ec2_catalog import REGIONS
from iamconsole.sandbox.s3_types import LONGEST_KEY

_NAME_HELP = (
    "3 to 63 characters: lowercase letters, digits, dots and hyphens, beginning and ending with a "
    "letter or digit. No other account of this installation may have a bucket of that name."
)


class BucketForm(ActionForm):
    """A new bucket's name and region."""

    bucket = forms.CharField(label="Bucket name", max_length=63, help_text=_NAME_HELP)
    region = forms.ChoiceField(
        label="Region",
        choices=[(name, f"{place} ({name})") for name, place in REGIONS.items()],
        help_text="Nothing is stored there: it stands in the bucket's properties.",
    )


class FolderForm(ActionForm):
    """A new folder's name."""

    name = forms.CharField(
        label="Folder name",
        max_length=LONGEST_KEY,
        strip=False,
        help_text="A folder name can't contain a slash.",
    )

    def clean_name(self) -> str:
        """Refuse what would be several folders."""
        name: str = self.cleaned_data["name"]
        if "/" in name:
            raise forms.ValidationError("Leave out the slash: it would begin another folder.")
        return name


class BlockForm(ActionForm):
    """The four ways of blocking public access, named as S3's API names them."""

    block_public_acls = forms.BooleanField(
        label="Block public access granted through new access control lists",
        required=False,
        help_text="There are no access control lists here, so nothing follows from it.",
    )
    ignore_public_acls = forms.BooleanField(
        label="Block public access granted through any access control lists",
        required=False,
        help_text="There are no access control lists here, so nothing follows from it.",
    )
    block_public_policy = forms.BooleanField(
        label="Block public access granted through new bucket policies",
        required=False,
        help_text="A policy that would make the bucket public can't be saved.",
    )
    restrict_public_buckets = forms.BooleanField(
        label="Block public and cross-account access through any public bucket policy",
        required=False,
        help_text="While its policy is public, only the bucket's own account gets in.",
    )
