"""What a transfer may take: time, bytes, and the hosts it may turn to."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from costmodel.prices.fetching.errors import FetchError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Limits:
    """The bounds of one transfer.

    Parameters
    ----------
    silence : float
        Seconds to wait for a connection, and for the next byte.
    slowest : float
        Bytes per second, over any ``silence`` seconds, below which a transfer is given up.
    max_bytes, max_unpacked : int
        Of the file on the wire, and of what an archive unpacks to.
    max_ratio : float
        Unpacked over packed bytes of an archive that unpacks to more than 100 MB.
    attempts : int
        How often a transfer is tried, each resuming the one before.
    pause : float
        Seconds before the second attempt; doubled before each later one.
    loopback : bool
        Whether plain http to this very machine is allowed.
    """

    silence: float = 30.0
    slowest: float = 1_000.0
    max_bytes: int = 20_000_000_000
    max_unpacked: int = 100_000_000_000
    max_ratio: float = 100.0
    attempts: int = 4
    pause: float = 1.0
    loopback: bool = False


def check_address(url: str, *, loopback: bool) -> str:
    """Return an address that may be called: https, without a password in it.

    Examples
    --------
    >>> check_address("http://www.fda.gov/a.zip", loopback=False)
    Traceback (most recent call last):
        ...
    costmodel.prices.fetching.errors.FetchError: http://www.fda.gov/a.zip is not https, so that \
anybody on the way could change the file; give an https address
    """
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise FetchError(f"the address of {parts.hostname} holds a user name; give it without")
    if parts.scheme == "https" and parts.hostname:
        return url
    if loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return url
    raise FetchError(
        f"{url} is not https, so that anybody on the way could change the file; give an https address"
    )


def check_host(url: str, origin: str, allowed: tuple[str, ...]) -> str:
    """Return an address on the host of ``origin``, a host below it, or one that the catalogue allows.

    Examples
    --------
    >>> check_host("https://download.fda.gov/a.zip", "https://www.fda.gov/a", ())
    'https://download.fda.gov/a.zip'
    >>> check_host("https://example.org/a.zip", "https://www.fda.gov/a", ())
    Traceback (most recent call last):
        ...
    costmodel.prices.fetching.errors.FetchError: https://www.fda.gov/a redirects to another host, \
example.org; if the publisher says that the file is there, give that address as url
    """
    host, home = urlsplit(url).netloc.lower(), urlsplit(origin).netloc.lower().removeprefix("www.")
    if any(host == one or host.endswith(f".{one}") for one in (home, *allowed)):
        return url
    raise FetchError(
        f"{origin} redirects to another host, {host}; if the publisher says that the file is there, "
        "give that address as url"
    )
