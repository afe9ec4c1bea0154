"""The kinds of arguments that actions take, with AWS's limits, and the check that enforces them.

Each kind is an `Annotated` Python type whose second part is a rule. `check` compares one call's
arguments with the rules of its action and raises one `ValidationError` that gathers every problem,
in AWS's words. Limits and patterns are those of the shapes in the IAM API reference; the contract
test compares them with the model that AWS's clients ship.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Protocol, get_type_hints

from accounts.errors import InvalidInput, ValidationError

Problems = list[tuple[str, str]]

#: Letters, marks of position and numbers of any language: `\p{L}\p{Z}\p{N}` in AWS's patterns.
_TAG_PATTERN = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"
_TAG_PUNCTUATION = frozenset("_.:/=+-@")

#: What no database keeps: the null character, and half of a character of UTF-16.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Rule(Protocol):
    """What one argument must look like."""

    def problems(self, value: Any, at: str) -> Problems:
        """Every way in which the value, found at this place, breaks the rule."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """Characters, counted as Unicode code points; `pattern` must match all of them."""

    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    #: Said instead of the pattern, where AWS says it so.
    wording: str | None = None
    #: Where AWS's pattern is not a Python one.
    fits: Callable[[str], bool] | None = None

    def problems(self, value: Any, at: str) -> Problems:
        """Wrong type, too short, too long, wrong alphabet."""
        if not isinstance(value, str):
            return [_constraint(at, "be a string")]
        found: Problems = []
        if _UNSTORABLE.search(value):
            found.append((at, f"Value at '{at}' has characters that are not text."))
        if self.max is not None and len(value) > self.max:
            found.append(_constraint(at, f"have length less than or equal to {self.max}"))
        if self.min is not None and len(value) < self.min:
            found.append(_constraint(at, f"have length greater than or equal to {self.min}"))
        if self.pattern is not None and not self._matches(value):
            if self.wording is not None:
                found.append((at, self.wording.format(name=at)))
            else:
                rule = f"satisfy regular expression pattern: {self.pattern}"
                found.append(_constraint(at, rule))
        return found

    def as_member(self) -> str:
        """All its constraints at once, as AWS lists them for the members of a list."""
        limits = (
            ("have length less than or equal to", self.max),
            ("have length greater than or equal to", self.min),
            ("satisfy regular expression pattern:", self.pattern),
        )
        told = [f"Member must {rule} {limit}" for rule, limit in limits if limit is not None]
        return ", ".join([*told, "Member must not be null"])

    def _matches(self, value: str) -> bool:
        if self.fits is not None:
            return self.fits(value)
        return re.fullmatch(self.pattern or "", value, re.ASCII) is not None


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number from `min` to `max`."""

    min: int | None = None
    max: int | None = None

    def problems(self, value: Any, at: str) -> Problems:
        """Wrong type, too small, too large."""
        if not isinstance(value, int) or isinstance(value, bool):
            return [_constraint(at, "be a number")]
        if self.max is not None and value > self.max:
            return [_constraint(at, f"have value less than or equal to {self.max}")]
        if self.min is not None and value < self.min:
            return [_constraint(at, f"have value greater than or equal to {self.min}")]
        return []


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    def problems(self, value: Any, at: str) -> Problems:
        """Anything but a boolean."""
        return [] if isinstance(value, bool) else [_constraint(at, "be a boolean")]


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that knows its zone."""

    def problems(self, value: Any, at: str) -> Problems:
        """Anything but a time with a zone."""
        known = isinstance(value, datetime) and value.tzinfo is not None
        return [] if known else [_constraint(at, "be a timestamp")]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of words."""

    words: tuple[str, ...]

    def problems(self, value: Any, at: str) -> Problems:
        """Any other word."""
        if value in self.words:
            return []
        return [_constraint(at, "satisfy enum value set")]


