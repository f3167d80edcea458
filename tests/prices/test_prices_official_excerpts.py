"""Each publisher's format, read from an excerpt composed of the bundled tables, against those tables."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError
from costmodel.prices import PriceTable, SpendingTable, prices, spending
from costmodel.prices.official import (
    LAYOUTS,
    layout,
    read_medicaid,
    read_nadac_comparison,
    read_ndc_packages,
    read_ndc_products,
    read_official,
    read_orange_book,
    read_part_d,
    read_part_d_geography,
    read_sdud,
    recognise,
)
from costmodel.prices.official.names import class_by_name
from costmodel.prices.official.ndc_directory import pack_size

HERE = Path(__file__).parent / "official"
PART_D = HERE / "cms/DSD_PTD_RY24_P04_V10_DY22_BGM.csv"
MEDICAID = HERE / "cms/DSD_MCD_RY25_P06_V20_D23_BGM.csv"
SDUD = HERE / "cms/SDUD2022.csv"
GEOGRAPHY = HERE / "cms/MUP_DPR_RY24_P04_V10_DY22_Geo.csv"
COMPARISON = HERE / "cms/nadac-comparison-04-29-2026.csv"
ORANGE_BOOK, PRODUCTS, PACKAGES = (HERE / f"fda/{name}.txt" for name in ("products", "product", "package"))
NAMED = {"clonazepam": ["clonazepam", "klonopin"]}

EXCERPTS = {
    "nadac": dataset_path("us/nadac_official_excerpt"),
    "nadac_comparison": COMPARISON,
    "part_d": PART_D,
    "medicaid": MEDICAID,
    "sdud": SDUD,
    "part_d_geography": GEOGRAPHY,
    "orange_book": ORANGE_BOOK,
    "ndc_products": PRODUCTS,
    "ndc_packages": PACKAGES,
}


@pytest.fixture(scope="module")
def compose():
    spec = importlib.util.spec_from_file_location("compose_excerpts", HERE / "compose.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_excerpts_are_what_is_composed(compose):
    for name, (written, encoding) in compose.FILES.items():
        assert (HERE / name).read_bytes() == written().encode(encoding), name


@pytest.mark.parametrize("name", [item.name for item in LAYOUTS if item.name in EXCERPTS])
def test_every_layout_is_recognised_by_its_header_alone(name, tmp_path):
    path = tmp_path / "download"
    path.write_bytes(EXCERPTS[name].read_bytes())
    assert recognise(path).name == name


def test_read_official_returns_the_schema_of_the_file():
    kinds = {"price": PriceTable, "spending": SpendingTable, "reference": pd.DataFrame}
    for name, path in EXCERPTS.items():
        assert isinstance(read_official(path), kinds[layout(name).kind]), name


def test_part_d_2022_gives_the_published_figures():
    table = read_part_d(PART_D).select(year=2022, row_level="all labelers")
    brand, generic = table.total(by=["class"]).to_dict("records")
    assert (generic["spending"], generic["claims"]) == (77260147.76, 9049224)
    assert (brand["spending"], brand["claims"]) == (3663255.51, 15231)
    # spending over units: 77,260,147.76 / 506,811,518.93 and 3,663,255.51 / 1,248,046
    assert round(generic["unit_spending"], 3) == 0.152
    assert round(brand["unit_spending"], 2) == 2.94
    # what CMS prints weights each strength by its claims
    printed = table.frame.set_index("class")["average_per_unit"]
    assert printed.to_dict() == {"generic": 0.1541802035, "brand": 2.9494191687}


@pytest.mark.parametrize(
    ("read", "path", "table_id", "release"),
    [
        (read_part_d, PART_D, "us/part_d_spending", "2018-2022"),
        (read_medicaid, MEDICAID, "us/medicaid_spending", "2019-2023"),
    ],
)
def test_spending_by_drug_agrees_with_the_bundled_table(read, path, table_id, release):
    names = ["period_start", "product", "labeler", "molecule", "class", "row_level", "units",
             "claims", "beneficiaries", "spending", "currency", "basis", "payer", "country", "region",
             "unit"]  # fmt: skip
    order = ["period_start", "product", "labeler"]
    found = read(path).frame
    assert found["release"].eq(release).all()
    mine = found[~found["suppressed"]][names].sort_values(order).reset_index(drop=True)
    truth = spending(table_id).select(release=release).frame[names]
    truth = truth.sort_values(order).reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, truth, check_dtype=False)


def test_a_year_without_figures_is_withheld_never_zero():
    frame = read_part_d(PART_D).frame
    withheld = frame[frame["suppressed"]]
    # AHP sold from 2020 on, Alembic from 2019 on, H2 Pharma in 2022 only
    years = withheld.assign(year=withheld["period_start"].dt.year).groupby("labeler")["year"].apply(list)
    assert years["AHP"] == [2018, 2019]
    assert years["Alembic Pharmac"] == [2018]
    assert years["H2 Pharma LLC"] == [2018, 2019, 2020, 2021]
    assert withheld[["units", "claims", "spending", "beneficiaries"]].isna().all(axis=None)
    assert withheld["flag"].str.contains("fewer than 11 claims, or not sold").all()


def test_labelers_and_their_sum_are_never_added():
    with pytest.raises(CostModelError, match="row_level must be one in a sum"):
        read_part_d(PART_D).select(year=2022).total()


def test_class_by_name_says_no_more_than_the_names_do():
    pairs = {
        ("Clonazepam", "Clonazepam"): "generic",
        ("Klonopin", "Clonazepam"): "brand",
        ("Amlodipine Besylate", "Amlodipine Besylate"): "generic",
        ("Levetiracetam ER", "Levetiracetam"): "generic",
        ("Sertraline HCl", "Sertraline HCl"): "generic",
        ("Hydrocodone-Acetaminophen", "Hydrocodone/Acetaminophen"): "generic",
        ("Potassium Chloride", "Potassium Chloride"): "generic",
        ("Lorazepam Intensol", "Lorazepam"): "unknown",
        ("K-Tab ER", "Potassium Chloride"): "unknown",
    }
    assert {pair: class_by_name(*pair) for pair in pairs} == pairs


def test_sdud_agrees_with_the_bundled_sample():
    table = read_sdud(SDUD)
    sample = pd.read_csv(dataset_path("us/sdud_sample"), dtype={"ndc": str})
    mine = table.frame.iloc[:6]
    assert mine["product_id"].tolist() == sample["ndc"].tolist()
    for name, theirs in (
        ("units", "units_reimbursed"),
        ("claims", "number_of_prescriptions"),
        ("spending", "total_amount_reimbursed_usd"),
    ):
        assert mine[name].tolist() == sample[theirs].astype(float).tolist()
    assert mine["period_start"].astype(str).unique().tolist() == ["2022-10-01"]
    assert mine["period_end"].astype(str).unique().tolist() == ["2022-12-31"]
    assert mine["labeler"].unique().tolist() == ["00093"]


def test_sdud_withheld_row_and_national_total_stay_apart():
    table = read_sdud(SDUD, molecules=NAMED)
    withheld, national = table.frame.iloc[6], table.frame.iloc[7]
    assert (withheld["suppressed"], withheld["programme"]) == (True, "managed care")
    assert np.isnan([withheld["units"], withheld["claims"], withheld["spending"]]).all()
    assert (national["region"], national["molecule"]) == ("", "clonazepam")
    with pytest.raises(CostModelError, match="1 row of the whole country stand beside 7 rows of its parts"):
        table.total()
    # 5629.44 + 1104.12 + 3909.04 + 1036.97 + 384.48 + 208.72
    alaska = table.select(region="AK").total().iloc[0]
    assert alaska["spending"] == pytest.approx(12272.77)
    assert (alaska["n_rows"], alaska["n_suppressed"]) == (7, 1)


def test_sdud_names_are_cut_to_ten_characters(tmp_path):
    path = tmp_path / "sdud.csv"
    path.write_text(SDUD.read_text().replace("CLONAZEPAM", "LEVETIRACE"))
    table = read_sdud(path, molecules={"levetiracetam": ["levetiracetam", "keppra"]})
    assert table.frame["molecule"].unique().tolist() == ["levetiracetam"]
    with pytest.raises(CostModelError, match="no product has a name of 'clonazepam'"):
        read_sdud(path, molecules=NAMED)


def test_geography_takes_its_year_from_the_name_or_from_the_reader(tmp_path):
    frame = read_part_d_geography(GEOGRAPHY).frame
    assert frame["period_start"].astype(str).unique().tolist() == ["2022-01-01"]
    assert frame[["region", "class", "claims", "spending"]].to_numpy().tolist() == [
        ["", "generic", 9049224.0, 77260147.76],
        ["", "brand", 15231.0, 3663255.51],
        ["Alaska", "brand", 12.0, 2886.0],
    ]
    assert np.isnan(frame["beneficiaries"].iloc[2])
    path = tmp_path / "geography.csv"
    path.write_bytes(GEOGRAPHY.read_bytes())
    with pytest.raises(CostModelError, match="does not state its year"):
        read_part_d_geography(path)
    assert read_part_d_geography(path, year=2021).frame["period_end"].dt.year.unique().tolist() == [2021]


def test_comparison_has_the_old_and_the_new_price():
    table = read_nadac_comparison(COMPARISON)
    assert table.frame[["product_id", "class", "old_price", "price"]].to_numpy().tolist() == [
        ["00093929419", "generic", 0.9256, 0.88152],
        ["00093929467", "generic", 0.79337, 0.88152],
        ["61269062010", "brand", 4.08992, 4.26033],
    ]
    assert table.unparsed["reason"].tolist() == ["a concentration or a rate: 2 MG/ML VIAL"]
    weekly = prices("us/nadac").select(product_id="61269062010").frame["price"].tolist()
    assert table.select(class_="brand").frame["price"].tolist() == weekly
    assert read_nadac_comparison(COMPARISON, molecules=NAMED).frame["molecule"].eq("clonazepam").all()


def test_orange_book_agrees_with_the_bundled_table():
    mine = read_orange_book(ORANGE_BOOK).reset_index(drop=True)
    truth = pd.read_csv(dataset_path("us/orange_book"), dtype=str, keep_default_na=False)
    for name in ("trade_name", "form", "route", "appl_type", "appl_no", "product_no", "te_code",
                 "marketing_status"):  # fmt: skip
        assert mine[name].tolist() == truth[name].tolist(), name
    assert mine["applicant_full_name"].tolist() == truth["applicant"].tolist()
    assert mine["strength_mg"].tolist() == truth["strength_mg"].astype(float).tolist()
    for name, theirs in (
        ("reference_listed_drug", "reference_listed_drug"),
        ("reference_standard", "reference_standard"),
        ("not_withdrawn_notice", "not_withdrawn_for_safety_or_efficacy_notice"),
    ):
        assert mine[name].tolist() == truth[theirs].eq("yes").tolist(), name
    for name, theirs in (("approval_date", "approval_date"), ("approved_before", "approved_before")):
        assert mine[name].dt.strftime("%Y-%m-%d").fillna("").tolist() == truth[theirs].tolist(), name


def test_ndc_directory_agrees_with_the_bundled_listings():
    listed = pd.read_csv(dataset_path("us/ndc_and_shortage"), dtype=str, keep_default_na=False)
    listed = listed[listed["record_type"].eq("listing")]
    products = read_ndc_products(PRODUCTS)
    assert products["product_ndc_printed"].tolist() == [*listed["product_ndc"], "61269-620"]
    assert products["strength_mg"].tolist() == [*listed["strength_mg"].astype(float), 2.0]
    assert products["class"].tolist() == ["generic"] * 7 + ["brand"]
    assert products["labeler"].iloc[-1] == "H2-Pharma, Société"
    packages = read_ndc_packages(PACKAGES)
    assert packages["ndc_printed"].tolist() == [c for row in listed["package_ndcs"] for c in row.split(";")]
    # 50 unit-dose blisters of one tablet
    assert packages["pack_size"].tolist() == [100, 500, 1000, 50, 10, 14, 10, 30, 30, 100, 500, 90]
    assert set(packages["product_ndc"]) <= set(products["product_ndc"])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("30 TABLET, FILM COATED in 1 BOTTLE (0093-3213-01)", (30, "tablet, film coated")),
        ("10 BLISTER PACK in 1 CARTON / 10 CAPSULE in 1 BLISTER PACK", (100, "capsule")),
        ("1 KIT in 1 CARTON", (1, "kit")),
        ("2 VIAL in 1 CARTON > 10 mL in 1 VIAL", None),
        ("1 BOTTLE in 1 CARTON > 30 TABLET in 1 BLISTER PACK", None),
        ("", None),
    ],
)
def test_pack_size_multiplies_out_or_is_not_told(text, size):
    assert pack_size(text) == size


def test_what_fits_no_layout_names_the_nearest_and_what_it_lacks(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(PART_D.read_text().replace("Gnrc_Name", "Generic"))
    with pytest.raises(CostModelError, match=r"nearest to a file of Medicare Part D.*lacks.*'Gnrc_Name'"):
        recognise(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(CostModelError, match=r"no file that is known by its header \(a, b\)"):
        recognise(path)


def test_part_d_without_its_people_is_not_taken_for_medicaid(tmp_path):
    frame = pd.read_csv(PART_D, dtype=str, keep_default_na=False)
    path = tmp_path / "x.csv"
    frame[[name for name in frame if "Tot_Benes" not in name]].to_csv(path, index=False)
    with pytest.raises(CostModelError, match="Medicare Part D"):
        recognise(path)
    with pytest.raises(CostModelError, match="has such a column"):
        read_medicaid(path)


def test_molecules_are_refused_where_the_file_names_them():
    with pytest.raises(CostModelError, match="names each molecule itself"):
        read_official(PART_D, molecules=NAMED)
    assert read_official(SDUD, molecules=NAMED).frame["molecule"].eq("clonazepam").all()
