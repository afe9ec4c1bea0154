"""Packs out of folders and archives, the hostile ones among them."""

from __future__ import annotations

import io
import json
import os
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iamconsole.labs.format import archives
from iamconsole.labs.format.problem import PackError
from iamconsole.labs.format.reading import read
from tests.labs.pack_of_tests import FILES, FIRST

ROOT = Path(__file__).resolve().parents[2]
#: What refusing a pack may take, in seconds of the processor: others may be using it, too.
SECONDS = 2
MIB = 1024 * 1024


def archive(
    *entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as opened:
        for name, content in entries:
            opened.writestr(name, content)
    return made.getvalue()


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    """A file of an archive with that name, unchanged, and that kind."""
    made = zipfile.ZipInfo("x")
    made.filename = name
    made.external_attr = mode << 16
    return made


def why(content: bytes) -> str:
    """Why an archive is refused."""
    with pytest.raises(PackError) as caught:
        archives.of_archive(content)
    return str(caught.value)


# --- Folders and archives that are packs ---------------------------------------------------------


def test_a_folder_and_its_archive_hold_the_same(tmp_path):
    packed = archives.packed(FILES)
    (tmp_path / "lab.zip").write_bytes(packed)
    assert archives.files_of(tmp_path / "lab.zip") == archives.files_of(FIRST) == FILES
    assert archives.packed(dict(reversed(FILES.items()))) == packed


def test_an_archive_may_hold_the_pack_in_one_folder():
    inside = [(f"my-lab/{name}", text.encode()) for name, text in FILES.items()]
    assert archives.of_archive(archive((zipfile.ZipInfo("my-lab/"), b""), *inside)) == FILES
    apart = archives.of_archive(archive(*inside, ("note.md", b"")))
    assert "my-lab/lab.yaml" in apart


def test_lines_end_as_everywhere_and_a_mark_of_byte_order_is_dropped():
    found = archives.of_archive(archive(("lab.yaml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")))
    assert found == {"lab.yaml": "a: 1\nb: 2\n"}


# --- Names ---------------------------------------------------------------------------------------

BAD_NAMES = {
    "../lab.yaml": "leads out of the pack",
    "steps/../../x.md": "leads out of the pack",
    "./x.md": "leads out of the pack",
    "steps//x.md": "leads out of the pack",
    "/etc/x.md": "not an absolute one",
    "C:/x.md": "not an absolute one",
    "steps\\x.md": "a backslash",
    "..\\x.md": "a backslash",
    "a/b/c/x.md": "folders deep",
    "CON.md": "is a device",
    "steps/lpt1.x.md": "is a device",
    "x.py": "holds .yaml, .md and .json files only",
    "x.MD": "holds .yaml, .md and .json files only",
    "x.md.exe": "holds .yaml, .md and .json files only",
    "lab": "holds .yaml, .md and .json files only",
    ".git/x.md": "begin with no dot",
    ".hidden.md": "begin with no dot",
    "tеxt.md": "names are of a-z",
    "a b.md": "names are of a-z",
    "a\x1b[31m.md": "names are of a-z",
    "a\n.md": "names are of a-z",
    "x" * 130 + ".md": "is longer than 120 characters",
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere_or_are_no_names_are_refused(name):
    said = why(archive((entry(name), b"x")))
    assert BAD_NAMES[name] in said
    assert said.isprintable()


def test_a_name_with_a_nul_is_refused():
    content = archive(("abcde.md", b"x")).replace(b"abcde.md", b"a.md\0.md")
    assert "names are of a-z" in why(content)


def test_names_that_are_the_same_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        content = archive(("x.md", b"1"), ("x.md", b"2"))
    assert "twice" in why(content)
    assert "the same file on some machines" in why(archive(("x.md", b"1"), ("X.md", b"2")))


# --- Kinds and contents --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (stat.S_IFLNK, "is a link"),
        (stat.S_IFIFO, "no ordinary file"),
        (stat.S_IFCHR, "no ordinary"),
    ],
)
def test_an_archive_holds_files_only(mode, said):
    assert said in why(archive((entry("x.md", mode | 0o777), b"/etc/passwd")))


