"""Benefits: bundled values, where they come from, and every bad benefit refused with its row."""

import pandas as pd
import pytest
from strategies_populations import made, rest, rule, standard

from costmodel.datasets import data_root, dataset_path, read_dataset
from costmodel.errors import CostModelError, DataError
from costmodel.populations.payments import Rule, benefit, list_benefits, read_benefits
from costmodel.populations.payments.rules import KINDS, STATUSES
from costmodel.populations.payments.terms import terms

HEADER = (
    "benefit,year,phase,phase_name,product,party,kind,value,unit,currency,source_id,locator,status,note,flag"
)


@pytest.mark.parametrize(
    ("when", "deductible", "limit", "threshold"),
    [(2023, 505, 4660, 7400), (2024, 545, 5030, 8000), (2025, 590, None, 2000), (2026, 615, None, 2100)],
)
def test_part_d_parameters_as_published(when, deductible, limit, threshold):
    own = benefit("part_d", when)
    assert own.value("until_gross") == deductible
    assert own.value("until_out_of_pocket", phase=3 if limit else 2) == threshold
    assert not limit or own.value("until_gross", phase=2) == limit
    assert own.uncertain == ()


def test_evidence_and_benefits_agree():
    evidence = read_dataset("evidence/parameters").set_index("id")["value_number"]
    for when in (2023, 2024, 2025, 2026):
        own = benefit("part_d", when)
        assert own.value("until_gross") == evidence[f"partd_ded_{when}"]
        phase = 3 if when < 2025 else 2
        assert own.value("until_out_of_pocket", phase=phase) == evidence[f"partd_oop_{when}"]
    for when in (2024, 2025, 2026):
        own = benefit("part_d_lis_full", when)
        for product, key in (("generic", "gen"), ("brand", "brand")):
            assert own.value("subsidised_copay", phase=1, product=product) == evidence[f"lis_{key}_{when}"]
    for tier in (1, 2, 3, 4):
        assert (
            benefit("employer_tiers", 2017).value("copay", product=f"tier_{tier}")
            == evidence[f"ehbs17_t{tier}"]
        )
    assert benefit("england_charge", 2026).value("charge") == evidence["uk_charge"]
    assert benefit("england_prepayment_12", 2026).value("fee_12_months", phase=0) == evidence["uk_ppc12"]
    assert benefit("england_prepayment_3", 2026).value("fee_3_months", phase=0) == evidence["uk_ppc3"]


def test_what_was_not_read_says_so_wherever_it_stands():
    table = read_dataset("populations/benefits")
    unread = table["status"].isin(["recalled", "assumed"])
    assert (table.loc[unread, "flag"] != "").all()
    assert set(table["status"]) == set(STATUSES)
    own = benefit("employer_tiers", 2024)
    assert len(own.uncertain) == 4
    assert all("recalled" in one.flag for one in own.uncertain)
    changed = benefit("part_d", 2026).with_value("until_gross", 0)
    assert [one.status for one in changed.uncertain] == ["assumed"]


def test_every_source_of_a_benefit_is_explained():
    text = (data_root() / "populations" / "SOURCES.md").read_text("utf-8")
    assert {key for key in read_dataset("populations/benefits")["source_id"] if key not in text} == set()


def test_every_bundled_benefit_has_terms_for_its_products():
    listed = list_benefits()
    assert len(listed) == 30
    for row in listed.itertuples():
        own = benefit(row.benefit, row.year)
        for product in own.products:
            assert terms(own, product).phases
        assert len(own.frame()) == row.rules
        assert {"value", "source_id", "status"} <= set(own.frame())
    used = set(pd.concat(benefit(r.benefit, r.year).frame() for r in listed.itertuples())["kind"])
    assert used == set(KINDS)  # every kind of rule is at work somewhere


def test_unknown_benefit_year_and_rule():
    with pytest.raises(CostModelError, match="benefit 'partd' is unknown; did you mean 'part_d'"):
        benefit("partd", 2026)
    with pytest.raises(CostModelError, match="no values for 2022; there are 2023, 2024, 2025, 2026"):
        benefit("part_d", 2022)
    with pytest.raises(CostModelError, match="0 rules of kind 'copay' in phase 1"):
        benefit("part_d", 2026).value("copay")


def test_the_narrowest_rule_wins():
    own = made(rule(1, "copay", 5), rule(1, "copay", 9, product="brand"), rest())
    assert terms(own, "brand").phases[0].copay == 900
    assert terms(own, "generic").phases[0].copay == 500


def test_a_cap_ends_every_phase_before_it():
    own = standard(deductible=500, cap=2000)
    assert [one.until_out_of_pocket for one in terms(own, "brand").phases] == [200_000, 200_000, float("inf")]


