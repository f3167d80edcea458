"""Tables read by a mapping file: realistic tables, broken mappings and tables, and a round trip."""

import csv
import datetime as dt
import importlib.util
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costmodel.datasets import dataset_path
from costmodel.errors import CostModelError, DataError
from costmodel.prices import read_mapped
from costmodel.prices.mapping import DATES, checked_mapping, read_mapping

_SPEC = importlib.util.spec_from_file_location("xlsx", Path(__file__).parent / "xlsx.py")
xlsx = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(xlsx)

MEDEX = """
schema = "price"
title = "MedEx Bangladesh"
price_per = "unit"
keep = ["company name"]

[file]
signs = ["৳", "mg"]

[columns]
product = "brand name"
molecule = "generic"
class = "type"
strength_mg = "strength"
form = "dosage form"
price = "Unit Price"

[values.class]
Originator = "brand"
"Branded" = "branded generic"

[values.molecule]
Clonazepam = "clonazepam"

[values.form]
Tablet = "tablet"

[leave_out]
type = ["Herbal"]

[constants]
unit = "tablet"
pack_size = 1
currency = "BDT"
date = 2026-05-01
price_type = "maximum_retail"
country = "BGD"
"""

INDIA = """Jan Aushadhi price list (made up)

Sr No;Drug code;Generic name;mg;Unit size;MRP (₹);Effective;Group
1;0451;Clonazepam Tablets IP;0,5;10;6,50;01/04/2026;CNS
2;0452;Clonazepam Tablets IP;2;10;1.112,00;01/04/2026;CNS
3;0453;Clonazepam Tablets IP;1;10;NA;01/04/2026;CNS
;;;;;;;
Total items: 3;;;;;;;
"""
INDIA_MAPPING = """
schema = "price"
title = "Jan Aushadhi, April 2026"

[file]
header_row = 3
encoding = "utf-8"
delimiter = ";"
decimal = ","
thousands = "."
dates = "DD/MM/YYYY"
missing = ["NA"]
footer = "Total"

[columns]
product_id = "Drug code"
product = "Generic name"
strength_mg = "mg"
pack_size = "Unit size"
price = "MRP (₹)"
date = "Effective"
note = "Group"

[constants]
molecule = "clonazepam"
class = "generic"
form = "tablet"
unit = "tablet"
currency = "INR"
price_type = "maximum_retail"
country = "IND"
"""


@pytest.fixture
def files(tmp_path):
    """Write a table and a mapping; return their paths."""

    def write(table, mapping, *, name="table.csv", encoding="utf-8"):
        path, by = tmp_path / name, tmp_path / "table.toml"
        path.write_bytes(table if isinstance(table, bytes) else table.encode(encoding))
        by.write_text(mapping if isinstance(mapping, str) else tomli_w.dumps(mapping), encoding="utf-8")
        return path, by

    return write


@pytest.fixture(scope="module")
def bangladesh():
    frame = pd.read_csv(dataset_path("intl/prices_incomplete"), keep_default_na=False)
    return frame[(frame["source"] == "BGD_MEDEX") & (frame["form"] == "tablet")]


@pytest.fixture
def medex(bangladesh):
    """The bundled rows as a site prints them, and a herbal product."""
    kinds = {"brand": "Originator", "branded generic": "Branded"}
    lines = ["brand name,type,dosage form,generic,strength,company name,Unit Price"]
    lines += [
        f"{row['product']},{kinds[row['class']]},Tablet,Clonazepam,{row['strength_mg']} mg,"
        f'"{row["supplier"]}",৳ {row["price"]}'
        for row in bangladesh.to_dict("records")
    ]
    return "\n".join([*lines, "Sleepwell,Herbal,Tea,valerian,,Herbs Ltd.,not priced"]) + "\n"


def test_a_table_of_bangladesh_gives_the_bundled_rows(files, medex, bangladesh):
    table = read_mapped(*files(medex, MEDEX))
    truth = bangladesh.reset_index(drop=True)
    found = table.frame.reset_index(drop=True)
    for name in ("product", "molecule", "class", "form", "unit", "currency", "country"):
        assert found[name].tolist() == truth[name].tolist(), name
    for name in ("strength_mg", "pack_size", "price"):
        assert found[name].tolist() == truth[name].astype(float).tolist(), name
    assert found["company name"].tolist() == truth["supplier"].tolist()
    assert set(found["source"]) == {"MedEx Bangladesh"}
    assert found["date"].astype(str).unique().tolist() == ["2026-05-01"]
    assert len(table.unparsed) == 0


