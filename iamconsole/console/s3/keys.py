"""Objects' keys in addresses, forms and words.

A key is any text of up to 1,024 bytes: `..`, a line end or nothing between two slashes are keys
like others. So it never is a part of an address's path, only of its query; and in a form's field,
where browsers would change line ends, it is percent-encoded.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

#: What separates folders: S3 itself knows none, only keys that begin alike.
SLASH = "/"
#: What can't be seen, or makes the letters around it stand in another order.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def address(view: str, bucket: str, **query: str) -> str:
    """The address of a bucket's page `s3-…`; what is empty is left out of its query."""
    url = reverse(f"console:{view}", args=[bucket])
    said = {name: value for name, value in query.items() if value}
    return f"{url}?{urlencode(said)}" if said else url


def packed(key: str) -> str:
    """A key as the value of a form's field."""
    return quote(key, safe=SLASH)


def unpacked(value: str) -> str:
    """The key again. What is no UTF-8 becomes a key that no object has."""
    return unquote(value)


def asked(request: HttpRequest) -> str:
    """The key that a page is about: `key` of the address, or `object` of the list's form."""
    return request.GET.get("key", "") or unpacked(request.GET.get("object", ""))


def folder_of(key: str) -> str:
    """The folder that a key or prefix lies in: everything up to its last slash."""
    return key[: key.rfind(SLASH) + 1]


def parent_of(folder: str) -> str:
    """The folder around a folder."""
    return folder_of(folder.removesuffix(SLASH))


def name_in(folder: str, key: str) -> str:
    """A key's name inside a folder, for people."""
    return visible(key.removeprefix(folder)) or SLASH


def kind_of(key: str) -> str:
    """What the list says of an object's type: the ending of its name."""
    name = key.rpartition(SLASH)[2]
    stem, dot, ending = name.rpartition(".")
    if key.endswith(SLASH):
        return "Folder"
    return visible(ending) if stem and dot and len(ending) <= 16 else "-"


def visible(text: str) -> str:
    r"""A text in which control characters are written out: a line end as \u000a."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def trail(bucket: str, prefix: str) -> list[tuple[str, str]]:
    """Label and address of the bucket and of each folder that leads to a prefix."""
    crumbs = [("Buckets", reverse("console:s3-buckets")), (bucket, address("s3-bucket", bucket))]
    so_far = ""
    for part in prefix.split(SLASH)[:-1]:
        so_far += part + SLASH
        crumbs.append((visible(part) + SLASH, address("s3-bucket", bucket, prefix=so_far)))
    return crumbs