@dataclass(frozen=True, slots=True)
class Several:
    """A list whose members all keep one rule."""

    of: Rule
    min: int | None = None
    max: int | None = None

    def problems(self, value: Any, at: str) -> Problems:
        """A list too long, and every problem of its members."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            return [_constraint(at, "be a list")]
        if self.max is not None and len(value) > self.max:
            return [_constraint(at, f"have length less than or equal to {self.max}")]
        if self.min is not None and len(value) < self.min:
            return [_constraint(at, f"have length greater than or equal to {self.min}")]
        if isinstance(self.of, Text):
            # AWS blames the list as a whole for a plain text in it, and lists all that holds.
            broken = any(self.of.problems(member, at) for member in value)
            return [_constraint(at, f"satisfy constraint: [{self.of.as_member()}]")] * broken
        return [
            problem
            for number, member in enumerate(value, start=1)
            for problem in self.of.problems(member, f"{at}.{number}.member")
        ]


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: key and value."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class TagRule:
    """A tag whose key and value keep AWS's limits."""

    key: ClassVar[Text]
    value: ClassVar[Text]

    def problems(self, value: Any, at: str) -> Problems:
        """Problems of the key and of the value."""
        if not isinstance(value, Tag):
            return [_constraint(at, "be a tag")]
        return self.key.problems(value.key, f"{at}.key") + self.value.problems(
            value.value, f"{at}.value"
        )


def tag_characters(text: str) -> bool:
    """Whether every character may stand in a tag: letters, numbers, spaces and `_.:/=+-@`.

    Spaces are Unicode's separators: tabs and line ends, which `isspace` takes for such, are none.
    """
    return all(
        character in _TAG_PUNCTUATION or unicodedata.category(character)[0] in "LZN"
        for character in text
    )


TagRule.key = Text(1, 128, _TAG_PATTERN.replace("*", "+"), fits=tag_characters)
TagRule.value = Text(0, 256, _TAG_PATTERN, fits=tag_characters)


def tag_mapping(tags: Iterable[Tag], *, present: Mapping[str, str] | None = None) -> dict[str, str]:
    """The tags as a mapping, merged into those present; keys are told apart without their case.

    Raises InvalidInput for a key given twice or in AWS's own name space, and for a 51st tag.
    """
    merged = dict(present or {})
    spelled = {key.casefold(): key for key in merged}
    seen: set[str] = set()
    for tag in tags:
        folded = tag.key.casefold()
        if folded in seen:
            raise InvalidInput(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                argument="tags",
            )
        if folded.startswith("aws:"):
            raise InvalidInput(
                "System tag keys, which begin with aws:, can't be changed.", argument="tags"
            )
        seen.add(folded)
        merged.pop(spelled.get(folded, tag.key), None)
        spelled[folded] = tag.key
        merged[tag.key] = tag.value
    if len(merged) > TAGS_PER_RESOURCE:
        raise InvalidInput(
            f"The number of tags has reached the maximum limit of {TAGS_PER_RESOURCE}.",
            argument="tags",
        )
    return merged


TAGS_PER_RESOURCE = 50
_NAME = r"[\w+=,.@-]+"
_NAME_WORDING = (
    "The specified value for {name} is invalid. It must contain only alphanumeric characters "
    "and/or the following: +=,.@_-"
)
_DOCUMENT = r"[\u0009\u000A\u000D\u0020-\u00FF]+"


def _document_characters(text: str) -> bool:
    return all(c in "\t\n\r" or "\x20" <= c <= "\xff" for c in text)


