"""A report's prices come down to one value in the way that the study says."""

import shutil

import pytest

import costmodel as cm
from costmodel.datasets import data_root
from costmodel.report import Findings, cost_section, price_note, price_pairs


def several_generics(folder, statistic):
    """Return a copy of the template in which three makers ask 0.2, 0.3 and 0.7 a tablet."""
    shutil.copytree(data_root() / "studies" / "template-generic-vs-brand", folder)
    prices = folder / "tables" / "prices.csv"
    text = prices.read_text()
    row = next(line for line in text.splitlines() if "Molecule 10 mg" in line)
    others = [
        row.replace("Molecule 10 mg", f"Maker {price}").replace(",30,6,", f",30,{price},")
        for price in (9, 21)
    ]
    prices.write_text(text + "\n".join(others) + "\n")
    study = folder / "study.toml"
    head, tail = study.read_text().split("[prices.price_generic]", 1)
    study.write_text(f'{head}[prices.price_generic]\nstatistic = "{statistic}"{tail}')
    return cm.read_study(folder)


@pytest.mark.parametrize(("statistic", "generic"), [("median", 0.3), ("mean", 0.4), ("minimum", 0.2)])
def test_the_price_table_uses_the_statistic_of_the_study(tmp_path, statistic, generic):
    study = several_generics(tmp_path / "study", statistic)
    pairs = price_pairs(study)
    row = pairs[(pairs["basis"] == "unit") & (pairs["strength_mg"] == 10)].iloc[0]
    # 60 for 30 tablets is 2 a tablet; the generics are 6, 9 and 21 for 30.
    assert row["ratio"] == pytest.approx(2 / generic)
    assert study.bound["price_generic"].parameter.value == pytest.approx(generic)
    assert f"Of several products the {statistic} is taken." in price_note(Findings.of(study), pairs)


def test_events_are_not_told_as_equal_effects(american):
    found = Findings.of(american, "no_elasticity")
    assert "hip fractures" not in cost_section(found)
