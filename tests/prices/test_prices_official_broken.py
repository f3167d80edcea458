"""Broken variants of each publisher's file: what is said of each, in its key words."""

import codecs

import pytest
from test_prices_official_excerpts import EXCERPTS

from costmodel.errors import DataError
from costmodel.prices.official import layout, read_official

PAGE = "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"


def swap(old, new, *, count=1):
    """Change the first places where a text stands."""

    def change(text):
        assert old in text, old
        return text.replace(old, new, count)

    return change


def again(old="", new=""):
    """Repeat the last row, changed in one place."""

    def change(text):
        last = text.splitlines(keepends=True)[-1]
        assert old in last, old
        return text + last.replace(old, new, 1)

    return change


def of_row(row, change):
    """Change one row; the header is row 1."""

    def changed(text):
        lines = text.splitlines(keepends=True)
        lines[row - 1] = change(lines[row - 1])
        return "".join(lines)

    return changed


SHARED = {
    "a web page": (lambda _: PAGE, None, "must be a data file, not a web page"),
    "nothing below the header": (
        lambda text: text.splitlines(keepends=True)[0],
        None,
        "must have at least one",
    ),
    "a nul byte": (of_row(3, lambda line: "\x00" + line), None, "text"),
}

BROKEN = {
    "nadac": {
        "no code": (swap("NDC,", "Code,"), 1, "column is missing"),
        "price in words": (of_row(3, swap(",0.77203,", ",n/a,")), 3, "must be a number"),
        "day before month": (of_row(3, swap("04/22/2026", "22/04/2026")), 3, "must be a day that exists"),
        "rounded code": (of_row(3, swap("46122038576", "4.61E+10")), 3, "lost digits"),
        "unquoted comma": (of_row(3, swap('"1, 5"', "1, 5")), 3, "must have 12 cells"),
        "another price": (again("8.49187", "8.49188"), 98, "one price at one date"),
    },
    "nadac_comparison": {
        "no reason": (swap("Primary Reason", "Reason why"), 1, "column is missing"),
        "old price of zero": (of_row(2, swap("0.92560", "0")), 2, "must be above 0"),
        "change of sign": (of_row(2, swap("-4.76", "4.76")), 2, "must be the change from the old price"),
        "ten digits": (of_row(4, swap("61269062010", "61269062")), 4, "of 11 digits, not 8"),
        "no such day": (of_row(3, swap("04/22/2026", "02/30/2026")), 3, "must be a day that exists"),
        "code of another list": (of_row(4, swap(",B,", ",S,")), 4, "is unknown"),
        "cut short": (of_row(3, lambda line: line[:60] + "\n"), 3, "must have 10 cells"),
        "two changes": (again("1.77696", "1.77700"), 6, "one change in one comparison"),
    },
    "part_d": {
        "no generic name": (swap("Gnrc_Name", "Generic"), 1, "column is missing"),
        "one year without claims": (swap("Tot_Clms_2020", "Claims_2020"), 1, "column is missing"),
        "amount in words": (of_row(2, swap("373.54", "low")), 2, "must be a number"),
        "negative units": (of_row(2, swap(",841,", ",-841,")), 2, "must be at least 0"),
        "a year half withheld": (of_row(2, swap(",373.54,", ",,")), 2, "spending, units and claims, or none"),
        "unquoted comma": (of_row(4, swap("Actavis/Teva", "Actavis, Teva")), 4, "must have 46 cells"),
        "outlier of 2": (of_row(3, swap("0.1194266256,7.2463839536,27.91326336,0",
                                        "0.1194266256,7.2463839536,27.91326336,2")), 3, "is unknown"),
        "a labeler twice": (again("908167.25", "908167.26"), 14, "one row for each labeler"),
        "a column twice": (swap("Tot_Benes_2018", "Tot_Clms_2018"), 1, None),
    },
    "medicaid": {
        "no labeler": (swap("Mftr_Name", "Labeler"), 1, "column is missing"),
        "amount in words": (of_row(2, swap("14014537.53", "14 million")), 2, "must be a number"),
        "decimal comma": (of_row(2, swap("14014537.53", '"14014537,53"')), 2, "has a decimal comma"),
        "negative claims": (of_row(2, swap(",1917751,", ",-1917751,")), 2, "must be at least 0"),
        "a year half withheld": (of_row(2, swap(",1917751,", ",,")), 2, "or none of them"),
        "no brand name": (of_row(2, swap("Clonazepam,", ",")), 2, "must have a value"),
        "a column of Part D": (swap("Tot_Mftr", "Tot_Benes_2019"), 1, "has such a column"),
    },
    "sdud": {
        "no state": (swap(",State,", ",Place,"), 1, "column is missing"),
        "a state that is none": (of_row(2, swap(",AK,", ",ZZ,")), 2, "is unknown"),
        "fifth quarter": (of_row(2, swap(",2022,4,", ",2022,5,")), 2, "is unknown"),
        "year of two digits": (of_row(2, swap(",2022,4,", ",22,4,")), 2, "must be at least 1991"),
        "withheld with figures": (of_row(2, swap(",false,", ",true,")), 2, "must not have figures"),
        "blank but not withheld": (of_row(8, swap(",true,", ",false,")), 8, "must have units"),
        "another package": (of_row(2, swap(",0832,01,", ",0832,05,")), 2, "labeler code, product code"),
        "rounded code": (of_row(2, swap("00093083201", "9.31E+07")), 2, "lost digits"),
        "units in words": (of_row(2, swap("14278.000", "many")), 2, "must be a number"),
        "a row twice": (again("38000.50", "38000.51"), 10, "one row in each state"),
    },
    "part_d_geography": {
        "no level": (swap("Prscrbr_Geo_Lvl", "Level"), 1, "column is missing"),
        "county": (of_row(4, swap("State,", "County,")), 4, "is unknown"),
        "no cost": (of_row(4, swap("2886.00", "")), 4, "must be a number"),
        "ten claims": (of_row(4, swap(",12,", ",10,")), 4, "must be at least 11"),
        "cut short": (of_row(4, lambda _: "State,02,Alaska\n"), 4, "must have 22 cells"),
        "a place twice": (again("2886.00", "2887.00"), 5, "one row in each place"),
    },
    "orange_book": {
        "no strength": (swap("~Strength~", "~Power~"), 1, "column is missing"),
        "american date": (of_row(2, swap("May 2, 2005", "05/02/2005")), 2, "must be a date, written Jan DD"),
        "no such day": (of_row(2, swap("May 2, 2005", "Feb 30, 2005")), 2, "must be a day that exists"),
        "type of application": (of_row(2, swap("~A~", "~B~")), 2, "is unknown"),
        "number without zeros": (of_row(2, swap("~077147~", "~77147~")), 2, "must be 6 digits"),
        "form without route": (of_row(2, swap("TABLET;ORAL", "TABLET")), 2, "with a semicolon between"),
        "a tilde too many": (of_row(2, swap("0.5MG", "0.5~MG")), 2, "must have 14 cells"),
        "another code": (again("~No~", "~Yes~"), 68, "may stand in one row"),
    },
    "ndc_products": {
        "no form": (swap("DOSAGEFORMNAME", "FORM"), 1, "column is missing"),
        "code without hyphen": (of_row(2, swap("\t72603-308\t", "\t72603308\t")), 2, "4-4, 5-3 or 5-4"),
        "day with hyphens": (of_row(2, swap("20241101", "2024-11-01")), 2, "a date, written YYYYMMDD"),
        "no such day": (of_row(2, swap("20241101", "20241131")), 2, "must be a day that exists"),
        "no start": (of_row(2, swap("20241101", "")), 2, "must be a date"),
        "a tab too many": (of_row(2, swap("Northstar Rx", "Northstar\tRx")), 2, "must have 20 cells"),
        "a key twice": (again("Klonopin", "Klonopin 2"), 10, "may stand once"),
    },
    "ndc_packages": {
        "no code": (swap("NDCPACKAGECODE", "CODE"), 1, "column is missing"),
        "code of ten digits": (
            of_row(2, swap("\t72603-308-01\t", "\t7260330801\t")), 2, "which can mean 07260330801"),
        "code of other parts": (of_row(2, swap("\t72603-308-01\t", "\t72603-308-1\t")), 2, "not 5-3-1"),
        "no description": (of_row(2, swap("100 TABLET in 1 BOTTLE (72603-308-01)", "")), 2, "have a value"),
        "year only": (of_row(2, swap("20241101", "2024")), 2, "must be a date"),
        "a package twice": (again("90 TABLET", "30 TABLET"), 14, "may stand once"),
    },
}  # fmt: skip

