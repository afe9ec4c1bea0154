"""Policy documents as packs give them: as text, as YAML, or named by `{file: …}`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from accounts.engine import document
from accounts.engine.grammar import PolicyKind
from accounts.engine.jsontext import MalformedPolicy


def file_of(argument: Any) -> str | None:
    """The name in `{file: NAME}`, or None for anything else."""
    if isinstance(argument, Mapping) and argument.keys() == {"file"}:
        named = argument["file"]
        return named if isinstance(named, str) else None
    return None


def text_of(argument: Any, files: Mapping[str, str]) -> str:
    """The text of an argument; raise KeyError for a file that the pack does not have."""
    if isinstance(argument, str):
        return argument
    named = file_of(argument)
    return files[named] if named is not None else json.dumps(argument, indent=2)


def kind_of(service: str, operation: str, argument: str) -> PolicyKind | None:
    """Which grammar holds for an argument that is a policy, or None where it is none."""
    if argument == "AssumeRolePolicyDocument":
        return PolicyKind.TRUST
    if argument == "PolicyDocument":
        trust = operation == "UpdateAssumeRolePolicy"
        return PolicyKind.TRUST if trust else PolicyKind.IDENTITY
    if argument == "Policy":
        return {"s3": PolicyKind.RESOURCE, "sts": PolicyKind.IDENTITY}.get(service)
    return None


def problem(text: str, kind: PolicyKind) -> tuple[int, str] | None:
    """The line and the words of what AWS would refuse about a document, or None."""
    try:
        document.parse(text, kind)
    except MalformedPolicy as error:
        return (error.position or (1, 1))[0], error.message
    return None
