"""Claims: quantities by hand, verdicts that flip with a price, and the words of every error."""

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import costmodel as cm
from costmodel.study import Quantity, claims, validation

FOLDER = Path(__file__).parent / "claims"


def changed(tmp_path, file, *replacements):
    """Return the study with parts of one file replaced."""
    folder = tmp_path / "study"
    if not folder.exists():
        shutil.copytree(FOLDER, folder)
    text = (folder / file).read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text)
    return cm.read_study(folder)


def faults(tmp_path, file, *replacements, read=claims):
    """Return the faults of the study with parts of one file replaced, as text, and the error."""
    with pytest.raises(cm.DataError) as caught:
        read(changed(tmp_path, file, *replacements))
    return [str(item) for item in caught.value.items]


def test_quantities_by_hand():
    # The copy costs between 2 and 6, evenly: 95 % of draws lie from 2.1 to 5.9. Twelve packs a year.
    # Saving: 12 x (10 - 4) = 72, from 12 x 4.1 = 49.2 to 12 x 7.9 = 94.8.
    # Ratio: the mean of 10 / x is 10 x (ln 6 - ln 2) / 4 = 2.7465; from 10 / 5.9 to 10 / 2.1.
    found = claims(cm.read_study(FOLDER)).quantities
    saving, ratio = found["saving"], found["price_ratio"]
    assert (saving.base, ratio.base) == (72, 2.5)
    assert (saving.mean, saving.low, saving.high) == pytest.approx((72, 49.2, 94.8), rel=2e-3)
    expected = (10 * math.log(3) / 4, 10 / 5.9, 10 / 2.1)
    assert (ratio.mean, ratio.low, ratio.high) == pytest.approx(expected, rel=3e-3)
    assert (found["price_paid"].mean, found["more_falls"].mean) == (10, 0)
    assert saving.p_positive == 1


def test_quantities_are_taken_draw_by_draw_from_the_same_draws():
    study = cm.read_study(FOLDER)
    draws = study.draws(64)
    found = claims(study, draws=draws)
    assert found.n == 64
    np.testing.assert_allclose(found.quantities["saving"].values, 12 * (10 - draws["price_copy"]))
    np.testing.assert_allclose(found.quantities["price_ratio"].values, 10 / draws["price_copy"])


def test_recalled_values_are_named_where_they_are_used():
    table = claims(cm.read_study(FOLDER)).numbers().set_index("name")
    assert table["recalled"].to_dict() == {
        "saving": "",
        "more_falls": "p_fall",
        "price_ratio": "",
        "price_paid": "",
    }
    assert "rests on recalled values: p_fall" in claims(cm.read_study(FOLDER)).sentences()[1]


@pytest.mark.parametrize(
    ("price", "verdict", "rule"),
    [
        # The brand costs 10: share of draws in which the copy is cheaper, by hand.
        ("4,2,6", "holds", "saving_low > 0"),  # all
        ("9,7,11", "holds for some", "saving_p_positive >= 0.5"),  # 3 / 4
        ("11,9.5,13", "not shown", ""),  # 0.5 / 3.5 = 1 / 7
        ("12,11,14", "contradicted", "saving_high < 0"),  # none
    ],
)
def test_a_price_flips_the_verdict(tmp_path, price, verdict, rule):
    study = changed(tmp_path, "parameters.csv", ("price_copy,4,2,6", f"price_copy,{price}"))
    found = claims(study)["cheaper"]
    assert (found.verdict, found.rule) == (verdict, rule)


def test_the_first_true_rule_wins(tmp_path):
    rules = ('verdict = "holds", when = "saving_low', 'verdict = "contradicted", when = "saving_low')
    assert claims(changed(tmp_path, "claims.toml", rules))["cheaper"].verdict == "contradicted"


def test_a_scenario_is_judged_by_the_same_rules():
    # The copy at the brand's price and 1 more: a saving of -12 in every draw.
    found = claims(cm.read_study(FOLDER), scenario="dear_copy")
    assert found["cheaper"].verdict == "contradicted"
    assert found.quantities["saving"].mean == pytest.approx(-12)


def test_the_words_of_a_claim():
    found = claims(cm.read_study(FOLDER))
    text = found.sentences()[0]
    assert text.startswith(
        "The copy saves the payer money: holds. Saving 72 USD a year (95 % interval 49.2 to"
    )
    assert text.endswith("Weakness: Rebates are not in the register.")
    frame = found.frame().set_index("id")
    assert frame["verdict"].tolist() == ["holds", "not shown"]
    assert frame.loc["cheaper", ["evidence", "sources"]].tolist() == [
        "Two prices of one register.",
        "register",
    ]


@given(st.floats(0, 1))
def test_nearly_all_is_never_shown_as_all(share):
    text = str(Quantity("q", "q", "", 0, 0, 0, 0, share))
    assert ("in 100 % of" in text) == (share == 1)
    assert ("in 0 % of" in text) == (share == 0)


