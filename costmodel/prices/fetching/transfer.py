"""The transfer: https with retries, resumed where it stopped, within limits of time, size and hosts."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from costmodel.prices.fetching.errors import FetchError, InterruptedTransferError, UnchangedError
from costmodel.prices.fetching.limits import Limits, check_address, check_host
from costmodel.prices.fetching.partial import Partial
from costmodel.prices.fetching.sniffing import HEAD, check_head

if TYPE_CHECKING:
    import requests

_BLOCK = 1 << 18
_REDIRECTS = 5
_LONGEST_WAIT = 30.0
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)\Z")
_GONE = "the publisher may have moved it: see {page} and give the new address as url"


@dataclass(frozen=True)
class Source:
    """What to fetch: its address, its medium, where it may redirect, and the release already at hand."""

    name: str
    url: str
    media: str
    page: str = ""
    hosts: tuple[str, ...] = ()
    etag: str = ""


@dataclass(frozen=True)
class Answer:
    """What the server said of a file that has arrived whole."""

    url: str
    etag: str
    modified: str


def receive(source: Source, partial: Partial, limits: Limits, *, progress: bool) -> Answer:
    """Receive a file into ``partial``, trying again and resuming where that may help.

    Raises
    ------
    FetchError
        Says what went wrong, and whether a part was kept that the next call resumes.
    UnchangedError
        The server still has the release named by ``source.etag``.
    """
    for attempt in range(1, limits.attempts + 1):
        try:
            return _attempt(source, partial, limits, progress=progress)
        except InterruptedTransferError as problem:
            if attempt == limits.attempts:
                kept = f"; {partial.size:,} bytes are kept: call again to resume" if partial.size else ""
                tries = f" ({attempt} attempts)" if attempt > 1 else ""
                raise FetchError(f"{source.name}: {problem}{tries}{kept}") from None
            time.sleep(min(max(limits.pause * 2 ** (attempt - 1), problem.wait), _LONGEST_WAIT))
        except FetchError as problem:
            partial.discard()
            raise FetchError(f"{source.name}: {problem}") from None
    raise AssertionError


def _attempt(source: Source, partial: Partial, limits: Limits, *, progress: bool) -> Answer:
    headers = {"Accept-Encoding": "identity", "User-Agent": "costmodel"}
    have, release = partial.size, partial.release(source.url)
    if have and release:
        headers |= {"Range": f"bytes={have}-", "If-Range": release}
    elif source.etag:
        headers["If-None-Match"] = source.etag
    with _calling(source.url), _answered(source, headers, limits) as response:
        _check_status(response, source, partial)
        if response.status_code == HTTPStatus.PARTIAL_CONTENT:
            _check_resumed(response, partial, release)
        else:
            partial.begin(source.url, _release(response))
        _write(response, partial, source, limits, progress=progress)
        return Answer(
            response.url, response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
        )


@contextmanager
def _calling(url: str) -> Iterator[None]:
    """Say what stopped a transfer in words of our own."""
    import requests
    import urllib3

    try:
        yield
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError) as problem:
        raise FetchError(f"the certificate of {url} cannot be trusted ({_first(problem)})") from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise InterruptedTransferError(f"{url} fell silent") from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as problem:
        raise InterruptedTransferError(f"the connection to {url} broke off ({_first(problem)})") from None


def _first(problem: Exception) -> str:
    return str(problem).split("\n", maxsplit=1)[0][:160]


@contextmanager
def _answered(source: Source, headers: dict[str, str], limits: Limits) -> Iterator[requests.Response]:
    """Follow redirects by hand, so that each address is checked before it is called."""
    import requests

    url = check_address(source.url, loopback=limits.loopback)
    with requests.Session() as session:
        for _ in range(_REDIRECTS + 1):
            response = session.get(
                url, headers=headers, stream=True, allow_redirects=False, timeout=limits.silence
            )
            with response:
                if not response.is_redirect:
                    yield response
                    return
                target = urljoin(url, response.headers["Location"])
            url = check_address(target, loopback=limits.loopback)
            check_host(url, source.url, source.hosts)
    raise FetchError(f"{source.url} redirects more than {_REDIRECTS} times")


def _check_status(response: requests.Response, source: Source, partial: Partial) -> None:
    code, url = response.status_code, response.url
    if code == HTTPStatus.NOT_MODIFIED:
        raise UnchangedError
    if code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        partial.discard()
        raise InterruptedTransferError(f"{url} cannot resume the file; it starts anew")
    if code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise InterruptedTransferError(f"{url} answered {code} ({response.reason})", _wait(response))
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        where = _GONE.format(page=source.page or "the publisher's page")
        raise FetchError(f"{url} answered {code}: there is no such file; {where}")
    if code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise FetchError(f"{url} answered {code} ({response.reason}); look at the address in a browser")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FetchError(f"{url} sent the file compressed although asked not to; its size cannot be checked")


def _wait(response: requests.Response) -> float:
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isdigit() else 0.0


def _release(response: requests.Response) -> str:
    """Return what may stand in If-Range: a strong ETag, else the day and time of the last change."""
    etag = response.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    modified = response.headers.get("Last-Modified", "")
    try:
        parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        return ""
    return modified


def _check_resumed(response: requests.Response, partial: Partial, release: str) -> None:
    """Trust a continuation only where it starts at our last byte, of the same release."""
    found = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    if not found or int(found.group(1)) != partial.size or _release(response) not in ("", release):
        partial.discard()
        raise InterruptedTransferError(f"{response.url} continued another file than it began; it starts anew")


@dataclass
class _Pace:
    """Notes bytes as they come; too few of them in a while stop the transfer."""

    limits: Limits
    url: str
    since: float = field(default_factory=time.monotonic)
    count: int = 0

    def note(self, count: int) -> None:
        self.count += count
        elapsed = time.monotonic() - self.since
        if elapsed < self.limits.silence:
            return
        if self.count < self.limits.slowest * elapsed:
            raise InterruptedTransferError(
                f"{self.url} is too slow: {self.count:,} bytes in {elapsed:.3g} s, where at least "
                f"{self.limits.slowest:,.0f} a second are wanted"
            )
        self.since, self.count = time.monotonic(), 0


def _write(
    response: requests.Response, partial: Partial, source: Source, limits: Limits, *, progress: bool
) -> None:
    have, total = partial.size, _total(response, partial)
    _check_room(total, have, partial, limits, response.url)
    pace, sniffed = _Pace(limits, response.url), have >= HEAD
    with partial.path.open("ab") as stream, _bar(source, total, have, progress=progress) as bar:
        for block in _blocks(response):
            stream.write(block)
            have += len(block)
            bar.update(len(block))
            if have > limits.max_bytes:
                raise FetchError(_too_large(response.url, limits))
            if not sniffed and have >= HEAD:
                stream.flush()
                check_head(partial.path, source.media, response.url)
                sniffed = True
            pace.note(len(block))
    if total is not None and have != total:
        raise InterruptedTransferError(f"{response.url} was cut off at {have:,} of {total:,} bytes")
    check_head(partial.path, source.media, response.url)


def _blocks(response: requests.Response) -> Iterator[bytes]:
    """Yield bytes as they arrive: waiting for full blocks would hide a server that only drips."""
    while block := response.raw.read1(_BLOCK, decode_content=False):
        yield block


def _total(response: requests.Response, partial: Partial) -> int | None:
    found = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    if found and response.status_code == HTTPStatus.PARTIAL_CONTENT:
        return None if found.group(3) == "*" else int(found.group(3))
    length = response.headers.get("Content-Length", "")
    return partial.size + int(length) if length.isdigit() else None


def _check_room(total: int | None, have: int, partial: Partial, limits: Limits, url: str) -> None:
    if total is None:
        return
    if total > limits.max_bytes:
        raise FetchError(_too_large(url, limits))
    free = shutil.disk_usage(partial.path.parent).free
    if total - have > free:
        raise FetchError(f"{url} has {total:,} bytes and {partial.path.parent} only room for {free:,}")


def _too_large(url: str, limits: Limits) -> str:
    return f"{url} has more than {limits.max_bytes:,} bytes; raise max_bytes if that is meant"


def _bar(source: Source, total: int | None, have: int, *, progress: bool) -> Any:
    from tqdm.auto import tqdm  # type: ignore[import-untyped]

    return tqdm(
        desc=source.name,
        total=total,
        initial=have,
        unit="B",
        unit_scale=True,
        disable=not progress,
        leave=False,
    )