def test_titles_decimal_commas_marks_and_a_footer(files):
    table = read_mapped(*files(INDIA, INDIA_MAPPING))
    assert table.frame["strength_mg"].tolist() == [0.5, 2]
    assert table.frame["price"].tolist() == [6.5, 1112.0]
    assert table.frame["product_id"].tolist() == ["0451", "0452"]
    assert table.frame["date"].astype(str).unique().tolist() == ["2026-04-01"]
    assert table.unparsed[["product_id", "reason"]].to_numpy().tolist() == [["0453", "no price is printed"]]
    assert table.frame.index.tolist() == [4, 5]


def test_a_sheet_of_a_workbook_in_pence(files):
    rows = [
        ["Prices", "", "", ""],
        ["Medicine", "Strength (g)", "Pence", "From"],
        ["Levetiracetam tablets", 0.5, 435, dt.date(2026, 4, 1)],
        ["Levetiracetam tablets", 1, "1,050", "01.05.2026"],
        ["Levetiracetam tablets", 1, "1,050", "01.05.2026"],
    ]
    data = xlsx.workbook({"Notes": [["nothing here"]], "Prices 2026": rows})
    mapping = {
        "schema": "price",
        "title": "A hospital's list",
        "file": {"sheet": "Prices 2026", "header_row": 2, "thousands": ",", "dates": "DD.MM.YYYY"},
        "columns": {"product": "Medicine", "strength_mg": "Strength (g)", "price": "Pence", "date": "From"},
        "scale": {"price": 0.01, "strength_mg": 1000},
        "constants": {
            "molecule": "levetiracetam", "class": "generic", "form": "tablet", "unit": "tablet",
            "pack_size": 60, "currency": "GBP", "price_type": "acquisition", "country": "GBR",
        },
    }  # fmt: skip
    table = read_mapped(*files(data, mapping, name="list.xlsx"))
    # 435 and 1,050 pence for 60 tablets; half a gram and a gram
    assert table.frame["price"].tolist() == [4.35, 10.5]
    assert table.frame["strength_mg"].tolist() == [500, 1000]
    assert table.frame["date"].astype(str).tolist() == ["2026-04-01", "2026-05-01"]
    assert table.unparsed["reason"].tolist() == ["repeats an earlier row in every cell"]


SPENDING = {
    "schema": "spending",
    "title": "A fund's accounts",
    "file": {"missing": ["*"]},
    "columns": {
        "product": "Drug", "class": "Kind", "units": "Tablets", "claims": "Fills", "spending": "Paid",
        "period_start": "From", "period_end": "To",
    },
    "values": {"class": {"B": "brand", "G": "generic"}},
    "constants": {
        "payer": "A fund", "country": "ISR", "molecule": "clonazepam", "row_level": "product",
        "unit": "tablet", "currency": "ILS", "basis": "net",
    },
}  # fmt: skip
ACCOUNTS = """Drug,Kind,Tablets,Fills,Paid,From,To
Rivotril,B,300,10,90.5,2025-01-01,2025-12-31
Clonex,G,3000,100,300,2025-01-01,2025-12-31
Clonex,G,*,*,*,2024-01-01,2024-12-31
"""