def test_all_faults_are_told_at_once(tmp_path):
    told = faults(
        tmp_path,
        "claims.toml",
        ('quantities = ["saving", "price_ratio"]', 'quantities = ["savings", "price_ratio"]'),
        ('verdict = "contradicted"', 'verdict = "contradicts"'),
        ("saving_p_positive >= 0.5", "saving_p_positiv >= 0.5"),
        ('sources = ["register"]', 'sources = ["registry"]'),
        ('measure = "falls"', 'measure = "fall"'),
        ("price_brand / price_copy", "price_brnd / price_copy"),
        ("more_falls_low > 0", "more_falls_low >"),
    )
    text = "\n".join(told)
    for words in (
        "claims.cheaper.quantities: is no quantity of claims.toml; found savings -> did you mean 'saving'?",
        "claims.cheaper.rules.verdict: is no verdict; found contradicts -> did you mean 'contradicted'?",
        "a rule may use quantities only; found saving_p_positiv -> did you mean 'saving_p_positive'?",
        "claims.cheaper.sources: is not in references.bib; found registry -> did you mean 'register'?",
        "quantities.more_falls.measure: is no measure of the study; found fall -> did you mean 'falls'?",
        "every name must be known; found 'price_brnd' -> did you mean 'price_brand'?",
        "claims.harmful.rules.when: must be a formula; found more_falls_low >",
    ):
        assert words in text
    assert len(told) == 7
    lines = (tmp_path / "study" / "claims.toml").read_text().splitlines()
    place = next(item for item in told if "no verdict" in item)
    assert f"row {1 + next(n for n, line in enumerate(lines) if 'contradicts' in line)}," in place


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('strategy = "copy"\nversus = "brand"\nsign', 'strategy = "copi"\nsign', "did you mean 'copy'"),
        ('strategy = "copy"\nversus = "brand"\nsign', "sign", "must name the strategy"),
        ('versus = "brand"\nsign', 'versus = "copy"\nsign', "cannot be compared with itself"),
        ('formula = "price"', 'formula = "price"\nmeasure = "drug"', "exactly one of"),
        ('formula = "price"', 'formula = "price"\nversus = "copy"', "a formula is compared with no other"),
        ('formula = "price"', 'formula = "price"\nsegment = "al"', "is no segment of the study"),
        ("[quantities.price_paid]", "[quantities.saving_low]", "means the '_low' of quantity 'saving'"),
        ('id = "harmful"', 'id = "cheaper"', "an id may be used only once"),
        ("sign = -1", "sing = -1", "did you mean 'sign'"),
        ("sign = -1", "sign = 2", "must be 1 or -1"),
        ('unit = "USD a year"', "unit = USD", "must be valid TOML"),
        ('formula = "price"\nstrategy = "brand"', 'formula = "price"', "differs between strategies"),
        ('formula = "price"', 'formula = "price + years"', "changes over cycles"),
        ("saving_low > 0", "1 / more_falls > 0", "rule of cheaper"),
    ],
)
def test_each_error_of_claims(tmp_path, old, new, words):
    assert any(words in item for item in faults(tmp_path, "claims.toml", (old, new)))


def test_a_formula_that_differs_between_segments_needs_one(tmp_path):
    changed(tmp_path, "study.toml")
    (tmp_path / "study" / "segments.csv").write_text(
        "name,label,size,note,price_brand\nyoung,Young,1,,20\nold,Old,1,,30\n"
    )
    told = faults(tmp_path, "study.toml")
    assert any("differs between segments: give the segment" in item for item in told)
    given_one = [('formula = "price"', 'formula = "price"\nsegment = "old"')]
    given_one.append(("price_brand / price_copy", "price_copy"))
    found = claims(changed(tmp_path, "claims.toml", *given_one)).quantities
    assert found["price_paid"].mean == 30
    # Two segments of one person each: 12 x (25 - 4).
    assert found["saving"].base == pytest.approx(252)


def test_one_draw_has_no_interval():
    study = cm.read_study(FOLDER)
    with pytest.raises(cm.CostModelError, match="need several draws"):
        claims(study, draws=study.draws())
    with pytest.raises(cm.CostModelError, match=r"did you mean 'cheaper'"):
        claims(study)["cheap"]


def test_a_study_without_claims_says_so(tmp_path):
    study = changed(tmp_path, "study.toml")
    (study.folder / "claims.toml").unlink()
    with pytest.raises(cm.CostModelError, match=r"holds no claims\.toml"):
        claims(study)


def test_claims_are_written_with_their_study(tmp_path):
    again = cm.read_study(cm.write_study(cm.read_study(FOLDER), tmp_path / "claims"))
    assert claims(again).sentences() == claims(cm.read_study(FOLDER)).sentences()
    assert validation(again).equals(validation(cm.read_study(FOLDER)))


