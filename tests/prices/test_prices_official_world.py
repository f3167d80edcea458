"""Drug Tariff, Prescription Cost Analysis, SEP and ATC/DDD, read from excerpts and from broken ones."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, DataError
from costmodel.prices import PriceTable, SpendingTable, prices
from costmodel.prices.official import (
    read_atc_ddd,
    read_cmed,
    read_drug_tariff,
    read_official,
    read_pca,
    read_pca_annual,
    read_sep,
    recognise,
)

HERE = Path(__file__).parent / "official"
TARIFF = HERE / "nhsbsa/Part VIIIA September 2025.csv"
PCA = HERE / "nhsbsa/pca_202509.csv"
PCA_ANNUAL = HERE / "nhsbsa/pca_summary_tables_2024_25_v001.xlsx"
SEP = HERE / "sep/Database Of Medicine Prices 18th February 2015.xlsx"
ATC_DDD = HERE / "who/WHO ATC-DDD.csv"
_NUMBER = "must be a number: digits with a decimal point, no unit or currency sign"
_CATEGORIES = "is unknown: one of: " + ", ".join(f"Part VIIIA Category {letter}" for letter in "ACHM")
_DOSE = "must have a value where there is a DDD"
SCHEMA = ["product_id", "product", "molecule", "class", "strength_mg", "form", "unit", "pack_size", "price",
          "currency", "date", "as_of", "price_type", "country"]  # fmt: skip


@pytest.fixture(scope="module")
def compose():
    spec = importlib.util.spec_from_file_location("compose_world", HERE / "compose_world.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def faults(tmp_path):
    """Read a copy in which some text stands in place of other text; return its faults."""

    def read(reader, path, *changes, name=None, encoding="utf-8", **options):
        text = path.read_bytes().decode(encoding)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        copy = tmp_path / (name or path.name)
        copy.write_bytes(text.encode(encoding))
        with pytest.raises(DataError) as caught:
            reader(copy, **options)
        return caught.value.faults

    return read


def one(found):
    """Return row, column, rule and what was found of the only fault."""
    assert len(found) == 1, found.to_string()
    row = found.iloc[0]
    assert row["remedy"]
    return row["row"], row["column"], row["rule"], row["found"]


def test_excerpts_are_what_is_composed(compose):
    for name, composed in compose.FILES.items():
        assert (HERE / name).read_bytes() == composed(), name


@pytest.mark.parametrize(
    ("path", "layout", "kind"),
    [
        (TARIFF, "drug_tariff", PriceTable),
        (PCA, "pca", SpendingTable),
        (PCA_ANNUAL, "pca_annual", SpendingTable),
        (SEP, "sep", PriceTable),
        (ATC_DDD, "atc_ddd", pd.DataFrame),
        (HERE / "cmed/lista_pmc.xlsx", "cmed", PriceTable),
    ],
)
def test_each_file_is_recognised_and_read_as_what_it_is(path, layout, kind):
    assert recognise(path).name == layout
    assert isinstance(read_official(path), kind)


# NHS Drug Tariff


@pytest.mark.parametrize("month", ["2025-09-01", "2026-04-01"])
def test_the_tariff_gives_the_bundled_rows_again(month):
    named = {"2025-09-01": "September 2025", "2026-04-01": "April 2026"}[month]
    found = read_drug_tariff(HERE / f"nhsbsa/Part VIIIA {named}.csv").select(molecule="clonazepam").frame
    truth = prices("gb/drug_tariff").select(date=month).frame
    truth = truth.sort_values("product_id").reset_index(drop=True)
    found = found.sort_values("product_id").reset_index(drop=True)
    columns = [*SCHEMA, "basic_price_pence", "drug_tariff_category", "vmp_snomed_code"]
    truth["basic_price_pence"] = truth["basic_price_pence"].astype(float)
    pd.testing.assert_frame_equal(found[columns], truth[columns], check_dtype=False)


def test_the_tariff_sets_aside_what_names_do_not_say_per_unit():
    reasons = read_drug_tariff(TARIFF).unparsed.set_index("product")["reason"].to_dict()
    ampoules = "a strength per ml, in packs counted by ampoule"
    assert reasons == {
        "Abacavir 600mg / Lamivudine 300mg tablets": "more than one active substance",
        "Acetylcysteine 2g/10ml solution for infusion ampoules": ampoules,
        "Aciclovir 5% cream": "the strength is in %, not in mg",
        "Alfentanil 1mg/2ml solution for injection ampoules": ampoules,
        "Alginate raft-forming oral suspension sugar free": "no strength",
    }


def test_pence_become_pounds_of_a_pack():
    row = read_drug_tariff(TARIFF).select(product="Clonazepam 2mg tablets").frame.iloc[0]
    # 849 pence for 100 tablets
    assert (row["basic_price_pence"], row["price"], row["pack_size"]) == (849, 8.49, 100)


def test_the_month_is_given_where_no_name_states_it(faults, tmp_path):
    copy = tmp_path / "tariff.csv"
    copy.write_bytes(TARIFF.read_bytes())
    assert one(faults(read_drug_tariff, TARIFF, name="tariff.csv"))[2] == (
        "the month must stand in the file's name"
    )
    table = read_drug_tariff(copy, month="2025-09-01")
    assert table.frame["as_of"].astype(str).unique().tolist() == ["2025-09-01"]
    with pytest.raises(CostModelError, match="month must be a date: write YYYY-MM-DD; found 'Sept'"):
        read_drug_tariff(copy, month="Sept")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("September Drug", "August Drug")],
         (pd.NA, "", "the month must be one, given by its first day",
          "'August Drug Tariff Part VIIIA' above the header, and 2025-09-01")),
        ([("42127211000001108,40682911000001102", "42127211000001108,4.0682911E+16")],
         (11, "VMPP Snomed Code", "must be a SNOMED code: 6 to 18 digits", "4.0682911E+16")),
        ([("Category M,849", "Category M,8.49p")],
         (12, "Basic Price", _NUMBER, "'8.49p'")),
        ([("Category M,849", "Category M,0")], (12, "Basic Price", "must be above 0", "'0'")),
        ([("Part VIIIA Category M,849", "Part VIIIB,849")],
         (12, "Drug Tariff Category", _CATEGORIES, "'Part VIIIB'")),
        ([("Clonazepam 2mg tablets,100,tablet", "Clonazepam 2mg tablets,,tablet")],
         (12, "Pack size", _NUMBER, "''")),
        ([("Basic Price", "Basic Cost")], (3, "Basic Price", "column is missing", "")),
        ([("42127311000001100,958011000001104", "42127311000001100,40682911000001102")],
         (12, "VMPP Snomed Code", "a pack may have one price in a month",
          "40682911000001102 again, as in row 11")),
    ],
)  # fmt: skip
def test_a_broken_tariff_says_where_and_why(faults, changes, said):
    row, *rest = one(faults(read_drug_tariff, TARIFF, *changes, encoding="cp1252"))
    assert (row is pd.NA) == (said[0] is pd.NA)
    assert tuple(rest) == said[1:]
    assert row is pd.NA or row == said[0]


def test_a_workbook_of_the_tariff_is_read_alike_and_rounded_codes_are_refused(compose, tmp_path):
    rows = compose.tariff_rows("2025-09")
    cells = [[*row[:6], float(row[6]) if row[6].isdigit() else row[6]] for row in rows]
    path = tmp_path / "Part VIIIA Sep 25.xls.xlsx"
    path.write_bytes(compose.xlsx.workbook({"Part VIIIA": cells}))
    pd.testing.assert_frame_equal(read_drug_tariff(path).frame, read_drug_tariff(TARIFF).frame)
    cells[3][4] = float(cells[3][4])
    path.write_bytes(compose.xlsx.workbook({"Part VIIIA": cells}))
    with pytest.raises(DataError, match="VMPP Snomed Code: must be a SNOMED code: 6 to 18 digits"):
        read_drug_tariff(path)


def test_all_faults_of_a_tariff_come_at_once(faults):
    found = faults(
        read_drug_tariff,
        TARIFF,
        ("Category M,849", "Category M,x"),
        ("Category M,716", "Category Z,716"),
        name="tariff.csv",
    )
    assert len(found) == 3


# Prescription Cost Analysis


def test_pca_is_gross_spending_by_unit():
    table = read_pca(PCA)
    generic = table.select(product="Clonazepam 2mg tablets").frame.iloc[0]
    # 84,000 tablets at 849 pence for 100: 84,000 * 8.49 / 100 = 7,131.60
    assert (generic["units"], generic["claims"], generic["spending"]) == (84000, 1200, 7131.6)
    assert (generic["basis"], generic["currency"], generic["country"]) == ("gross", "GBP", "GBR")
    assert (generic["strength_mg"], generic["form"], generic["unit"]) == (2, "tablet", "tablet")
    assert str(generic["period_end"].date()) == "2025-09-30"
    by_class = table.select(unit="tablet").total(by=["class"]).set_index("class")
    # (7,131.60 + 186,000 * 7.16 / 100) / 270,000 = (7,131.60 + 13,317.60) / 270,000
    assert round(by_class.loc["generic", "unit_spending"], 6) == round(20449.2 / 270000, 6)


def test_a_proprietary_name_is_no_class():
    row = read_pca(PCA).select(product="Rivotril 2mg tablets").frame.iloc[0]
    assert row["class"] == "unknown"
    assert "does not tell an originator from a branded generic" in row["flag"]
    assert (row["generic_product_id"], row["preparation_class"]) == ("0408010F0AAACAC", "3")


def test_the_year_of_summary_tables_runs_from_april():
    month, year = read_pca(PCA).frame, read_pca_annual(PCA_ANNUAL).frame
    assert year["period_start"].astype(str).unique().tolist() == ["2024-04-01"]
    assert year["period_end"].astype(str).unique().tolist() == ["2025-03-31"]
    assert (year["units"].to_numpy() == 12 * month["units"].to_numpy()).all()
    assert year["region"].unique().tolist() == ["England"]


def test_withheld_figures_are_missing_and_said(tmp_path):
    copy = tmp_path / "pca.csv"
    copy.write_text(PCA.read_text().replace("1200,84000,7131.6", "*,*,*"))
    row = read_pca(copy).frame.iloc[0]
    assert row["suppressed"]
    assert row[["units", "claims", "spending"]].isna().all()
    assert row["flag"] == "figures withheld by the publisher"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("\n202509,", "\n202513,")], (2, "YEAR_MONTH", "must be a month, written YYYYMM", "202513")),
        ([("01,01,1200", "09,01,1200")], (2, "PREP_CLASS", "is unknown", "'09'")),
        ([("1200,84000,", "1200,-84000,")], (2, "TOTAL_QUANTITY", "must be at least 0", "'-84000'")),
        ([("84000,7131.6", "84000,£7131.6")], (2, "NIC", "must be a number", "'£7131.6'")),
        ([("84000,7131.6", "84000,*")], (2, "NIC", "items, quantity and cost must all be withheld or none",
                                         "Clonazepam 2mg tablets")),
        ([("Not Available,tablet,", "Not Available,,")], (2, "UNIT_OF_MEASURE", "must have a value", "''")),
        ([("TOTAL_QUANTITY", "QUANTITY_TOTAL")], (1, "TOTAL_QUANTITY", "column is missing", "")),
    ],
)  # fmt: skip
def test_a_broken_pca_says_where_and_why(faults, changes, said):
    row, column, rule, found = one(faults(read_pca, PCA, *changes))
    assert (row, column, found) == (said[0], said[1], said[3])
    assert rule.startswith(said[2])


def test_a_broken_year_of_summary_tables(compose, tmp_path):
    sheets = compose.pca_annual_sheets()
    sheets["SNOMED_Codes"][5][0] = "twenty"
    sheets["SNOMED_Codes"][6][21] = "n/a"
    path = tmp_path / "pca.xlsx"
    path.write_bytes(compose.xlsx.workbook(sheets))
    with pytest.raises(DataError) as caught:
        read_pca_annual(path)
    assert caught.value.faults[["row", "column"]].to_numpy().tolist() == [
        [7, "Total Cost (GBP)"],
        [6, "Financial Year"],
    ]
    path.write_bytes(compose.xlsx.workbook({"Notes": [["nothing"]]}))
    with pytest.raises(CostModelError, match=r"has no sheet like '\^SNOMED': Notes"):
        read_pca_annual(path)


# South Africa


def test_sep_gives_the_bundled_rows_again():
    found = read_sep(SEP).frame.set_index("product_id")
    truth = prices("za/sep").frame.set_index("product_id")
    columns = [name for name in SCHEMA if name not in ("product_id", "as_of")]
    figures = ["registration_no", "atc4", "schedule"]
    pd.testing.assert_frame_equal(
        found.loc[truth.index, columns + figures], truth[columns + figures], check_dtype=False
    )
    assert found.loc[truth.index, "as_of"].astype(str).unique().tolist() == ["2015-02-18"]
    printed = truth[["manufacturer_price", "logistics_fee", "vat", "unit_price_printed"]].astype(float)
    pd.testing.assert_frame_equal(found.loc[truth.index, printed.columns], printed, check_dtype=False)


def test_sep_reads_one_ingredient_per_unit_and_sets_the_rest_aside():
    table = read_sep(SEP)
    ampoules = table.select(product_id="761060006").frame.iloc[0]
    # five ampoules of one ml at 1 mg per ml
    assert (ampoules["strength_mg"], ampoules["unit"], ampoules["pack_size"]) == (1, "ml", 5)
    # a blank sets thousands apart, and a blank quantity is one pack
    assert table.select(product="Metalcaptase").frame["price"].tolist() == [2071.56]
    assert table.select(product="Clacee 250mg").frame["class"].tolist() == ["generic"]
    assert table.unparsed.set_index("product")["reason"].to_dict() == {
        "Rivotril": "the list does not print the strength",
        "Kaletra": "more than one active ingredient",
        "Isoptin SR": "'SRT' is no dosage form that is known here",
    }
    assert table.frame["flag"].eq("").all()


@pytest.fixture
def sep_with(compose, tmp_path):
    """Write the list with some cells changed: (row, column) and value."""

    def write(changes, *, header=()):
        rows = [list(row) for row in compose.sep_sheet()["SEP"]]
        names = list(rows[0])
        for (row, column), value in changes.items():
            rows[row - 1][names.index(column)] = value
        for old, new in header:
            rows[0][names.index(old)] = new
        path = tmp_path / "SEP.xlsx"
        path.write_bytes(compose.xlsx.workbook({"SEP": rows}))
        return path

    return write


def test_a_build_up_that_does_not_hold_is_flagged(sep_with):
    table = read_sep(sep_with({(2, "SEP"): 236.96}))
    assert table.frame["flag"].iloc[0] == (
        "manufacturer price, logistics fee and VAT do not add up to the SEP; "
        "the printed unit price is not the SEP over the units of the pack"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({(2, "Nappi Code"): ""}, (2, "Nappi Code", "must have a NAPPI code", "Rivotril")),
        ({(2, "Nappi Code"): "761 079"}, (2, "Nappi Code", "must be a NAPPI code: 6 to 9 digits", "761 079")),
        ({(2, "SEP"): "R13x"}, (2, "SEP", "must be a number", "'R13x'")),
        ({(2, "Pack Size"): ""}, (2, "Pack Size", "must have a value", "761079009")),
        ({(2, "Effective Date"): "May 2014"}, (2, "Effective Date", "must be a date", "'May 2014'")),
        ({(2, "Originator or Generic"): "Orig"}, (2, "Originator or Generic", "is unknown", "'Orig'")),
        ({(3, "Nappi Code"): "761079009"},
         (3, "Nappi Code", "a product may have one price at one date", "761079009 again, as in row 2")),
    ],
)  # fmt: skip
def test_a_broken_sep_says_where_and_why(sep_with, changes, said):
    with pytest.raises(DataError) as caught:
        read_sep(sep_with(changes))
    row, column, rule, found = one(caught.value.faults)
    assert (row, column, found) == (said[0], said[1], said[3])
    assert rule.startswith(said[2])


def test_a_list_without_ingredients_is_refused(sep_with):
    with pytest.raises(DataError, match="Active Ingredients: column is missing"):
        read_sep(sep_with({}, header=[("Active Ingredients", "Schedule2")]))


# ATC/DDD


def test_the_index_gives_the_bundled_doses_again():
    found = read_atc_ddd(ATC_DDD)
    mine = found[found["atc_code"] == "N03AE01"].reset_index(drop=True)
    truth = pd.read_csv(dataset_path("who/atc_ddd"), keep_default_na=False)
    for name in ("atc_code", "substance", "ddd_value", "ddd_unit", "route", "note"):
        assert mine[name].tolist() == truth[name].tolist(), name


def test_doses_are_kept_apart_by_route_and_put_in_milligrams():
    found = read_atc_ddd(ATC_DDD).set_index(["substance", "route"])["ddd_mg"]
    assert found["cimetidine"].to_dict() == {"oral": 800, "parenteral": 800}
    assert found["granisetron"].to_dict() == {"oral": 2, "transdermal": 3.1}
    assert found["enprostil", "oral"] == pytest.approx(0.07)
    frame = read_atc_ddd(ATC_DDD)
    none = frame[frame["ddd_value"].isna()]
    assert none["level"].tolist() == [1, 5, 4]
    assert none["ddd_mg"].isna().all()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("N03AE01,clonazepam", "N03AE1,clonazepam")], (11, "atc_code", "must be an ATC code", "N03AE1")),
        ([("clonazepam,8,mg,O", "clonazepam,8 mg,mg,O")], (11, "ddd", "must be a number", "'8 mg'")),
        ([("clonazepam,8,mg,O", "clonazepam,0,mg,O")], (11, "ddd", "must be above 0", "'0'")),
        ([("clonazepam,8,mg,O", "clonazepam,8,,O")], (11, "uom", _DOSE, "N03AE01")),
        ([("clonazepam,8,mg,O", "clonazepam,8,mg,NA")],
         (11, "adm_r", _DOSE, "N03AE01")),
        ([("adm_r", "way")], (1, "Adm.R", "column is missing", "")),
        ([("granisetron,3.1,mg,TD", "granisetron,3.1,mg,O")],
         (9, "atc_code", "a code may have one DDD for each route", "A04AA02 again, as in row 8")),
    ],
)  # fmt: skip
def test_a_broken_index_says_where_and_why(faults, changes, said):
    row, column, rule, found = one(faults(read_atc_ddd, ATC_DDD, *changes))
    assert (row, column, found) == (said[0], said[1], said[3])
    assert rule.startswith(said[2])


# CMED


def test_cmed_in_both_formats_agrees():
    text = read_cmed(HERE / "cmed/TA_PRECO_MEDICAMENTO.csv", as_of="2026-06-10").frame
    sheet = read_cmed(HERE / "cmed/lista_pmc.xlsx").frame
    both = text[text["product_id"].isin(sheet["product_id"])]
    pd.testing.assert_frame_equal(both.reset_index(drop=True), sheet.reset_index(drop=True))
