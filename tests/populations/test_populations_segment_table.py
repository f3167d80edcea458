"""Segments from a raked table: sizes, overrides by category, and a round trip through segments.csv."""

import pandas as pd
import pytest

from costmodel import CostModelError
from costmodel.populations import rake, read_segments, segments_of, write_segments


def raked():
    return rake({"indication": {"Seizures": 100, "Panic": 900}, "payer": {"Part D": 700, "Medicaid": 300}})


def test_a_raked_table_becomes_segments_that_are_written_and_read_back(tmp_path):
    found = raked()
    overrides = {"mg_per_day": {"Seizures": 4, "Panic": 1}, "copay": {"Medicaid": "copay_medicaid"}}
    segments = segments_of(found.table, ["indication", "payer"], overrides=overrides, note=found.assumption)
    assert [one.name for one in segments] == [
        "seizures_part_d",
        "seizures_medicaid",
        "panic_part_d",
        "panic_medicaid",
    ]
    path = tmp_path / "segments.csv"
    write_segments(segments, path)
    back = read_segments(path)
    assert [float(one.size.text) for one in back] == pytest.approx([70, 30, 630, 270])
    assert {one.name: one.overrides["mg_per_day"].text for one in back} == {
        "seizures_part_d": "4", "seizures_medicaid": "4", "panic_part_d": "1", "panic_medicaid": "1",
    }  # fmt: skip
    assert [("copay" in one.overrides) for one in back] == [False, True, False, True]
    assert "independent" in back[0].note


@pytest.mark.parametrize(
    ("table", "by", "options", "words"),
    [
        ({"payer": ["a"], "people": [1.0]}, ["payor"], {}, "did you mean 'payer'"),
        ({"payer": ["a"], "people": [-1.0]}, ["payer"], {}, "at least 0 in every row"),
        ({"payer": ["a"], "people": [0.0]}, ["payer"], {}, "above 0 in one"),
        ({"payer": ["a b", "a-b"], "people": [1.0, 1.0]}, ["payer"], {}, "two groups would be called 'a_b'"),
        ({"payer": ["a"], "people": [1.0]}, ["payer"], {"overrides": {"c": {"z": 1}}}, "no group is 'z'"),
    ],
)
def test_groups_that_cannot_be_segments_are_refused(table, by, options, words):
    with pytest.raises(CostModelError, match=words):
        segments_of(pd.DataFrame(table), by, **options)