def test_validation_shows_agreement_and_disagreement():
    table = validation(cm.read_study(FOLDER)).set_index("id")
    # 72 in 60 to 80; 10 not in 7 to 9, 10 / 8 = 1.25; 2.7465 / 2 = 1.373; 2.7465 not in 3 to 5.
    assert table["verdict"].tolist() == [
        "inside the interval",
        "outside the interval",
        "no interval",
        "outside the interval",
        "no interval",
    ]
    expected = [72 / 70, 1.25, 10 * math.log(3) / 4 / 2, 10 * math.log(3) / 16]
    assert table["ratio"].iloc[:4].astype(float).tolist() == pytest.approx(expected, rel=1e-3)
    assert table["ratio"].isna().tolist() == [False] * 4 + [True]
    assert table.loc["price", "words"] == "outside the interval; 1.25 times what was observed"
    assert table.loc["odd", "words"].endswith("; not explained")
    assert table.loc["falls", "words"] == "no interval is known; +1 off"
    assert table.loc["falls", "recalled"] == "p_fall"


def test_a_prediction_leaves_its_interval_when_the_price_does(tmp_path):
    study = changed(tmp_path, "parameters.csv", ("price_brand,10", "price_brand,12"))
    # 12 x (12 - 4) = 96, beyond 80.
    assert validation(study).set_index("id").loc["bill", "verdict"] == "outside the interval"


def test_all_faults_of_validation_are_told_at_once(tmp_path):
    told = faults(
        tmp_path,
        "validation.csv",
        ("pharmacy,saving", "pharmacy,savings"),
        ("8,7,9", "8,9,10"),
        ("elsewhere,price_ratio,2,,", "elsewhere,price_ratio,2,1,"),
        ("odd,", "bill,"),
        ("80,register", "80,registry"),
        ("more_falls,-1", "more_falls,few"),
        read=validation,
    )
    for words in (
        "row 2, quantity: is no quantity of claims.toml; found savings -> did you mean 'saving'?",
        "row 2, source: is not in references.bib; found registry -> did you mean 'register'?",
        "row 3, low: must hold what was observed; found 9 to 10 around 8",
        "row 4, high: an interval has two ends",
        "row 5, id: an id may be used only once; found bill",
        "row 6, observed",
    ):
        assert any(words in item for item in told), words
    assert len(told) == 6


def test_no_observations_or_no_file(tmp_path):
    study = changed(tmp_path, "study.toml")
    (study.folder / "validation.csv").write_text("id,title,quantity,observed\n")
    with pytest.raises(cm.DataError, match="at least one observation"):
        validation(study)
    (study.folder / "validation.csv").unlink()
    with pytest.raises(cm.CostModelError, match=r"has no validation\.csv"):
        validation(study)


PER = """[quantities.per_fall]
perspective = "payer"
strategy = "brand"
per = "falls"

[quantities.price_paid]"""


def test_a_total_over_another_by_hand(tmp_path):
    # The brand: 12 packs at 10 over 12 x p_fall falls, in every draw; the copy: 12 x 4 over as many.
    study = changed(tmp_path, "claims.toml", ("[quantities.price_paid]", PER))
    draws = study.draws(64)
    found = claims(study, draws=draws).quantities["per_fall"]
    np.testing.assert_allclose(found.values, 120 / (12 * draws["p_fall"]))
    assert found.base == pytest.approx(120 / (12 * study.parameters["p_fall"].value))
    assert found.recalled == ("p_fall",)
    less = changed(
        tmp_path, "claims.toml", ('strategy = "brand"\nper', 'strategy = "copy"\nversus = "brand"\nper')
    )
    difference = claims(less, draws=draws).quantities["per_fall"].values
    np.testing.assert_allclose(difference, 12 * (draws["price_copy"] - 10) / (12 * draws["p_fall"]))


def test_nothing_is_divided_by_nothing(tmp_path):
    study = changed(tmp_path, "claims.toml", ("[quantities.price_paid]", PER))
    never = [
        replace(row, value=0.0, low=None, high=None, distribution="fixed", basis="")
        if row.name == "p_fall"
        else row
        for row in study.parameters.rows
    ]
    with pytest.raises(cm.DataError, match="'falls' is 0 in some draw or strategy"):
        claims(replace(study, parameters=replace(study.parameters, rows=tuple(never))))


def test_what_a_total_is_divided_by_must_be_a_measure_and_a_formula_is_divided_by_none(tmp_path):
    told = faults(
        tmp_path,
        "claims.toml",
        ("[quantities.price_paid]", PER.replace('"falls"', '"fall"')),
        ('formula = "price_brand / price_copy"', 'formula = "price_brand / price_copy"\nper = "falls"'),
    )
    assert any("is no measure of the study; found fall -> did you mean 'falls'?" in item for item in told)
    assert any("a formula is divided by no measure" in item for item in told)
    assert len(told) == 2