CASES = [(name, case, how) for name, cases in BROKEN.items() for case, how in (cases | SHARED).items()]


@pytest.mark.parametrize(("name", "case", "how"), CASES, ids=[f"{name}: {case}" for name, case, _ in CASES])
def test_what_is_said_of_a_broken_file(tmp_path, name, case, how):
    change, row, words = how
    source = EXCERPTS[name]
    known = layout(name)
    encoding = known.encodings[-1]
    path = tmp_path / source.name
    path.write_bytes(change(source.read_bytes().decode(encoding)).encode(encoding))
    with pytest.raises(DataError) as caught:
        read_official(path, layout=known)
    faults = caught.value.faults
    if words is not None:
        found = faults[faults["rule"].str.contains(words, regex=False)]
        assert len(found), f"{case}: {faults['rule'].tolist()}"
        assert found["remedy"].ne("").all()
        assert source.name in str(caught.value)
    if row is not None:
        assert row in faults["row"].tolist(), faults[["row", "rule"]]
        assert set(faults["row"].dropna()) == {row}


@pytest.mark.parametrize("name", EXCERPTS)
def test_a_file_in_another_encoding_is_read_or_refused_never_garbled(tmp_path, name):
    """UTF-16 carries its mark and is read; text in no encoding of the publisher is refused."""
    source, known = EXCERPTS[name], layout(name)
    text = source.read_bytes().decode(known.encodings[-1])
    path = tmp_path / source.name
    path.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    assert len(read_official(path, layout=known)) == len(read_official(source, layout=known))
    path.write_bytes(text.encode("ascii", "replace").replace(b"\n", b"\n\x81", 1))
    with pytest.raises(DataError, match="must be UTF-8"):
        read_official(path, layout=known)


def test_a_row_repeated_whole_is_left_out_not_added(tmp_path):
    for name in BROKEN:
        source, known = EXCERPTS[name], layout(name)
        path = tmp_path / source.name
        text = source.read_bytes().decode(known.encodings[-1])
        path.write_bytes(again()(text).encode(known.encodings[-1]))
        assert len(read_official(path, layout=known)) == len(read_official(source, layout=known)), name
