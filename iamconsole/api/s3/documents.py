"""The XML documents that requests to S3 carry, read along botocore's model.

They come from strangers: no DTDs, no entities, no more elements than the longest list needs, and
nothing that the model does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from iamconsole.api.s3.routes import MODEL
from iamconsole.sandbox.s3_errors import MalformedXML

#: A list of 10,000 parts, each with its number, ETag and two checksums.
_MOST_ELEMENTS = 50_010
_DEEPEST = 8


class _Limited(TreeBuilder):
    """Builds no more than the longest document that there is."""

    def __init__(self) -> None:
        super().__init__()
        self._count = self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._count += 1
        self._depth += 1
        if self._count > _MOST_ELEMENTS or self._depth > _DEEPEST:
            raise MalformedXML
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def read(text: bytes, reference: Mapping[str, Any]) -> Any:
    """What a document says that a member of the model refers to. Raise MalformedXML."""
    parser = DefusedXMLParser(target=_Limited(), forbid_dtd=True)
    try:
        parser.feed(text)
        root = parser.close()
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        raise MalformedXML from None
    if _name(root) != reference.get("locationName", reference["shape"]):
        raise MalformedXML
    return _value(root, reference["shape"])


def _value(element: Element, shape_name: str) -> Any:
    shape = MODEL.shapes[shape_name]
    match shape["type"]:
        case "structure":
            return _structure(element, shape)
        case "list":
            return [_value(item, shape["member"]["shape"]) for item in element]
        case kind:
            return _scalar(element, kind)


def _structure(element: Element, shape: Mapping[str, Any]) -> dict[str, Any]:
    members = {ref.get("locationName", name): (name, ref) for name, ref in shape["members"].items()}
    found: dict[str, Any] = {}
    for child in element:
        if _name(child) not in members:
            raise MalformedXML
        name, reference = members[_name(child)]
        of = MODEL.shapes[reference["shape"]]
        if of.get("flattened"):
            found.setdefault(name, []).append(_value(child, of["member"]["shape"]))
        elif name in found:
            raise MalformedXML
        else:
            found[name] = _value(child, reference["shape"])
    if any(name not in found for name in shape.get("required", ())):
        raise MalformedXML
    return found


def _scalar(element: Element, kind: str) -> Any:
    if len(element):
        raise MalformedXML
    text = element.text or ""
    if kind == "boolean":
        if text.strip().lower() not in ("true", "false"):
            raise MalformedXML
        return text.strip().lower() == "true"
    if kind in ("integer", "long"):
        if not (text.strip().isascii() and text.strip().isdigit()) or len(text) > 20:
            raise MalformedXML
        return int(text)
    return text


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
