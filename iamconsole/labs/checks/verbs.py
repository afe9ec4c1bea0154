"""The closed table of checks: each verb, the arguments it takes, and the function that judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Verb → JSON Schema of its arguments.
ARGUMENTS: Mapping[str, dict[str, Any]] = {}