# The IAM API's shape of the same name is in the comment where ours is called otherwise.
UserName = Annotated[str, Text(1, 64, _NAME, wording=_NAME_WORDING)]
ExistingUserName = Annotated[str, Text(1, 128, _NAME, wording=_NAME_WORDING)]
GroupName = Annotated[str, Text(1, 128, _NAME, wording=_NAME_WORDING)]
RoleName = Annotated[str, Text(1, 64, _NAME, wording=_NAME_WORDING)]
PolicyName = Annotated[str, Text(1, 128, _NAME, wording=_NAME_WORDING)]
InstanceProfileName = Annotated[str, Text(1, 128, _NAME, wording=_NAME_WORDING)]
DeviceName = Annotated[str, Text(1, None, _NAME, wording=_NAME_WORDING)]  # virtualMFADeviceName
Path = Annotated[str, Text(1, 512, r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)")]
PathPrefix = Annotated[str, Text(1, 512, r"\u002F[\u0021-\u007F]*")]
PolicyPath = Annotated[str, Text(1, 512, r"((/[A-Za-z0-9\.,\+@=_-]+)*)/")]
Arn = Annotated[str, Text(20, 2048)]
SerialNumber = Annotated[str, Text(9, 256, r"[\w+=/:,.@-]+")]
Code = Annotated[str, Text(6, 6, r"[\d]+")]  # authenticationCodeType
AccountAlias = Annotated[str, Text(3, 63, r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$")]
Password = Annotated[str, Text(1, 128, _DOCUMENT, fits=_document_characters)]
Document = Annotated[str, Text(1, 131072, _DOCUMENT, fits=_document_characters)]
Description = Annotated[
    str,
    Text(
        None,
        1000,
        r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
        fits=lambda text: all(
            c in "\t\n\r" or "\x20" <= c <= "\x7e" or "\xa1" <= c <= "\xff" for c in text
        ),
    ),
]
PolicyDescription = Annotated[str, Text(None, 1000)]
VersionId = Annotated[str, Text(None, None, r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")]
AccessKeyId = Annotated[str, Text(16, 128, r"[\w]+")]
Status = Annotated[str, Choice(("Active", "Inactive", "Expired"))]
ServiceName = Annotated[str, Text(1, 128, r"[\w+=,.@-]+")]  # groupNameType
CustomSuffix = Annotated[str, Text(1, 64, r"[\w+=,.@-]+")]
DeletionTaskId = Annotated[str, Text(1, 1000)]
SessionDuration = Annotated[int, Number(3600, 43200)]
AssignmentStatus = Annotated[str, Choice(("Assigned", "Unassigned", "Any"))]
Marker = Annotated[str, Text(1, 320, r"[\u0020-\u00FF]+")]
MaxItems = Annotated[int, Number(1, 1000)]
Flag = Annotated[bool, Truth()]
Tags = Annotated[Sequence[Tag], Several(TagRule(), None, TAGS_PER_RESOURCE)]
TagKeys = Annotated[Sequence[str], Several(TagRule.key, None, TAGS_PER_RESOURCE)]
MinimumLength = Annotated[int, Number(6, 128)]
MaxAge = Annotated[int, Number(1, 1095)]
ReusePrevention = Annotated[int, Number(1, 24)]
ProviderUrl = Annotated[str, Text(1, 255)]  # OpenIDConnectProviderUrlType
CertificateBody = Annotated[str, Text(1, 16384, _DOCUMENT, fits=_document_characters)]
CertificateChain = Annotated[str, Text(1, 2097152, _DOCUMENT, fits=_document_characters)]
CertificateId = Annotated[str, Text(24, 128, r"[\w]+")]
ServerCertificateName = Annotated[str, Text(1, 128, _NAME, wording=_NAME_WORDING)]
PublicKeyMaterial = Annotated[str, Text(1, 16384, _DOCUMENT, fits=_document_characters)]
PublicKeyId = Annotated[str, Text(20, 128, r"[\w]+")]
PublicKeyEncoding = Annotated[str, Choice(("SSH", "PEM"))]
ServiceCredentialId = Annotated[str, Text(20, 128, r"[\w]+")]
CredentialService = Annotated[str, Text()]  # serviceName
CredentialAge = Annotated[int, Number(1, 36600)]
TokenVersion = Annotated[str, Choice(("v1Token", "v2Token"))]  # globalEndpointTokenVersion
EntityTypes = Annotated[
    Sequence[str],
    Several(Choice(("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"))),
]
ClientId = Annotated[str, Text(1, 255)]  # clientIDType
ClientIds = Annotated[Sequence[str], Several(Text(1, 255))]
Thumbprints = Annotated[Sequence[str], Several(Text(40, 40))]
SAMLProviderName = Annotated[str, Text(1, 128, r"[\w._-]+")]
SAMLMetadata = Annotated[str, Text(1000, 10000000)]
PrivateKey = Annotated[str, Text(1, 16384, _DOCUMENT, fits=_document_characters)]
PrivateKeyId = Annotated[str, Text(22, 64, r"[A-Z0-9]+")]
EncryptionMode = Annotated[str, Choice(("Required", "Allowed"))]
Granularity = Annotated[str, Choice(("SERVICE_LEVEL", "ACTION_LEVEL"))]
JobId = Annotated[str, Text(36, 36)]
ServiceNamespace = Annotated[str, Text(1, 64, r"[\w-]*")]
ServiceNamespaces = Annotated[Sequence[str], Several(Text(1, 64, r"[\w-]*"), 1, 200)]
Free = Annotated[str, Text(None, 4096)]
Time = Annotated[datetime, Moment()]
EventCategory = Annotated[str, Choice(("insight",))]
AnyNumber = Annotated[int, Number()]
NextToken = Annotated[str, Text()]


#: A list of a thousand wrong things is answered with the first of them.
_MOST_TOLD = 20


def check(rules: Mapping[str, Rule], arguments: Mapping[str, Any]) -> None:
    """Raise one ValidationError that names every argument that breaks its rule.

    An argument that is None was left out; whether it may be is the signature's to say.
    """
    found: Problems = []
    for name, rule in rules.items():
        value = arguments.get(name)
        if value is not None:
            found.extend((name, message) for _, message in rule.problems(value, camel_case(name)))
    if found:
        raise _gathered(found)


def _gathered(found: Problems) -> ValidationError:
    plain = len(found) == 1 and not found[0][1].startswith("Value")
    noun = "error" if len(found) == 1 else "errors"
    gathered = "; ".join(message for _, message in found[:_MOST_TOLD])
    return ValidationError(
        gathered if plain else f"{len(found)} validation {noun} detected: {gathered}",
        argument=found[0][0],
        problems=tuple(found[:_MOST_TOLD]),
    )


def left_out(names: Sequence[str]) -> ValidationError:
    """What is raised for arguments that had to be given."""
    return _gathered([(name, _constraint(camel_case(name), "not be null")[1]) for name in names])


def camel_case(name: str) -> str:
    """`user_name` as AWS's messages spell it: `userName`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def rule_of(annotation: Any) -> Rule | None:
    """The rule in an annotation, also when the argument may be left out (`Path | None`)."""
    for part in (annotation, *getattr(annotation, "__args__", ())):
        for extra in getattr(part, "__metadata__", ()):
            if hasattr(extra, "problems"):
                return extra  # type: ignore[no-any-return]
    return None


def text_rule(annotation: Any) -> Text:
    """The text rule of a type, for a form that shows its limits."""
    rule = rule_of(annotation)
    if not isinstance(rule, Text):
        raise TypeError(f"{annotation} is not a text")
    return rule


def number_rule(annotation: Any) -> Number:
    """The rule of a whole number, for a form that shows its limits."""
    rule = rule_of(annotation)
    if not isinstance(rule, Number):
        raise TypeError(f"{annotation} is not a number")
    return rule


def _constraint(at: str, rule: str) -> tuple[str, str]:
    return at, f"Value at '{at}' failed to satisfy constraint: Member must {rule}"


@dataclass(frozen=True, slots=True)
class Structure:
    """One object of several named values: a dataclass whose annotations are their rules.

    A member that is None was left out, which one without a default may not be.
    """

    of: type

    def problems(self, value: Any, at: str) -> Problems:
        """Any other object, and every problem of its members."""
        if not isinstance(value, self.of):
            return [_constraint(at, f"be a {self.of.__name__}")]
        found: Problems = []
        for name, rule in self.members().items():
            member, place = getattr(value, name), f"{at}.{camel_case(name)}"
            if member is not None:
                found += rule.problems(member, place)
            elif name in self.required():
                found.append(_constraint(place, "not be null"))
        return found

    def members(self) -> Mapping[str, Rule]:
        """The rule of every member."""
        return _members(self.of)

    def required(self) -> frozenset[str]:
        """The members that have to be there."""
        return frozenset(each.name for each in fields(self.of) if each.default is MISSING)


@cache
def _members(of: type) -> dict[str, Rule]:
    hints = get_type_hints(of, include_extras=True)
    rules = {name: rule_of(hint) for name, hint in hints.items()}
    return {name: rule for name, rule in rules.items() if rule is not None}
