"""What docs/aws-clients.md says is built, against what is registered."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from tests.operations import IAM_AND_STS
from tests.test_contract import NOT_YET, model

PAGE = Path(__file__).parents[1] / "docs" / "aws-clients.md"
START = "<!-- The numbers and names from here on"


def table() -> str:
    """The part of the page that tells of every operation of IAM and STS."""
    total = sum(len(model(service).operation_names) for service in ("iam", "sts"))
    lines = [f"**{len(IAM_AND_STS)} of the {total} operations of IAM and STS are built:**", ""]
    lines += ["| About | Operations |", "|---|---|"]
    lines += [f"| {about} | {', '.join(names)} |" for about, names in built()]
    lines += ["", f"**Not built are {len(NOT_YET)}.** They need AWS Organizations across real "]
    lines[-1] += "accounts, or AWS's"
    lines += ["partners and services:", ""]
    lines += [", ".join(sorted(f"`{name}`" for name in NOT_YET)), ""]
    return "\n".join(lines)


def built() -> list[tuple[str, list[str]]]:
    """The names of operations by the module of their action, in words."""
    found = defaultdict(list)
    for name, operation in IAM_AND_STS.items():
        module = operation.function.__module__.rpartition(".")[2]
        found[module.replace("_", " ")].append(f"`{name.partition(':')[2]}`")
    return [(about, sorted(names)) for about, names in sorted(found.items())]


def test_the_page_names_every_operation_that_is_built_and_every_one_that_is_not():
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    told = rest.partition("-->\n\n")[2]
    assert told == table(), f"Put this there:\n\n{table()}"


def test_the_readme_says_how_many_operations_are_built():
    readme = " ".join((PAGE.parents[1] / "README.md").read_text(encoding="utf-8").split())
    total = sum(len(model(service).operation_names) for service in ("iam", "sts"))
    assert f"what is built: {len(IAM_AND_STS)} of {total} operations." in readme
