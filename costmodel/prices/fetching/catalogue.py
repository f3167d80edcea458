"""The catalogue of official files: who publishes them, where, under which licence, and how they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from costmodel.checks import did_you_mean
from costmodel.datasets import read_dataset
from costmodel.errors import CostModelError

if TYPE_CHECKING:
    import pandas as pd

MEDIA = ("csv", "txt", "zip", "xlsx", "xls")
"""What a file is by its first bytes: delimited text, an archive, a workbook."""

_TABLE = "catalogue"
_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")
_NAME = re.compile(r"[a-z0-9]\w*(/[a-z0-9]\w*)*\Z", re.ASCII)


@dataclass(frozen=True)
class CatalogueEntry:
    """One official file.

    Parameters
    ----------
    name : str
        Such as ``us/nadac``: also the id of its table in the store.
    title, publisher, licence, note : str
    url : str
        Its address, in which ``{release}`` stands for what the publisher changes; blank where no lasting
        address is known.
    release : str
        What ``{release}`` means, and an example of it.
    media : str
        One of :data:`MEDIA`.
    member : str
        The file wanted out of a zip that holds several.
    layout : str
        The reader's layout of the file.
    sha256 : str
        Of the file as downloaded, where it never changes.
    hosts : tuple of str
        Other hosts (with all below them) to which the publisher may redirect.
    page : str
        Where the publisher describes the file.
    status : str
        ``read``: the address was read in somebody's working code or page; ``recalled``: from memory.
    """

    name: str
    title: str = ""
    publisher: str = ""
    url: str = ""
    release: str = ""
    media: str = "csv"
    member: str = ""
    layout: str = ""
    sha256: str = ""
    hosts: tuple[str, ...] = ()
    page: str = ""
    licence: str = ""
    status: str = ""
    note: str = ""

    def address(self, release: str | int | None = None) -> str:
        """Return the address of a release.

        Raises
        ------
        CostModelError
            The file needs a release and none is given, has none and one is given, or has no address.

        Examples
        --------
        >>> CatalogueEntry("us/sdud", url="https://download.medicaid.gov/data/SDUD{release}.csv").address(
        ...     2023
        ... )
        'https://download.medicaid.gov/data/SDUD2023.csv'
        """
        if not self.url:
            raise CostModelError(
                f"{self.name} has no lasting address; find the file on {self.page} and give its address "
                "as url"
            )
        if "{release}" not in self.url:
            if release is not None:
                raise CostModelError(f"{self.name} has no releases; leave '{release}' out, or give a url")
            return self.url
        if release is None:
            raise CostModelError(f"{self.name} needs a release: {self.release}; see {self.page}")
        if not _RELEASE.match(str(release)):
            raise CostModelError(f"{self.name}: '{release}' cannot be a release; give {self.release}")
        return self.url.replace("{release}", str(release))


def catalogue() -> pd.DataFrame:
    """Return the catalogue of official files, one row each.

    Examples
    --------
    >>> files = catalogue().set_index("name")
    >>> files.loc["us/orange_book", ["publisher", "member"]].tolist()
    ['US Food and Drug Administration', 'products.txt']
    """
    return read_dataset(_TABLE)


def entry_of(name: str, url: str | None = None) -> CatalogueEntry:
    """Return the catalogue's entry; a name of one's own is allowed where an address is given.

    Raises
    ------
    CostModelError
        The name is not in the catalogue (the nearest is named), or cannot be the name of a file.
    """
    table = catalogue().set_index("name", drop=False)
    if name in table.index:
        cells = {str(key): str(value) for key, value in table.loc[name].items()}
        hosts = tuple(cells.pop("hosts").split())
        return CatalogueEntry(hosts=hosts, **cells)
    if url is None:
        raise CostModelError(f"'{name}' is not in the catalogue; {did_you_mean(name, list(table.index))}")
    if not _NAME.match(name):
        raise CostModelError(f"'{name}' cannot be a name: small letters, digits and _, with / between parts")
    return CatalogueEntry(name, media=_media_of(url))


def _media_of(url: str) -> str:
    ending = PurePosixPath(urlsplit(url).path).suffix.removeprefix(".").lower()
    return ending if ending in MEDIA else "csv"
