"""Fetching an official file: whole or not at all, with a record of where it came from."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from costmodel.errors import CostModelError
from costmodel.files import sha256 as sha256_of
from costmodel.files import write_atomic
from costmodel.prices.fetching.archive import check_workbook, unpack_one
from costmodel.prices.fetching.catalogue import CatalogueEntry, entry_of
from costmodel.prices.fetching.errors import FetchError, UnchangedError
from costmodel.prices.fetching.limits import Limits, check_address
from costmodel.prices.fetching.partial import Partial
from costmodel.prices.fetching.transfer import Answer, Source, receive
from costmodel.prices.locking import locked


@dataclass(frozen=True)
class Fetched:
    """A file that was fetched, and its provenance, which is kept beside it as ``<file>.json``.

    Parameters
    ----------
    name : str
    path : Path
    address, url : str
        The address asked, and the one that answered after redirects.
    sha256, bytes : str, int
        Of the file at ``path``.
    download_sha256 : str
        Of what was downloaded: the archive, where ``member`` was unpacked from one.
    member, etag, modified : str
    fetched : str
        When it was downloaded, UTC.
    publisher, licence : str
    new : bool
        Whether this call downloaded it; False when the file at hand is still the publisher's.
    """

    name: str
    path: Path
    address: str
    url: str
    sha256: str
    bytes: int
    download_sha256: str
    member: str
    etag: str
    modified: str
    fetched: str
    publisher: str
    licence: str
    new: bool = True


def fetch(
    name: str,
    *,
    release: str | int | None = None,
    url: str | None = None,
    folder: Path | str | None = None,
    sha256: str | None = None,
    progress: bool = True,
    timeout: float = 30.0,
    max_bytes: int = Limits.max_bytes,
    max_unpacked: int = Limits.max_unpacked,
    attempts: int = Limits.attempts,
    loopback: bool = False,
) -> Fetched:
    """Fetch an official file; a file already at hand is downloaded again only when it has changed.

    A transfer that stops is resumed, within this call or by the next. Proxies are taken from the
    environment (``HTTPS_PROXY``). What is no file of its kind (a web page, a damaged archive) is refused.

    Parameters
    ----------
    name : str
        A name of :func:`catalogue`, or one of your own together with ``url``.
    release : str or int, optional
        Where the catalogue's address has releases: a year, a date.
    url : str, optional
        An https address, instead of the catalogue's.
    folder : path, optional
        Where to put the file; ``downloads`` in the folder ``COSTMODEL_STORE`` names, else the user's cache.
    sha256 : str, optional
        What the downloaded file must have; the catalogue's, where the file never changes.
    progress : bool
        Show a progress bar.
    timeout : float
        Seconds to wait for a connection or for the next byte.
    max_bytes, max_unpacked : int
        Largest download, and largest file out of an archive.
    attempts : int
        How often to try.
    loopback : bool
        Allow plain http to this very machine: a mirror of one's own.

    Returns
    -------
    Fetched

    Raises
    ------
    FetchError
        Nothing was written but, perhaps, a part to be resumed; the message says what happened.
    CostModelError
        The name, the release or the checksum cannot be.
    """
    entry = entry_of(name, url)
    address = check_address(url or entry.address(release), loopback=loopback)
    limits = Limits(
        silence=timeout, max_bytes=max_bytes, max_unpacked=max_unpacked, attempts=attempts, loopback=loopback
    )
    entry = replace(entry, sha256=_checksum(sha256) if sha256 else "" if url else entry.sha256)
    target = Path(folder or downloads_folder()) / _file_name(entry, release)
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.with_name(f".{target.name}.lock"), str(target)):
        return _fetch(entry, address, target, limits, progress=progress)


def downloads_folder() -> Path:
    """Return where fetched files lie: below ``COSTMODEL_STORE`` when it is set, else the user's cache."""
    import pooch  # type: ignore[import-untyped]

    named = os.environ.get("COSTMODEL_STORE", "")
    return Path(named) / "downloads" if named else Path(pooch.os_cache("costmodel")) / "downloads"


