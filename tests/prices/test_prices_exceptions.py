import datetime as dt

import pandas as pd
import pytest

from costmodel.errors import DataError
from costmodel.prices.errors import PriceError
from costmodel.prices.exceptions import EXCEPTION_COLUMNS, form_rules, read_exceptions

DAY = dt.date(2026, 4, 29)


def rule(form_a, form_b, kind="same", **changes):
    plain = {
        "molecule": "clonazepam",
        "strength_mg": "",
        "form_a": form_a,
        "form_b": form_b,
        "rule": kind,
        "reason": "made up",
        "source": "made up",
        "valid_from": "",
        "reviewed": "2026-01-01",
    }
    return plain | changes


def rules(*rows):
    return read_exceptions(pd.DataFrame(list(rows), columns=list(EXCEPTION_COLUMNS)))


def test_same_is_an_equivalence():
    """Tablet with capsule, film with wafer, capsule with film: all four are one."""
    known = rules(rule("tablet", "capsule"), rule("film", "wafer"), rule("capsule", "film"))
    joined = form_rules(known, "clonazepam", 2.0, DAY).joined
    assert joined == dict.fromkeys(["tablet", "capsule", "film", "wafer"], "capsule / film / tablet / wafer")


def test_a_rule_holds_for_its_medicine_strength_and_days():
    known = rules(rule("tablet", "capsule", strength_mg="2", valid_from="2026-01-01"))
    assert form_rules(known, "clonazepam", 2.0, DAY).joined != {}
    assert form_rules(known, "clonazepam", 0.5, DAY).joined == {}
    assert form_rules(known, "lorazepam", 2.0, DAY).joined == {}
    assert form_rules(known, "clonazepam", 2.0, dt.date(2025, 12, 31)).joined == {}
    assert form_rules(known, "clonazepam", 2.0, dt.date(2026, 1, 1)).joined != {}


def test_apart_wins_by_being_an_error():
    known = rules(
        rule("tablet", "capsule"), rule("capsule", "film"), rule("film", "tablet", kind="apart", reason="no")
    )
    with pytest.raises(PriceError, match="clonazepam film and tablet are kept apart by one rule and joined"):
        form_rules(known, "clonazepam", 2.0, DAY)


def test_old_reviews_are_named():
    known = rules(
        rule("tablet", "capsule", reviewed="2025-04-28"), rule("film", "wafer", reviewed="2025-04-29")
    )
    found = form_rules(known, "clonazepam", 2.0, DAY)
    old = "was last reviewed 2025-04-28, more than a year before the price"
    assert found.warnings == {
        "tablet": f"the rule 'same as capsule' {old}",
        "capsule": f"the rule 'same as tablet' {old}",
    }
    assert found.notes["film"] == "same as wafer: made up"


def test_every_fault_is_listed():
    with pytest.raises(DataError) as caught:
        rules(
            rule("tablet", "tablet", kind="equal", reason="", reviewed="last year"),
            rule("tablet", "film", valid_from="soon"),
        )
    assert caught.value.faults[["row", "column"]].to_numpy().tolist() == [
        [1, "rule"],
        [1, "form_b"],
        [1, "reason"],
        [1, "reviewed"],
        [2, "valid_from"],
    ]


def test_missing_columns_are_named():
    with pytest.raises(DataError, match="equivalence exceptions, source: column is missing"):
        read_exceptions(pd.DataFrame([rule("a", "b")]).drop(columns="source"))


def test_the_bundled_rules_are_fresh_and_apart():
    known = read_exceptions()
    assert (known["rule"] == "apart").all()
    found = form_rules(known, "clonazepam", 2.0, DAY)
    assert found.joined == {}
    assert found.warnings == {}
    assert form_rules(known, "clonazepam", 2.0, dt.date(1997, 12, 22)).notes == {}
    assert (
        "more than a year" in form_rules(known, "clonazepam", 2.0, dt.date(2027, 11, 26)).warnings["tablet"]
    )