def test_an_encrypted_archive_is_refused():
    content = bytearray(archive(("x.md", b"x")))
    content[content.index(b"PK\1\2") + 8] |= 1
    assert "is encrypted" in why(bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method):
    assert "deflate it" in why(archive(("x.md", b"x"), method=method))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ok\n\xff\xfe", "x.md:2: This is not UTF-8 text."),
        (b"a\0b", "x.md:1: The character U+0000"),
        (b"a\x1b[0m", "U+001B"),
        ("a\u202eb".encode(), "U+202E"),
        (b"a\rb", "U+000D"),
        (b"\xed\xa0\x80", "not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(content, said):
    assert said in why(archive(("x.md", content)))


def test_a_pack_is_no_larger_than_it_may_be():
    assert "x.md: The file is larger than 64 KiB." in why(archive(("x.md", b"x" * 65537)))
    assert "larger than 128 KiB" in why(archive(("lab.yaml", b"x" * 131073)))
    assert "more than 64 KiB" not in archives.of_archive(archive(("lab.yaml", b"x" * 131072)))
    whole = [(f"{number}.md", b"x" * 65536) for number in range(17)]
    assert "The pack is larger than 1 MiB." in why(archive(*whole))
    many = [(f"{number}.md", b"x") for number in range(101)]
    assert "A pack has 100 files at most." in why(archive(*many))
    with pytest.raises(PackError, match="100 files"):
        read({name: "x" for name, _ in many})


def test_a_size_in_a_header_is_not_believed():
    bomb = archive(("x.md", b"0" * 50 * MIB))
    # Both headers say that it is ten bytes long.
    honest = struct.pack("<L", 50 * MIB)
    lying = bomb.replace(honest, struct.pack("<L", 10))
    assert "no zip archive that can be read" in why(lying)
    assert "larger than 64 KiB" in why(bomb)


@given(st.binary(max_size=400))
def test_any_bytes_as_an_archive_are_refused(content):
    why(content)


WHOLE = archives.packed(FILES)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6), st.data()
)
def test_a_damaged_archive_is_read_or_refused(changes, data):
    content = bytearray(WHOLE)
    for position, byte in changes:
        content[position] = byte
    content = content[: data.draw(st.integers(0, len(content)))] if not changes else content
    with suppress(PackError):
        read(archives.of_archive(bytes(content)))


@given(
    st.dictionaries(
        st.text(max_size=12) | st.sampled_from([*FILES]), st.binary(max_size=60), max_size=4
    )
)
def test_any_files_are_read_or_refused(files):
    content = archive(*((entry(name), each) for name, each in files.items()))
    with suppress(PackError):
        read(archives.of_archive(content))


# --- Folders -------------------------------------------------------------------------------------


def refused_folder(folder: Path) -> str:
    with pytest.raises(PackError) as caught:
        archives.files_of(folder)
    return str(caught.value)


def test_links_in_a_folder_are_not_followed(tmp_path):
    (tmp_path / "x.md").symlink_to("/etc/hostname")
    assert "‘x.md’ is a link" in refused_folder(tmp_path)
    (tmp_path / "x.md").unlink()
    (tmp_path / "steps").symlink_to("/etc")
    assert "‘steps’ is a link" in refused_folder(tmp_path)


def test_a_pipe_in_a_folder_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / "x.md")
    assert "no ordinary file" in refused_folder(tmp_path)
    assert "neither a folder nor a file" in refused_folder(tmp_path / "x.md")
    assert "neither a folder nor a file" in refused_folder(Path("/dev/zero"))


def test_a_folder_is_no_deeper_and_no_fuller_than_it_may_be(tmp_path):
    deep = tmp_path / "a/b/c/d/e/f"
    deep.mkdir(parents=True)
    (deep / "x.md").write_text("x")
    assert "deep" in refused_folder(tmp_path)
    full = tmp_path / "full"
    full.mkdir()
    for number in range(150):
        (full / f"{number}.md").write_text("x")
    assert "100 files" in refused_folder(full)


def test_what_is_not_there_and_what_may_not_be_read_is_said_in_a_line(tmp_path):
    assert "No such file or directory" in refused_folder(tmp_path / "nothing")
    assert "can't be read" in refused_folder(Path("a\0b"))
    (tmp_path / os.fsdecode(b"\xff.md")).write_text("x")
    assert refused_folder(tmp_path).isprintable()


# --- What would eat the machine ------------------------------------------------------------------

PROGRAM = """
import json, resource, sys, time
from pathlib import Path
import django
django.setup()
from iamconsole.labs.format import archives
from iamconsole.labs.proving import lint
from iamconsole.labs.format.problem import PackError
from iamconsole.labs.format.reading import read

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
# Whatever asks for more fails.
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + 100 * 1024 * 1024
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
answers = {}
for path in sys.argv[1:]:
    began = time.process_time()
    try:
        lab = read(archives.files_of(Path(path)))
        problems = list(map(str, lint.problems(lab)))
    except PackError as error:
        problems = list(map(str, error.problems))
    answers[Path(path).name] = [time.process_time() - began, problems]
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([(after - before) / 1024, answers]))
"""


