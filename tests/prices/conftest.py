import csv

import pytest
from strategies_prices import HEADER, row

from costmodel.datasets import dataset_path
from costmodel.prices import PriceTable, read_prices
from costmodel.prices.schema import to_frame


@pytest.fixture(scope="session")
def nadac():
    return read_prices(dataset_path("us/nadac"))


@pytest.fixture
def save(tmp_path):
    """Write rows as a price file; a row is a dictionary, absent cells are blank."""

    def write(rows, *, columns=HEADER, name="prices.csv", delimiter=","):
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, columns, delimiter=delimiter, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def table_of():
    """Build a price table from the values in which each row differs from a plain one."""

    def build(*changes, origin="test"):
        rows = [row(**change) for change in changes]
        names = dict.fromkeys(name for one in rows for name in one)
        return PriceTable(to_frame({name: [one.get(name) for one in rows] for name in names}), origin)

    return build
