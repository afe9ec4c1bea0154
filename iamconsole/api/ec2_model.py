"""EC2's model, cut down to the operations that are built: the whole is some forty times as large.

Of the other operations the names are kept, so that whoever calls one is told that it is not built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def cut(model: Mapping[str, Any], built: Iterable[str]) -> dict[str, Any]:
    """The model with those operations, the names of the others, and only the shapes they need."""
    kept = set(built)
    operations = {name: each if name in kept else {} for name, each in model["operations"].items()}
    shapes: dict[str, Any] = {}
    waiting = [
        operation[side]["shape"]
        for operation in operations.values()
        for side in ("input", "output")
        if side in operation
    ]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _inside(shapes[name])
    return {**model, "operations": operations, "shapes": shapes}


def _inside(shape: Mapping[str, Any]) -> list[str]:
    """The shapes that one is made of."""
    members = [*shape.get("members", {}).values()]
    members += [shape[part] for part in ("member", "key", "value") if part in shape]
    return [member["shape"] for member in members]
