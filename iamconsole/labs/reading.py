"""A pack's files read into a Lab, or refused with everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping

from iamconsole.labs.pack import Lab
from iamconsole.labs.problem import PackError, Problem

__all__ = ["PackError", "Problem", "read"]


def read(files: Mapping[str, str]) -> Lab:
    """The lab of a pack's files, text by path; raise PackError."""
    raise NotImplementedError
