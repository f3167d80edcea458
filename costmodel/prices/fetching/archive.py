"""One file out of an archive, within limits: archives can be bombs, or hold paths that lead elsewhere."""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from costmodel.prices.fetching.errors import FetchError
from costmodel.prices.fetching.limits import Limits

_SMALL = 100_000_000
_BLOCK = 1 << 20
_NESTED = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zst")
_ENCRYPTED = 0x1


def unpack_one(archive: Path, target: Path, *, member: str, limits: Limits, name: str) -> str:
    """Unpack the wanted member of an archive to ``target``, whole or not at all; return its name.

    Raises
    ------
    FetchError
        The archive is damaged or encrypted, holds several files and none is named, lacks the one named,
        holds an archive or a path that leads elsewhere, or unpacks to more than the limits allow.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            one = _wanted(opened, member, name)
            _check_declared(one, limits, name)
            _write(opened, one, target, limits, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as problem:
        raise FetchError(f"{name}: the archive is damaged ({problem}); fetch it again") from None
    except OSError as problem:
        raise FetchError(f"{name}: the archive cannot be unpacked to {target.parent} ({problem})") from None
    return one.filename


def check_workbook(path: Path, limits: Limits, name: str) -> None:
    """Refuse a workbook, which is an archive of parts, that unpacks to more than the limits allow."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as opened:
        packed, unpacked = path.stat().st_size, sum(one.file_size for one in opened.infolist())
    _check_size(packed, unpacked, limits, name)


def _wanted(opened: zipfile.ZipFile, member: str, name: str) -> zipfile.ZipInfo:
    files = [one for one in opened.infolist() if not one.is_dir()]
    for one in files:
        path = PurePosixPath(one.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in one.filename:
            raise FetchError(f"{name}: the archive holds a path that leads elsewhere, '{one.filename}'")
    named = [one for one in files if PurePosixPath(one.filename).name.lower() == member.lower()]
    chosen = named if member else files
    if len(chosen) != 1:
        found = ", ".join(one.filename for one in files[:12]) or "nothing"
        wanted = f"'{member}', once" if member else "one file"
        raise FetchError(f"{name}: the archive must hold {wanted}; it holds {found}")
    if chosen[0].filename.lower().endswith(_NESTED):
        raise FetchError(f"{name}: the archive holds another archive, '{chosen[0].filename}'")
    if chosen[0].flag_bits & _ENCRYPTED:
        raise FetchError(f"{name}: '{chosen[0].filename}' is encrypted; official files are not")
    return chosen[0]


def _check_declared(one: zipfile.ZipInfo, limits: Limits, name: str) -> None:
    _check_size(one.compress_size, one.file_size, limits, name)


def _check_size(packed: int, unpacked: int, limits: Limits, name: str) -> None:
    if unpacked > limits.max_unpacked:
        raise FetchError(
            f"{name}: the archive unpacks to more than {limits.max_unpacked:,} bytes; "
            "raise max_unpacked if the publisher's file is that large"
        )
    if unpacked > _SMALL and unpacked > limits.max_ratio * max(packed, 1):
        raise FetchError(
            f"{name}: the archive unpacks to more than {limits.max_ratio:g} times its size, as only an "
            "archive made to do harm does; it was not unpacked"
        )


def _write(opened: zipfile.ZipFile, one: zipfile.ZipInfo, target: Path, limits: Limits, name: str) -> None:
    """Count what really comes out: the size that an archive states may be a lie."""
    fresh, written = target.with_name(f".{target.name}.unpacking"), 0
    try:
        with opened.open(one) as source, fresh.open("wb") as stream:
            while block := source.read(_BLOCK):
                if not written and block.startswith((b"PK\x03\x04", b"\x1f\x8b")):
                    raise FetchError(f"{name}: '{one.filename}' is another archive inside the archive")
                written += len(block)
                _check_size(one.compress_size, written, limits, name)
                stream.write(block)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