def _fetch(entry: CatalogueEntry, address: str, target: Path, limits: Limits, *, progress: bool) -> Fetched:
    kept = _kept(target, address)
    if kept is not None and entry.sha256 and kept.download_sha256 == entry.sha256:
        return kept
    etag = kept.etag if kept is not None and not entry.sha256 else ""
    source = Source(entry.name, address, entry.media, entry.page, entry.hosts, etag)
    fresh = target.with_name(f".{target.name}.fetched")
    fresh.unlink(missing_ok=True)
    try:
        answer = _retrieve(source, fresh, entry, limits, progress=progress)
        fetched = replace(_install(entry, answer, fresh, target, limits), address=address)
        write_atomic(provenance_file(target), json.dumps(_noted(fetched), indent=2) + "\n")
    except UnchangedError:
        assert kept is not None
        return kept
    else:
        return fetched
    finally:
        fresh.unlink(missing_ok=True)


def _retrieve(
    source: Source, fresh: Path, entry: CatalogueEntry, limits: Limits, *, progress: bool
) -> Answer:
    """Let pooch check the sum and move the file; the transfer is ours because pooch's cannot resume."""
    import pooch

    answers: list[Answer] = []

    def download(_url: str, output: str | Path, _pooch: Any) -> None:
        partial = Partial(fresh.with_name(fresh.name.removesuffix(".fetched") + ".part"))
        answers.append(receive(source, partial, limits, progress=progress))
        partial.path.replace(output)
        partial.discard()

    known = f"sha256:{entry.sha256}" if entry.sha256 else None
    with _quiet(pooch.get_logger()):
        try:
            pooch.retrieve(source.url, known, fname=fresh.name, path=fresh.parent, downloader=download)
        except ValueError as problem:
            raise FetchError(
                f"{entry.name}: the file is not the one that was meant ({problem}). It may have been "
                "changed on the way, or the publisher has replaced it: compare with the publisher's page"
            ) from None
    return answers[0]


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _install(entry: CatalogueEntry, answer: Answer, fresh: Path, target: Path, limits: Limits) -> Fetched:
    downloaded, member = sha256_of(fresh), ""
    if entry.media == "zip":
        member = unpack_one(fresh, target, member=entry.member, limits=limits, name=entry.name)
    else:
        check_workbook(fresh, limits, entry.name)
        fresh.replace(target)
    return Fetched(
        name=entry.name,
        path=target,
        address=answer.url,
        url=answer.url,
        sha256=sha256_of(target) if member else downloaded,
        bytes=target.stat().st_size,
        download_sha256=downloaded,
        member=member,
        etag=answer.etag,
        modified=answer.modified,
        fetched=datetime.now(UTC).isoformat(timespec="seconds"),
        publisher=entry.publisher,
        licence=entry.licence,
    )


def provenance_file(path: Path) -> Path:
    """Return where the provenance of a fetched file is kept."""
    return path.with_name(path.name + ".json")


def _noted(fetched: Fetched) -> dict[str, Any]:
    return {key: value for key, value in asdict(fetched).items() if key not in ("path", "new")}


def _kept(target: Path, address: str) -> Fetched | None:
    """Return what is at hand, where it is whole and came from the same address."""
    try:
        noted = json.loads(provenance_file(target).read_text("utf-8"))
        kept = Fetched(path=target, new=False, **noted)
    except (OSError, ValueError, TypeError):
        return None
    whole = target.is_file() and target.stat().st_size == kept.bytes and sha256_of(target) == kept.sha256
    return kept if whole and kept.address == address else None


def _file_name(entry: CatalogueEntry, release: str | int | None) -> str:
    stem = entry.name.replace("/", "_") + (f"-{release}" if release is not None else "")
    ending = Path(entry.member).suffix.removeprefix(".") if entry.media == "zip" else entry.media
    return f"{stem}.{ending or 'csv'}"


def _checksum(given: str) -> str:
    wanted = given.removeprefix("sha256:").strip().lower()
    if not re.fullmatch("[0-9a-f]{64}", wanted):
        raise CostModelError(f"sha256 must be 64 hexadecimal digits; found '{given}'")
    return wanted