def test_a_table_of_spending_with_withheld_figures(files):
    table = read_mapped(*files(ACCOUNTS, SPENDING))
    assert table.frame["suppressed"].tolist() == [False, False, True]
    assert table.frame["basis"].unique().tolist() == ["net"]
    total = table.select(year=2025).total(by=["class"]).set_index("class")
    assert total["unit_spending"].to_dict() == {"brand": pytest.approx(90.5 / 300), "generic": 0.1}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('schema = "price"', 'schema = "prices"', ("schema", "must be price or", "'prices'", "price")),
        ("price_per", "price_pr", ("price_pr", "is not a key of a mapping file", "price_pr", "'price_per'")),
        ("strength_mg =", "strength =", ("columns.strength", "is not a column of the schema", "strength",
                                         "did you mean 'strength_mg'?")),
        ('Originator = "brand"', 'Originator = "brnd"', ("values.class", "is unknown", "brnd", "'brand'")),
        ('currency = "BDT"', 'currency = "Taka"', ("constants.currency", "must be three capital letters",
                                                   "'Taka'", "USD")),
        ("pack_size = 1", 'pack_size = "1"', ("constants.pack_size", "must be a number, without quotation",
                                              "'1'", "units in one pack")),
        ("pack_size = 1", "pack_size = 0", ("constants.pack_size", "must be above 0", "0", "in one pack")),
        ("date = 2026-05-01", 'date = "May 2026"', ("constants.date", "must be a date", "'May 2026'", "day")),
        ('signs = ["৳", "mg"]', 'decimal = ";"', ("file.decimal", "must be . or ,", "';'", "readers.md")),
        ('signs = ["৳", "mg"]', 'encodng = "utf-8"', ("file.encodng", "is not a key of [file]", "encodng",
                                                     "'encoding'")),
        ('signs = ["৳", "mg"]', 'dates = "DMY"', ("file.dates", "must be one or a list", "'DMY'", "docs")),
        ('title = "MedEx Bangladesh"', "", ("title", "must have a value", "None", "say what the table is")),
        ('country = "BGD"', "", ("country", "must have a column or a constant", "", "ISO 3166-1")),
        ('country = "BGD"', 'country = "BGD"\nform = "tablet"', ("form", "has both a column and a constant",
                                                                "", "keep one")),
        ("[values.form]", "[values.unit]", ("values.unit", "maps the words of a column that is not read", "",
                                            "unit = '…'")),
        ("[values.form]", "[values.price]", ("values.price", "words can only be mapped", "", "[scale]")),
        ('keep = ["company name"]', 'keep = ["price"]', ("keep", "has the name of", "price", "rename")),
        ('type = ["Herbal"]', "type = 3", ("leave_out.type", "must be a list of text", "3", "['Total']")),
        ("[constants]", "[scale]\nform = -1\n[constants]", ("scale.form", "only a column of", "", "scale")),
    ],
)  # fmt: skip
def test_a_broken_mapping_says_which_key_and_what_to_write(files, old, new, said):
    assert old in MEDEX
    _, mapping = files("", MEDEX.replace(old, new, 1))
    with pytest.raises(DataError) as caught:
        read_mapping(mapping)
    faults = caught.value.faults
    named = faults[faults["column"] == said[0]]
    assert len(named) >= 1, str(caught.value)
    assert named["rule"].iloc[0].startswith(said[1])
    assert named["found"].iloc[0] == said[2]
    assert said[3] in named["remedy"].iloc[0]


def test_a_mapping_that_is_no_toml_or_is_missing(files, tmp_path):
    table, mapping = files("a\n1\n", "schema = price")
    with pytest.raises(CostModelError, match=r"table\.toml is no TOML file: Invalid value"):
        read_mapped(table, mapping)
    with pytest.raises(CostModelError, match=r"none\.toml does not exist; check the path"):
        read_mapped(table, tmp_path / "none.toml")


def test_all_faults_of_a_mapping_come_at_once():
    with pytest.raises(DataError) as caught:
        checked_mapping({"schema": "price", "colums": {}})
    faults = caught.value.faults
    assert faults["column"].tolist()[:2] == ["colums", "title"]
    # every required column of the schema but the source, which is the title otherwise
    assert (faults["rule"] == "must have a column or a constant").sum() == 12


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Rivotril,Originator", "Rivotril,Novel", ("type", "is unknown: one of: Branded", "'Novel'")),
        ("Rivotril,Originator", ",Originator", ("brand name", "must have a value", "''")),
        ("0.5 mg", "500 mcg", ("strength", "must be a number", "'500 mcg'")),
        ("৳ 8.0", "৳ 0", ("Unit Price", "must be above 0", "'৳ 0'")),
        ("৳ 8.0", '"৳ 8,0"', ("Unit Price", "has a decimal comma: write 8.0", "'৳ 8,0'")),
        ("৳ 8.0", "", ("Unit Price", "must be a number", "''")),
        ("Tablet,Clonazepam,0.5", "Tablet,clonazepam,0.5", ("generic", "is unknown", "'clonazepam'")),
        ("Unit Price\n", "Price\n", ("Unit Price", "column is missing", "")),
        ("company name", "company", ("company name", "column is missing", "")),
    ],
)
def test_a_broken_table_says_where_and_why(files, medex, old, new, said):
    assert old in medex
    with pytest.raises(DataError) as caught:
        read_mapped(*files(medex.replace(old, new, 1), MEDEX))
    faults = caught.value.faults
    assert len(faults) == 1, str(caught.value)
    assert faults["column"].iloc[0] == said[0]
    assert faults["rule"].iloc[0].startswith(said[1])
    assert faults["found"].iloc[0] == said[2]


def test_two_prices_of_one_product_and_two_spellings_are_faults(files):
    mapping = {**SPENDING, "columns": {**SPENDING["columns"], "unit": "Counts"}}
    mapping["constants"] = {name: x for name, x in SPENDING["constants"].items() if name != "unit"}
    text = """Drug,Kind,Tablets,Fills,Paid,From,To,Counts
Clonex,G,3000,100,300,2025-01-01,2025-12-31,tablet
Clonex,G,3000,100,301,2025-01-01,2025-12-31,tablet
Rivotril,B,300,100,300,2025-01-01,2025-12-31,Tablet
"""
    with pytest.raises(DataError) as caught:
        read_mapped(*files(text, mapping))
    faults = caught.value.faults
    assert faults[["row", "column", "rule"]].to_numpy().tolist() == [
        [4, "Counts", "one word must be spelt in one way"],
        [3, "Drug", "a product may have one row for each payer, place and period"],
    ]


