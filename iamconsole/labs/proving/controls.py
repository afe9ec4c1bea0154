"""The ids of the console's elements, so that a lab can't point at one that is nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.forms import CheckboxSelectMultiple, Form, RadioSelect
from django.utils.text import slugify

from accounts.quotas import KEYS_PER_OWNER
from iamconsole.console import navigation
from iamconsole.console import urls as _pages  # noqa: F401  their forms are among the subclasses
from iamconsole.console.ec2 import pages as ec2
from iamconsole.console.groups import pages as groups
from iamconsole.console.policies import pages as policies
from iamconsole.console.roles import pages as roles
from iamconsole.console.s3 import pages as s3
from iamconsole.console.sns import pages as sns
from iamconsole.console.unused import SECTIONS
from iamconsole.console.users import pages as users
from iamconsole.console.views import explain

#: An id as a template writes it, also where it hands it to `components/button.html`.
_WRITTEN = re.compile(r'(?<![\w-])id="([A-Za-z][\w-]*)"')


@cache
def ids() -> frozenset[str]:
    """Every id that a page of the console may have and that does not depend on what it shows."""
    # Views bring in the forms, and are brought in with the addresses.
    import_module(settings.ROOT_URLCONF)
    return frozenset(chain(_written(), _tabs(), _navigation(), _keys(), _fields(Form)))


def _written() -> Iterator[str]:
    for engine in settings.TEMPLATES:
        folders: list[Path] = engine["DIRS"]  # type: ignore[assignment]
        for folder in folders:
            for file in Path(folder).rglob("*.html"):
                yield from _WRITTEN.findall(file.read_text(encoding="utf-8"))


def _tabs() -> Iterator[str]:
    """`tab-groups`, by the names that `components/tabs.html` is given."""
    for pages in (ec2, explain, groups, policies, roles, s3, sns, users):
        yield from (f"tab-{name}" for name, *_rest in pages.TABS)
    yield from (f"tab-{name}" for name in (*SECTIONS, *(name for name, *_rest in explain.TABS)))


def _navigation() -> Iterator[str]:
    """`nav-users`, by the places' labels."""
    for area in navigation.AREAS:
        for section in area.sections:
            yield from (f"nav-{slugify(place.label)}" for place in section.places)


def _keys() -> Iterator[str]:
    yield from (f"access-key-{number}" for number in range(1, KEYS_PER_OWNER + 1))


def _fields(kind: type[Form]) -> Iterator[str]:
    """What Django calls the fields of forms: `id_user_name`, and `id_option_0` one of several."""
    for form in kind.__subclasses__():
        for name, field in form.base_fields.items():
            yield f"id_{name}"
            if isinstance(field.widget, RadioSelect | CheckboxSelectMultiple):
                yield from (f"id_{name}_{index}" for index, _ in enumerate(field.widget.choices))
        yield from _fields(form)
