"""A pack's files, out of a folder or a zip archive and into one.

Nothing that a folder or an archive says about itself is believed: sizes are those of what was read,
and reading stops at the limits.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from iamconsole.labs.format import contents
from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.problem import PackError, Problem

#: An archive has names and headers beside its contents.
_MOST_ARCHIVE_BYTES = 2 * contents.MOST_BYTES
#: Files and folders; counted before anything is looked at closely.
_MOST_ENTRIES = 2 * contents.MOST_FILES
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ONE_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*/", re.ASCII)
#: The time of every file in an archive of ours: that of the pack is not known, and no matter.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
#: What the standard library raises for archives that are none, or not as they say.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError,
    OverflowError, RuntimeError, ValueError,
)  # fmt: skip


def files_of(path: Path) -> dict[str, str]:
    """The text of each file by its path in the pack; raise PackError."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _of_folder(path)
        if stat.S_ISREG(mode):
            return of_archive(_read(path, _MOST_ARCHIVE_BYTES, "The archive"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it can't be read"
        raise _refusal(f"{shown(str(path), 200)}: {reason}.") from None
    raise _refusal(f"{shown(str(path), 200)} is neither a folder nor a file.")


def _refusal(message: str, place: str = "") -> PackError:
    return PackError([Problem(place, message)])


def _gathered(found: Iterator[tuple[str, bytes]]) -> dict[str, str]:
    """The files as texts, as soon as they are too large refused."""
    files: dict[str, str] = {}
    total = 0
    for name, content in found:
        total += len(content)
        if len(content) > contents.most_bytes(name):
            raise PackError([contents.too_large(name)])
        if total > contents.MOST_BYTES:
            raise PackError([contents.whole_too_large()])
        files[name] = contents.text_of(name, content)
    contents.check(files)
    return files


# --- Folders -------------------------------------------------------------------------------------


def _of_folder(folder: Path) -> dict[str, str]:
    names = []
    for name in _names_below(folder, ""):
        names.append(name)
        if len(names) > contents.MOST_FILES:
            break
    contents.check_names(names)
    return _gathered(
        (name, _read(folder / name, contents.most_bytes(name), shown(name)))
        for name in sorted(names)
    )


def _names_below(folder: Path, prefix: str) -> Iterator[str]:
    """The names of the files in a folder and the folders in it; links are not followed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if entry.is_symlink():
                raise _refusal(f"{shown(name)} is a link; a pack holds files only.")
            if entry.is_dir(follow_symlinks=False):
                if name.count("/") > contents.DEEPEST:
                    raise _refusal(f"{shown(name)} lies too deep.")
                yield from _names_below(folder / name.rpartition("/")[2], f"{name}/")
            elif entry.is_file(follow_symlinks=False):
                yield name
            else:
                raise _refusal(f"{shown(name)} is no ordinary file.")


def _read(path: Path, most: int, called: str) -> bytes:
    """The bytes of a file, which may have become another since it was looked at."""
    # A FIFO would wait for somebody to write.
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise _refusal(f"{called} is no ordinary file.")
        content = file.read(most + 1)
    if len(content) > most:
        raise _refusal(f"{called} is larger than {most // 1024} KiB.")
    return content


# --- Archives ------------------------------------------------------------------------------------


def of_archive(content: bytes) -> dict[str, str]:
    """The files of a zip archive, which may have them in one folder; raise PackError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = _entries(archive)
            prefix = _common_folder(list(entries))
            named = {name.removeprefix(prefix): entry for name, entry in entries.items()}
            contents.check_names(named)
            return _gathered((name, _unpacked(archive, entry)) for name, entry in named.items())
    except _BROKEN as error:
        reason = " ".join(str(error).split())[:120]
        raise _refusal(f"This is no zip archive that can be read: {reason}.") from None


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The archive's files by name, as it names them itself."""
    listed = archive.infolist()
    if len(listed) > _MOST_ENTRIES:
        raise _refusal(f"A pack has {contents.MOST_FILES} files at most.")
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        # `filename` is what zipfile made of it: cut at the first NUL.
        name = entry.orig_filename
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind == stat.S_IFLNK:
            raise _refusal(f"{shown(name)} is a link; a pack holds files only.")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _refusal(f"{shown(name)} is no ordinary file.")
        if entry.flag_bits & 0x41:
            raise _refusal(f"{shown(name)} is encrypted.")
        if name.endswith("/"):
            if entry.compress_size or entry.file_size:
                raise _refusal(f"{shown(name)} is a folder and a file at once.")
            continue
        if name in found:
            raise _refusal(f"The archive has {shown(name)} twice.")
        if entry.compress_type not in _METHODS:
            raise _refusal(f"{shown(name)} is packed in a way that is not read: deflate it.")
        found[name] = entry
    return found


def _common_folder(names: list[str]) -> str:
    """The one folder that holds all of a pack, as when a folder was packed; or nothing."""
    found = next((name for name in names if name.endswith("/lab.yaml")), "")
    folder = found.removesuffix("lab.yaml")
    inside = all(name.startswith(folder) for name in names)
    # Any other folder stays, and is refused with the name.
    return folder if _ONE_FOLDER.fullmatch(folder) and inside else ""


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """A file's bytes, one more at most than it may have: what its header says is not believed."""
    with archive.open(entry) as file:
        return file.read(contents.MOST_FILE_BYTES + 1)


def packed(files: Mapping[str, str]) -> bytes:
    """The files as a zip archive: the same bytes for the same files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # As from Unix, wherever it is made: an ordinary file that everybody may read.
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[name].encode())
    return made.getvalue()
