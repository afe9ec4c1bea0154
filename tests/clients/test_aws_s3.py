"""The aws command's s3: what tutorials type, from an empty account to an empty account."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iamconsole.sandbox.models import Bucket, StoredObject, Upload
from tests.api.clients import key_of
from tests.api.servers import fetched, serving
from tests.cast import allow
from tests.clients.conftest import Run, installed

MIB = 1024 * 1024


@pytest.fixture
def endpoint(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[str]:
    """Where the server is."""
    settings.OBJECTS = tmp_path / "objects"
    with serving() as url:
        yield url


@pytest.fixture
def s3(run: Run):
    """`s3("ls", "s3://reports")`: the lines that the command printed."""
    program = installed("python", "bin", "aws")

    def s3(*arguments: str, **variables: str) -> list[str]:
        said = run(program, "s3", *arguments, LC_ALL="C.UTF-8", **variables)
        assert said.returncode == 0, said.stderr + said.stdout
        return [line.strip() for line in said.stdout.splitlines()]

    return s3


@pytest.fixture
def refused(run: Run):
    """The same for a command that fails: what it says."""
    program = installed("python", "bin", "aws")

    def refused(*arguments: str, **variables: str) -> str:
        said = run(program, *arguments, LC_ALL="C.UTF-8", **variables)
        assert said.returncode != 0, said.stdout
        return said.stderr.strip()

    return refused


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with files whose names are not all easy."""
    root = tmp_path / "tree"
    for name in ("a.txt", "folder/b c+%.txt", "folder/deep/ü.txt"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"what is in {name}")
    return root


def named(lines: list[str]) -> list[str]:
    """The names in a listing, without date, time and size."""
    return [line.split(maxsplit=3)[-1] for line in lines]


def test_a_bucket_is_made_listed_and_removed(s3, refused):
    assert s3("mb", "s3://reports") == ["make_bucket: reports"]
    assert named(s3("ls")) == ["reports"]
    assert s3("rb", "s3://reports") == ["remove_bucket: reports"]
    assert s3("ls") == []
    assert refused("s3", "ls", "s3://reports").endswith(
        "(NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not "
        "exist"
    )
    assert "(404)" in refused("s3api", "head-bucket", "--bucket", "reports")


def test_a_file_goes_up_and_comes_back(s3, tmp_path):
    s3("mb", "s3://reports")
    small, large = tmp_path / "small.txt", tmp_path / "large.bin"
    small.write_text("small")
    large.write_bytes(os.urandom(15 * MIB))
    for file in (small, large):
        s3("cp", str(file), f"s3://reports/{file.name}", "--no-progress")
        back = tmp_path / f"{file.name}.back"
        s3("cp", f"s3://reports/{file.name}", str(back), "--no-progress")
        assert back.read_bytes() == file.read_bytes()
    assert StoredObject.objects.get(key="small.txt").content_type == "text/plain"
    assert not Upload.objects.exists()
    assert s3("cp", "s3://reports/small.txt", "-") == ["small"]
    moved = s3("mv", "s3://reports/small.txt", "s3://reports/moved/small.txt", "--no-progress")
    assert moved == ["move: s3://reports/small.txt to s3://reports/moved/small.txt"]
    assert [line.split()[-1] for line in s3("ls", "s3://reports")] == ["moved/", "large.bin"]