def quine_bomb() -> bytes:
    """Many names of one and the same packed megabytes, one in another."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b" " * 8 * MIB) + packer.flush()
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(packed), 8 * MIB, 4, 0)
    body = local + b"x.md" + packed
    central = b"".join(
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\1\2",
            20,
            20,
            0,
            8,
            0,
            33,
            0,
            len(packed),
            8 * MIB,
            8,
            0,
            0,
            0,
            0,
            0,
            0,
        )
        + f"{number:05}.md".encode()
        for number in range(20_000)
    )
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 20_000, 20_000, len(central), len(body), 0)
    return body + central + end


def hostile_packs(folder: Path) -> list[str]:
    """Make packs that would take long or much; return the names of their files and folders."""
    texts = {name: text.encode() for name, text in FILES.items()}
    lab = texts["lab.yaml"]
    yaml = {
        "laughs": b"a: &a [x,x,x,x,x,x,x,x]\n" + b"".join(
            b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 8)) for c in range(98, 110)
        ),
        "nested": b"[" * 131_000,
        "mappings": b"{a: " * 30_000,
        "values": b"- 1\n" * 30_000,
        "keys": b"".join(b"k%d: 1\n" % number for number in range(14_000)),
        "calls": lab.replace(b"start:\n", b"start:\n" + b"  - Zzz: {}\n" * 3_000),
        "arguments": lab.replace(
            b"- CreateUser: {", b"- CreateUser: {" + b"".join(b"A%d: 1, " % n for n in range(4_000))
        ),
        "checks": lab.replace(b"    checks:\n", b"    checks:\n" + b"      - {cann: {}}\n" * 3_000),
        "quotes": b'"' + b"\\x41" * 32_000,
        "question marks": b"? " * 65_000,
        "dashes": b"- " * 65_000,
        "ampersands": b"&a " * 40_000,
        "percent": b"%a b\n" * 26_000,
        "colons": b"a: b: " * 20_000,
        "one long line": b"a" * 131_000,
        "comments": b"#\n" * 65_000,
    }  # fmt: skip
    packs: dict[str, dict[str, bytes]] = {
        **{f"yaml {name}.zip": texts | {"lab.yaml": each} for name, each in yaml.items()},
        "names.zip": texts | {
            f"{number}.md": b"".join(b"{a%d}" % n for n in range(8_000)) for number in range(15)
        },
        "brackets.zip": texts | {f"{number}.md": b"![" * 32_000 for number in range(14)},
        "long brackets.zip": texts | {f"{number}.md": b"![" * 3_900 for number in range(14)},
        "emphasis.zip": texts | {"steps/read.md": b"*a **b " * 9_000},
        "lines.zip": texts | {f"{number}.md": b"\n" * 65_000 for number in range(15)},
        "policy.zip": texts | {"solution/read.json": b'{"a":' * 13_000},
        "statements.zip": texts | {
            "solution/read.json": b'{"Version":"2012-10-17","Statement":[%s]}'
            % b",".join([b"{}"] * 20_000)
        },
        "wrong answers.zip": texts | {
            f"wrong/{number}.yaml": b"step: read\nfails: x\ndo:\n" + b"  - A: {}\n" * 160
            for number in range(85)
        },
    }  # fmt: skip
    for name, files in packs.items():
        (folder / name).write_bytes(archive(*files.items()))
    raw = {
        "bomb.zip": archive(("lab.yaml", b"0" * 100 * MIB)),
        "many bombs.zip": archive(*((f"{number}.md", b"0" * 2 * MIB) for number in range(90))),
        "quine.zip": quine_bomb(),
        "names only.zip": archive(*((f"{number}.md", b"") for number in range(15_000))),
        "no archive.zip": b"PK" * 500_000,
    }
    for name, content in raw.items():
        (folder / name).write_bytes(content)
    with (folder / "huge.zip").open("wb") as file:
        file.truncate(1024 * MIB)
    big = folder / "big file"
    big.mkdir()
    with (big / "lab.yaml").open("wb") as file:
        file.truncate(1024 * MIB)
    full = folder / "full"
    full.mkdir()
    for number in range(3_000):
        (full / f"{number}.md").touch()
    return [*packs, *raw, "huge.zip", "big file", "full"]


def test_hostile_packs_are_refused_in_two_seconds_and_a_hundred_mebibytes(tmp_path):
    names = hostile_packs(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *(str(tmp_path / name) for name in names)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    mebibytes, answers = json.loads(ran.stdout)
    assert mebibytes < 100
    slow = {name: round(took, 2) for name, (took, _) in answers.items() if took > SECONDS}
    assert not slow
    accepted = [name for name, (_, problems) in answers.items() if not problems]
    assert not accepted
    for _, problems in answers.values():
        assert all(problem.isprintable() and len(problem) < 500 for problem in problems)
