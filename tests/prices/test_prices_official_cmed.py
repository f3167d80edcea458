"""Brazil's list against the bundled rows, and its broken variants; how names and days are read."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, DataError
from costmodel.prices.official import read_cmed
from costmodel.prices.official.brazilian import read_presentation
from costmodel.prices.official.british import read_british
from costmodel.prices.official.days import day_in, month_in, month_name_in

HERE = Path(__file__).parent / "official"
OPEN_DATA = HERE / "cmed/TA_PRECO_MEDICAMENTO.csv"
SHEET = HERE / "cmed/lista_pmc.xlsx"
DAY = "2026-06-10"


@pytest.fixture(scope="module")
def compose():
    spec = importlib.util.spec_from_file_location("compose_cmed", HERE / "compose_world.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bundled():
    frame = pd.read_csv(dataset_path("intl/prices_incomplete"), keep_default_na=False)
    return frame[frame["source"] == "BRA_CMED"].reset_index(drop=True)


def test_factory_prices_give_the_bundled_rows_again(bundled):
    found = read_cmed(OPEN_DATA, as_of=DAY).select(price_type="ex_factory").frame.reset_index(drop=True)
    assert len(found) == len(bundled) == 98
    assert found["presentation"].tolist() == bundled["note"].tolist()
    for name in ("molecule", "unit", "currency", "price_type", "country", "supplier"):
        assert found[name].tolist() == bundled[name].tolist(), name
    for name in ("strength_mg", "pack_size", "price"):
        assert found[name].tolist() == bundled[name].astype(float).tolist(), name
    # the bundled table takes every oral solution for drops; two texts name no dropper
    other = found["form"] != bundled["form"]
    assert set(found.loc[other, "form"]) == {"oral solution"}
    assert sorted(found.loc[other, "presentation"]) == [
        "2,5 MG/ML SOL OR CT FR PLAS OPC X 20 ML",
        "2,5 MG/ML SOL OR CT FR VD AMB X 20 ML",
    ]


def test_types_of_price_and_rates_of_tax_stay_apart(bundled):
    plain, taxed = read_cmed(OPEN_DATA, as_of=DAY), read_cmed(OPEN_DATA, as_of=DAY, icms="18%")
    assert set(plain.frame["icms"]) == {"none"}
    assert set(taxed.frame["icms"]) == {"18%"}
    counts = plain.frame["price_type"].value_counts().to_dict()
    hospital = int((bundled["market"] == "hospital").sum())
    assert counts == {"ex_factory": 98, "maximum_retail": 98 - hospital}
    first = [table.select(price_type="ex_factory").frame["price"].iloc[0] for table in (plain, taxed)]
    # PF with 18 % inside the price: 8.01 / 0.82 = 9.77
    assert first == [8.01, 9.77]
    free = read_cmed(OPEN_DATA, as_of=DAY, icms="17.5 alc").frame
    assert set(free["icms"]) == {"17,5% ALC"}


def test_class_is_that_of_the_type_of_product():
    frame = read_cmed(OPEN_DATA, as_of=DAY).frame
    assert set(frame.loc[frame["product"] == "RIVOTRIL", "class"]) == {"brand"}
    similar = frame["supplier"].str.startswith(("CRISTALIA", "UNIAO"))
    assert set(frame.loc[similar, "class"]) == {"branded generic"}
    assert set(frame.loc[~similar & (frame["product"] != "RIVOTRIL"), "class"]) == {"generic"}


def test_the_workbook_states_its_day_and_what_is_set_aside():
    table = read_cmed(SHEET)
    assert table.frame["date"].astype(str).unique().tolist() == [DAY]
    assert table.frame["source"].unique().tolist() == ["CMED, list of 2026-06-10"]
    assert table.unparsed["reason"].tolist() == [
        "more than one active substance",
        "'AÇÃO' is no word that is known here",
        "no factory price is set",
    ]


def test_numbers_of_a_workbook_are_read_as_their_text(compose, tmp_path):
    sheets = compose.cmed_sheet()
    for row in sheets["Planilha1"][41:]:
        row[13] = float(row[13].replace(",", ".")) if row[13][0].isdigit() else row[13]
    path = tmp_path / "lista.xlsx"
    path.write_bytes(compose.xlsx.workbook(sheets))
    pd.testing.assert_frame_equal(read_cmed(path).frame, read_cmed(SHEET).frame)


def test_a_day_that_is_not_stated_or_stated_twice():
    with pytest.raises(DataError, match="the day of the list must be stated"):
        read_cmed(OPEN_DATA)
    with pytest.raises(DataError, match="the day of the list must be one; found as_of 2026-01-01"):
        read_cmed(SHEET, as_of="2026-01-01")
    with pytest.raises(CostModelError, match="icms: 'high' is no rate; write none, 18%, 17,5% or 18% ALC"):
        read_cmed(SHEET, icms="high")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("8,01;8,01;", "8.01;8,01;", (2, "PF Sem Impostos", "must be a number")),
        ("8,01;8,01;", "0,00;8,01;", (2, "PF Sem Impostos", "must be above 0")),
        ("Genérico", "Generic", (2, "TIPO DE PRODUTO (STATUS DO PRODUTO)", "is unknown")),
        ("500000000000002", "500000000000001", (3, "CÓDIGO GGREM", "a presentation may have one row")),
        ("500000000000002", "5E+14", (3, "CÓDIGO GGREM", "must be a GGREM code: 15 digits")),
        ("CLONAZEPAM;00", ";00", (2, "SUBSTÂNCIA", "must have a value")),
        ("PF Sem Impostos", "PF", (1, "PF Sem Impostos", "column is missing")),
        ("Tarja Preta", "Tarja; Preta", (2, "", "must have 31 cells, as the header has")),
    ],
)
def test_a_broken_list_says_where_and_why(tmp_path, old, new, said):
    text = OPEN_DATA.read_bytes().decode("latin-1")
    assert old in text
    path = tmp_path / "TA_PRECO_MEDICAMENTO.csv"
    path.write_bytes(text.replace(old, new, 1).encode("latin-1"))
    with pytest.raises(DataError) as caught:
        read_cmed(path, as_of=DAY)
    faults = caught.value.faults
    assert faults[["row", "column"]].to_numpy().tolist() == [[said[0], said[1]]]
    assert faults["rule"].iloc[0].startswith(said[2])


def test_a_rate_that_the_list_has_not_is_a_missing_column():
    with pytest.raises(DataError, match="PF 23%: column is missing -> did you mean"):
        read_cmed(SHEET, icms="23%")


@given(
    st.integers(1, 4000),
    st.sampled_from(["COM", "COM REV", "COM LIB PROL", "CAP GEL DURA"]),
    st.integers(1, 1000),
    st.sampled_from(["", " (EMB HOSP)", " ( EMB HOSP )"]),
)
def test_a_presentation_says_what_it_was_written_from(tenths, form, units, hospital):
    strength = f"{tenths / 10:.1f}".replace(".", ",")
    found = read_presentation(f"{strength} MG {form} CT BL AL PLAS PVDC TRANS X {units}{hospital}")
    assert (found.strength_mg, found.pack_size, found.reason) == (tenths / 10, units, "")
    assert found.form.endswith("capsule" if form.startswith("CAP") else "tablet")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("COM CT BL X 30", "no strength with its unit"),
        ("2 MG COM CT BL AL", "no pack size after X"),
        ("2 MG PAST CT BL X 30", "no form that is known here: PAST CT BL"),
        ("2 MG COM RETARD CT BL X 30", "'RETARD' is no word that is known here"),
        ("100 UI/ML SOL INJ CT FA X 10 ML", "the strength is in UI, not in mg"),
        ("2 MG SOL OR CT FR X 20 ML", "the strength is not stated per ml: per pack or per ml"),
        ("2 MG/ML COM CT BL X 30", "the strength is not stated per tablet: per ml"),
        ("2,5 MG/ML SOL OR CT FR X 20", "the pack is counted in pieces, the strength per ml"),
        ("2 MG COM CT 3 X 30", "a number whose meaning is not plain: 3"),
        ("(1 MG + 2 MG) COM X 30", "more than one active substance"),
        ("2 MG COM CT BL X 30 (EMB X)", "'EMB X' is no word that is known here"),
        ("0 MG COM CT BL X 30", "the strength is 0 MG"),
    ],
)
def test_a_presentation_that_is_not_plain_says_why(text, reason):
    assert read_presentation(text).reason == reason


@pytest.mark.parametrize(
    ("text", "unit", "strength", "form"),
    [
        ("Levothyroxine sodium 25microgram tablets", "tablet", 0.025, "tablet"),
        ("Alfacalcidol 250nanogram capsules", "capsule", 0.00025, "capsule"),
        ("Paracetamol 1g tablets", "tablet", 1000, "tablet"),
        ("Alfuzosin 10mg modified-release tablets", "tablet", 10, "modified-release tablet"),
        ("Clonazepam 500micrograms/5ml oral solution sugar free", "ml", 0.1, "oral solution sugar free"),
        ("Aciclovir 30mg/g eye ointment", "gram", 30, "eye ointment"),
    ],
)
def test_a_british_name_gives_the_strength_of_the_unit(text, unit, strength, form):
    found = read_british(text, unit)
    assert (found.strength_mg, found.form, found.reason) == (pytest.approx(strength), form, "")


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("Co-codamol 8mg/500mg tablets", "tablet", "more than one strength"),
        ("Fentanyl 12micrograms/hour transdermal patches", "patch", "a strength per hour"),
        ("Insulin 100units/ml solution", "ml", "the strength is in units, not in mg"),
        ("Clonazepam 2mg oral drops", "ml", "the strength is not stated per ml"),
        ("Clonazepam 2mg", "tablet", "no form"),
        ("Clonazepam 2mg oral drops", "tablet", "the name has no word for a tablet: oral drops"),
        ("Adrenaline 1mg/1ml (1 in 1,000) injection", "ml", "a number after the strength"),
    ],
)
def test_a_british_name_that_is_not_plain_says_why(text, unit, reason):
    found = read_british(text, unit)
    assert found.strength_mg is None
    assert found.reason.startswith(reason)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Database Of Medicine Prices 22nd December 2015.xls", "2015-12-22"),
        ("Database Of Medicine Prices31July2013.xls", "2013-07-31"),
        ("lista_pmc_20260610_093015.xlsx", "2026-06-10"),
        ("31/02/2026", "None"),
        ("10/06/2026 e 11/06/2026", "None"),
        ("SEP.xlsx", "None"),
    ],
)
def test_a_day_is_read_only_where_one_stands(text, day):
    assert str(day_in(text)) == day


def test_months_of_files_as_they_were_named():
    assert str(month_in("Part%20VIIIA%20December%2020251.xls_0.csv")) == "2025-12-01"
    assert str(month_in("Part VIIIA Sept 25.csv")) == "2025-09-01"
    assert month_in("Part VIIIA April 2026 or May 2026.csv") is None
    assert month_name_in("Maythe Drug Tariff") is None