def test_folders_are_kept_alike(s3, tree, tmp_path):
    s3("mb", "s3://reports")
    names = ["a.txt", "folder/b c+%.txt", "folder/deep/ü.txt"]
    assert len(s3("sync", str(tree), "s3://reports/kept", "--no-progress")) == 3
    assert s3("sync", str(tree), "s3://reports/kept", "--no-progress") == []
    assert named(s3("ls", "s3://reports/kept/", "--recursive")) == [f"kept/{n}" for n in names]
    (tree / "a.txt").write_text("something else that is longer")
    (tree / "folder" / "deep" / "ü.txt").unlink()
    told = s3("sync", str(tree), "s3://reports/kept", "--delete", "--no-progress")
    assert sorted(line.partition(":")[0] for line in told) == ["delete", "upload"]
    back = tmp_path / "back"
    s3("sync", "s3://reports/kept", str(back), "--no-progress")
    assert sorted(str(path.relative_to(back)) for path in back.rglob("*.txt")) == names[:2]
    assert (back / "a.txt").read_text() == "something else that is longer"
    s3("cp", "s3://reports/kept", "s3://reports/copied", "--recursive", "--no-progress")
    assert StoredObject.objects.filter(key__startswith="copied/").count() == 2
    s3("rm", "s3://reports", "--recursive")
    assert not StoredObject.objects.exists()


def test_a_bucket_goes_with_all_that_is_in_it_only_if_told_so(s3, refused, tree):
    s3("mb", "s3://reports")
    s3("sync", str(tree), "s3://reports", "--no-progress")
    assert "BucketNotEmpty" in refused("s3", "rb", "s3://reports")
    s3("rb", "s3://reports", "--force")
    assert not Bucket.objects.exists()


def test_a_signed_address_is_all_that_somebody_else_needs(s3, tree):
    s3("mb", "s3://reports")
    s3("cp", str(tree / "a.txt"), "s3://reports/a b.txt", "--no-progress")
    (url,) = s3("presign", "s3://reports/a b.txt", "--expires-in", "60")
    assert fetched(url).body == "what is in a.txt"
    assert fetched(url.replace("a%20b", "c")).status == 403


def test_the_two_buckets_of_a_user_who_may_read_one_of_them(s3, refused, caller_with, tree):
    for name in ("reports", "classified"):
        s3("mb", f"s3://{name}")
        s3("cp", str(tree / "a.txt"), f"s3://{name}/a.txt", "--no-progress")
    reader = key_of(
        caller_with(
            allow("s3:ListBucket", on="arn:aws:s3:::reports"),
            allow("s3:GetObject", on="arn:aws:s3:::reports/*"),
        )
    )
    who = {"AWS_ACCESS_KEY_ID": reader.access_key_id, "AWS_SECRET_ACCESS_KEY": reader.secret}
    assert "s3:ListAllMyBuckets" in refused("s3", "ls", **who)
    assert named(s3("ls", "s3://reports", **who)) == ["a.txt"]
    assert s3("cp", "s3://reports/a.txt", "-", **who) == ["what is in a.txt"]
    upload = refused("s3", "cp", str(tree / "a.txt"), "s3://reports/b.txt", **who)
    assert "(AccessDenied) when calling the PutObject operation" in upload
    assert "s3:ListBucket" in refused("s3", "ls", "s3://classified", **who)
    assert "Forbidden" in refused("s3", "cp", "s3://classified/a.txt", "-", **who)


def test_s3api_says_what_a_bucket_has(run, s3, tmp_path):
    program = installed("python", "bin", "aws")

    def told(*arguments: str) -> Any:
        said = run(program, "s3api", *arguments, "--bucket", "reports")
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout) if said.stdout else None

    s3("mb", "s3://reports")
    told("put-bucket-tagging", "--tagging", "TagSet=[{Key=Team,Value=Red}]")
    assert told("get-bucket-tagging")["TagSet"] == [{"Key": "Team", "Value": "Red"}]
    assert told("get-bucket-location")["LocationConstraint"] is None
    block = told("get-public-access-block")["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    policy = tmp_path / "policy.json"
    statement = allow("s3:GetObject", on="arn:aws:s3:::reports/*")
    statement |= {"Principal": {"AWS": "111122223333"}}
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    told("put-bucket-policy", "--policy", f"file://{policy}")
    assert "s3:GetObject" in told("get-bucket-policy")["Policy"]
    assert told("get-bucket-policy-status") == {"PolicyStatus": {"IsPublic": False}}