def test_codes_of_currency_are_checked_in_the_table(files, medex):
    mapping = re.sub(r'currency = "BDT"\n', "", MEDEX).replace(
        'price = "Unit', 'currency = "cur"\nprice = "Unit'
    )
    text = "\n".join(f"{line},{'cur' if at == 0 else 'Tk'}" for at, line in enumerate(medex.splitlines()))
    with pytest.raises(DataError, match="cur: must be three capital letters, as ISO 4217 has them; found Tk"):
        read_mapped(*files(text, mapping))


def test_headers_in_other_scripts_and_signs_are_told_apart(files):
    text = "নাম,মূল্য,Price ($),Price (৳)\nRivotril,x,1,8\n"
    mapping = {
        "schema": "price",
        "title": "a list",
        "columns": {"product": "নাম", "price": "Price (৳)"},
        "constants": {
            "molecule": "clonazepam", "class": "brand", "strength_mg": 2, "form": "tablet", "unit": "tablet",
            "pack_size": 1, "currency": "BDT", "date": dt.date(2026, 5, 1), "price_type": "retail",
            "country": "BGD",
        },
    }  # fmt: skip
    assert read_mapped(*files(text, mapping)).frame["price"].tolist() == [8]


WORDS = st.text("abcdefgh", min_size=1, max_size=8)
ROW = st.fixed_dictionaries(
    {
        "strength_mg": st.integers(1, 4000).map(lambda n: n / 8),
        "class": st.sampled_from(["brand", "generic", "branded generic"]),
        "price": st.integers(1, 10**7).map(lambda n: n / 100),
        "pack_size": st.integers(1, 500),
        "date": st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31)),
        "note": WORDS | st.just(""),
    }
)


@st.composite
def written(draw):
    """Rows of prices, a mapping drawn at random, and the table that the rows make under it."""
    rows = draw(st.lists(ROW, min_size=1, max_size=6))
    targets = ["product", "strength_mg", "class", "price", "pack_size", "date", "note"]
    headers = draw(st.lists(WORDS, min_size=len(targets), max_size=len(targets), unique=True))
    columns = dict(zip(targets, headers, strict=True))
    decimal, delimiter = draw(st.sampled_from([(".", ","), (".", "\t"), (",", ";"), (".", "|")]))
    form = draw(st.sampled_from(list(DATES)))
    words = {
        draw(st.sampled_from(["Ⓑ", "x", "1"])) + name: name
        for name in ("brand", "generic", "branded generic")
    }
    pence, titles = draw(st.booleans()), draw(st.integers(0, 3))
    theirs = {ours: word for word, ours in words.items()}
    lines = [[f"a title {n}"] for n in range(titles)]
    order = draw(st.permutations(targets))
    lines.append([columns[target] for target in order])
    for at, row in enumerate(rows):
        cells = {
            "product": f"product {at}",
            "strength_mg": repr(row["strength_mg"]).replace(".", decimal),
            "class": theirs[row["class"]],
            "price": (str(round(row["price"] * 100)) if pence else f"{row['price']:.2f}").replace(
                ".", decimal
            ),
            "pack_size": str(row["pack_size"]),
            "date": row["date"].strftime(DATES[form]),
            "note": row["note"],
        }
        lines.append([cells[target] for target in order])
    mapping = {
        "schema": "price",
        "title": "a list",
        "file": {"header_row": titles + 1, "decimal": decimal, "dates": form,
                 "delimiter": "tab" if delimiter == "\t" else delimiter},
        "columns": columns,
        "values": {"class": words},
        "scale": {"price": 0.01} if pence else {},
        "constants": {"molecule": "m", "form": "tablet", "unit": "tablet", "currency": "EUR",
                      "price_type": "retail", "country": "FRA"},
    }  # fmt: skip
    return rows, mapping, lines, delimiter


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written())
def test_a_price_table_written_under_a_mapping_reads_back_equal(tmp_path, drawn):
    rows, mapping, lines, delimiter = drawn
    path = tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(lines)
    frame = read_mapped(path, checked_mapping(mapping)).frame
    assert frame["product"].tolist() == [f"product {at}" for at in range(len(rows))]
    for name in ("strength_mg", "class", "pack_size", "note"):
        assert frame[name].tolist() == [row[name] for row in rows], name
    assert np.allclose(frame["price"], [row["price"] for row in rows], rtol=1e-15, atol=0)
    assert [day.date() for day in frame["date"]] == [row["date"] for row in rows]