CAP_LINE = "the out-of-pocket cap must not be below the deductible, which the patient pays in full"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([rule(1, "copay", -5), rest()], "copay must not be negative; found -5"),
        ([rule(1, "coinsurance", 1.25), rest()], r"coinsurance must lie in \[0, 1\]; found 1.25"),
        ([rule(1, "coinsurance", float("nan")), rest()], "must not be negative"),
        ([rule(1, "copayment", 5), rest()], "kind is unknown; found copayment -> did you mean 'copay'"),
        ([rule(1, "copay", 5, party="plan"), rest()], "party of a 'copay' must be 'patient'"),
        ([rule(1, "copay", 5), rule(1, "copay", 6), rest()], "only once per phase, product, party and kind"),
        ([rule(2, "copay", 5), rest()], "numbered 1, 2, … without a gap"),
        ([], "numbered 1, 2"),
        ([rule(1, "copay", 5), rule(2, "copay", 5), rest()], "phase 1 must end somewhere"),
        ([rule(1, "copay", 5), rule(1, "until_gross", 9, party=""), rest()], "the last phase has no end"),
        ([rule(1, "coinsurance", 0.2)], "somebody must pay the rest of 'brand' in phase 1"),
        (
            [rule(1, "copay", 5, product="brand"), rest()],
            "phase 1 must say what the patient pays for 'generic'",
        ),
        (
            [rule(1, "coinsurance", 0.5), rule(1, "share", 0.6, party="manufacturer"), rest()],
            "shares of phase 1 for 'brand' must add up to 1; found 1.1",
        ),
        (
            [rule(1, "coinsurance", 0.25), rule(1, "share", 0.65, party="plan"), rest()],
            "must add up to 1; found 0.9",
        ),
        (
            [rule(1, "copay", 9), rule(1, "coupon", 5, party="manufacturer"), rest("government")],
            "coupon may not be used where the government pays",
        ),
        (
            [
                rule(1, "until_gross", 9, party=""),
                rule(1, "charge", 9),
                rule(2, "copay", 9),
                rest("government"),
            ],
            "a charge needs a benefit of one phase",
        ),
        ([rule(1, "copay", 9), rest(), rest("government")], "only one party pays the rest"),
        (
            [
                rule(1, "copay", 9),
                rule(1, "coinsurance", 0.1),
                rule(1, "share", 0.5, party="manufacturer"),
                rule(1, "counts_to_out_of_pocket", 1, party="manufacturer"),
                rest(),
            ],
            "cannot stand beside a copay",
        ),
        (
            [
                rule(1, "until_gross", 9, product="brand", party=""),
                rule(1, "copay", 9),
                rule(2, "copay", 9),
                rest(),
            ],
            "a phase ends for all products alike",
        ),
        (
            [
                rule(1, "until_gross", 900, party=""),
                rule(1, "copay", 9),
                rule(2, "until_gross", 800, party=""),
                rule(2, "copay", 9),
                rule(3, "copay", 9),
                rest(),
            ],
            "limits on gross spending must rise from phase to phase; found 800 after 900",
        ),
    ],
)
def test_bad_benefits_are_refused(rules, words):
    with pytest.raises(DataError, match=words):
        made(*rules)


def test_a_cap_below_the_deductible_is_refused():
    with pytest.raises(DataError, match=CAP_LINE):
        standard(deductible=3000, cap=2000)
    standard(deductible=2000, cap=2000)


def test_a_value_that_was_not_read_must_say_so():
    with pytest.raises(DataError, match="a value that was not read must say so"):
        made(Rule(1, "copay", 5.0, party="patient", status="recalled"), rest())


def line(kind, value, phase=1, party="patient"):
    return f"b,2026,{phase},,any,{party},{kind},{value},USD,USD,X,,definition,,"


def test_all_faults_of_a_file_come_at_once_with_their_rows(tmp_path):
    lines = [
        HEADER,
        line("until_gross", 3000, party=""),
        line("coinsurance", 1),
        line("until_out_of_pocket", 2000, phase=2, party=""),
        line("coinsurance", 0.25, phase=2),
        line("coinsurance", 0, phase=3),
        line("rest", 1, phase=0, party="plan"),
        line("copay", -4).replace("b,", "c,", 1),
        line("basis", 1).replace("b,", "d,", 1),
        line("copay", "4,5").replace("b,", "e,", 1).replace("4,5", '"4,5"'),
        line("copay", 4).replace("b,", "f,", 1),
        line("rest", 1, phase=0, party="plan").replace("b,", "f,", 1).replace("USD,X", "GBP,X"),
    ]
    path = tmp_path / "benefits.csv"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError) as error:
        read_benefits(path)
    found = error.value.faults
    by_row = found.groupby("row")["rule"].apply(" | ".join)
    assert CAP_LINE in by_row[4]
    assert "copay must not be negative" in by_row[8]
    assert "kind" in found.set_index("row").loc[9, "column"]
    assert 10 in by_row.index  # a decimal comma
    assert "a benefit has one currency" in by_row[12]
    assert (found["file"] == "benefits.csv").all()


def test_a_table_of_ones_own_is_read_like_the_bundled_one(tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(dataset_path("populations/benefits").read_bytes())
    assert read_benefits(path).keys() == read_benefits(dataset_path("populations/benefits")).keys()
    assert benefit("part_d", 2026, path=path).rules == benefit("part_d", 2026).rules
