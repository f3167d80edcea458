"""Composes the excerpts below this folder from the bundled tables, each in its publisher's format.

Run from the root of the repository: ``python tests/prices/official/compose.py``. README.md says what is
not from a bundled table.
"""

import csv
import io
from pathlib import Path

import pandas as pd

from costmodel.datasets import dataset_path

HERE = Path(__file__).parent
FIGURES = {
    "Tot_Spndng": "total_spending_usd",
    "Tot_Dsg_Unts": "dosage_units",
    "Tot_Clms": "claims",
    "Tot_Benes": "beneficiaries",
    "Avg_Spnd_Per_Dsg_Unt_Wghtd": "avg_spend_per_unit_claim_weighted_usd",
    "Avg_Spnd_Per_Clm": "avg_spend_per_claim_usd",
    "Avg_Spnd_Per_Bene": "avg_spend_per_beneficiary_usd",
    "Outlier_Flag": "outlier_flag",
}
GEOGRAPHY = """
Prscrbr_Geo_Lvl Prscrbr_Geo_Cd Prscrbr_Geo_Desc Brnd_Name Gnrc_Name Tot_Prscrbrs Tot_Clms Tot_30day_Fills
Tot_Drug_Cst Tot_Benes GE65_Sprsn_Flag GE65_Tot_Clms GE65_Tot_30day_Fills GE65_Tot_Drug_Cst
GE65_Bene_Sprsn_Flag GE65_Tot_Benes LIS_Bene_Cst_Shr NonLIS_Bene_Cst_Shr Opioid_Drug_Flag
Opioid_LA_Drug_Flag Antbtc_Drug_Flag Antpsyct_Drug_Flag
"""
ORANGE_BOOK = """
Ingredient DF;Route Trade_Name Applicant Strength Appl_Type Appl_No Product_No TE_Code Approval_Date RLD RS
Type Applicant_Full_Name
"""
PRODUCTS = """
PRODUCTID PRODUCTNDC PRODUCTTYPENAME PROPRIETARYNAME PROPRIETARYNAMESUFFIX NONPROPRIETARYNAME
DOSAGEFORMNAME ROUTENAME STARTMARKETINGDATE ENDMARKETINGDATE MARKETINGCATEGORYNAME APPLICATIONNUMBER
LABELERNAME SUBSTANCENAME ACTIVE_NUMERATOR_STRENGTH ACTIVE_INGRED_UNIT PHARM_CLASSES DEASCHEDULE
NDC_EXCLUDE_FLAG LISTING_RECORD_CERTIFIED_THROUGH
"""
PACKAGES = """
PRODUCTID PRODUCTNDC NDCPACKAGECODE PACKAGEDESCRIPTION STARTMARKETINGDATE ENDMARKETINGDATE
NDC_EXCLUDE_FLAG SAMPLE_PACKAGE
"""


def table(table_id):
    return pd.read_csv(dataset_path(table_id), dtype=str, keep_default_na=False)


def written(rows, *, delimiter=",", end="\n"):
    text = io.StringIO()
    style = {"quoting": csv.QUOTE_NONE, "quotechar": None} if delimiter in "~\t" else {}
    csv.writer(text, delimiter=delimiter, lineterminator=end, **style).writerows(rows)
    return text.getvalue()


def wide(frame, years, *, people):
    """Five years side by side, as CMS prints spending by drug."""
    figures = {name: cell for name, cell in FIGURES.items() if people or "Bene" not in name}
    header = ["Brnd_Name", "Gnrc_Name", "Tot_Mftr", "Mftr_Name"]
    header += [f"{name}_{year}" for year in years for name in figures]
    first, before, last = years[0], years[-2], years[-1]
    header += [f"Chg_Avg_Spnd_Per_Dsg_Unt_{before[2:]}_{last[2:]}"]
    header += [f"CAGR_Avg_Spnd_Per_Dsg_Unt_{first[2:]}_{last[2:]}"]
    rows = [header]
    for (brand, generic, labeler), group in frame.groupby(["brand_name", "generic_name", "labeler"]):
        by_year = group.set_index("year").to_dict("index")
        labelers = next((row["n_labelers"] for row in by_year.values() if row["n_labelers"]), "1")
        cells = [brand, generic, labelers, labeler]
        for year in years:
            cells += [by_year.get(year, {}).get(cell, "") for cell in figures.values()]
        average = [by_year.get(year, {}).get(FIGURES["Avg_Spnd_Per_Dsg_Unt_Wghtd"], "") for year in years]
        cells += [growth(average[-2], average[-1], 1), growth(average[0], average[-1], len(years) - 1)]
        rows.append(cells)
    return written(rows)


def growth(start, end, years):
    return f"{(float(end) / float(start)) ** (1 / years) - 1:.10f}" if start and end else ""


def part_d():
    frame = table("us/part_d_spending")
    years = [str(year) for year in range(2018, 2023)]
    return wide(frame[frame["release"].eq("2018-2022")], years, people=True)


def medicaid():
    frame = table("us/medicaid_spending")
    years = [str(year) for year in range(2019, 2024)]
    return wide(frame[frame["release"].eq("2019-2023")], years, people=False)


def sdud():
    frame = table("us/sdud_sample")
    header = [
        "Utilization Type", "State", "NDC", "Labeler Code", "Product Code", "Package Size", "Year",
        "Quarter",
        "Suppression Used", "Product Name", "Units Reimbursed", "Number of Prescriptions",
        "Total Amount Reimbursed", "Medicaid Amount Reimbursed", "Non Medicaid Amount Reimbursed",
    ]  # fmt: skip
    cells = [name.lower().replace(" ", "_") for name in header]
    cells[-3:] = [f"{name}_usd" for name in cells[-3:]]
    rows = frame[cells].to_numpy().tolist()
    withheld = ["MCOU", *rows[0][1:8], "true", rows[0][9], *[""] * 5]
    national = ["FFSU", "XX", *rows[0][2:9], rows[0][9], "99999.000", "2400", "38000.50", "38000.50", "0.00"]
    return written([header, *rows, withheld, national])


def part_d_geography():
    frame = table("us/part_d_spending")
    frame = frame[frame["year"].eq("2022") & frame["row_level"].eq("all labelers")]
    header = GEOGRAPHY.split()
    rest = ["*", "", "", "", "*", "", "", "", "N", "N", "N", "N"]
    rows = [
        ["National", "", "National", row["brand_name"], row["generic_name"], "100", row["claims"],
         row["claims"] + ".0", row["total_spending_usd"], row["beneficiaries"], *rest]
        for row in frame.to_dict("records")
    ]  # fmt: skip
    state = ["State", "02", "Alaska", "Klonopin", "Clonazepam", "5", "12", "14.0", "2886.00", "", *rest]
    return written([header, *rows, state])


def nadac_comparison():
    frame = table("us/nadac")
    frame = frame[frame["strength_mg"].eq("2")].iloc[[0, 1, -1]]
    header = [
        "NDC Description", "NDC", "Old NADAC Per Unit", "New NADAC Per Unit",
        "Classification for Rate Setting", "Percent Change", "Primary Reason", "Start Date", "End Date",
        "Effective Date",
    ]  # fmt: skip
    rows = [header]
    for row, factor in zip(frame.to_dict("records"), (1.05, 0.9, 0.96), strict=True):
        code, new = row["classification_code"], float(row["price"])
        old = round(new * factor, 5)
        change = f"{100 * (new / old - 1):.2f}"
        day = pd.Timestamp(row["date"]).strftime("%m/%d/%Y")
        reason = "WAC Adjustment" if code == "B" else "Survey Rate"
        rows.append([row["product"], row["product_id"], f"{old:.5f}", row["price"], code,
                     change, reason, "04/22/2026", "04/29/2026", day])  # fmt: skip
    rows.append(["LORAZEPAM 2 MG/ML VIAL", "00641604425", "1.80000", "1.77696", "G", "-1.28", "Survey Rate",
                 "04/22/2026", "04/29/2026", "04/22/2026"])  # fmt: skip
    return written(rows)


def orange_book():
    header = ORANGE_BOOK.split()
    forms = {"tablet": "TABLET;ORAL", "orally disintegrating tablet": "TABLET, ORALLY DISINTEGRATING;ORAL"}
    kinds = {"prescription": "RX", "discontinued": "DISCN"}
    notice = (
        " **Federal Register determination that product was not discontinued or withdrawn for safety or "
        "efficacy reasons**"
    )
    rows = [header]
    for row in table("us/orange_book").to_dict("records"):
        day = pd.Timestamp(row["approval_date"]) if row["approval_date"] else None
        told = row["not_withdrawn_for_safety_or_efficacy_notice"] == "yes"
        rows.append([
            "CLONAZEPAM", forms[row["form"]], row["trade_name"], row["applicant"][:20].strip(),
            f"{row['strength_mg']}MG{notice if told else ''}", row["appl_type"][0], row["appl_no"],
            row["product_no"], row["te_code"],
            f"{day:%b} {day.day}, {day.year}" if day else "Approved Prior to Jan 1, 1982",
            row["reference_listed_drug"].title(), row["reference_standard"].title(),
            kinds[row["marketing_status"]], row["applicant"],
        ])  # fmt: skip
    return written(rows, delimiter="~", end="\r\n")


def listings():
    frame = table("us/ndc_and_shortage")
    return frame[frame["record_type"].eq("listing")].to_dict("records")


def ndc_products():
    header = PRODUCTS.split()
    rows = [header]
    for at, row in enumerate(listings()):
        rows.append([
            f"{row['product_ndc']}_{at:08d}-0000-0000-0000-000000000000", row["product_ndc"],
            "HUMAN PRESCRIPTION DRUG", "Clonazepam", "", "Clonazepam", row["form"].upper(), "ORAL",
            row["marketing_start_date"].replace("-", ""), "", "ANDA", row["application_no"],
            row["labeler"], "CLONAZEPAM", row["strength_mg"], "mg/1", "Benzodiazepine [EPC]", "CIV", "N",
            "20261231",
        ])  # fmt: skip
    brand = list(rows[1])
    brand[0:4] = ["61269-620_00000099-0000-0000-0000-000000000000", "61269-620", rows[1][2], "Klonopin"]
    brand[10:13] = ["NDA", "NDA017533", "H2-Pharma, Soci\u00e9t\u00e9"]
    brand[14] = "2"
    return written([*rows, brand], delimiter="\t", end="\r\n")


def ndc_packages():
    header = PACKAGES.split()
    rows = [header]
    for at, row in enumerate(listings()):
        sizes = row["package_sizes_tablets"].split(";")
        for code, size in zip(row["package_ndcs"].split(";"), sizes, strict=True):
            text = f"{size} TABLET in 1 BOTTLE ({code})"
            if "blister" in size:
                text = f"50 BLISTER PACK in 1 BOX, UNIT-DOSE ({code})  > 1 TABLET in 1 BLISTER PACK"
            rows.append([
                f"{row['product_ndc']}_{at:08d}-0000-0000-0000-000000000000", row["product_ndc"], code, text,
                row["marketing_start_date"].replace("-", ""), "", "N", "N",
            ])  # fmt: skip
    return written(rows, delimiter="\t", end="\r\n")


FILES = {
    "cms/DSD_PTD_RY24_P04_V10_DY22_BGM.csv": (part_d, "utf-8"),
    "cms/DSD_MCD_RY25_P06_V20_D23_BGM.csv": (medicaid, "utf-8"),
    "cms/SDUD2022.csv": (sdud, "utf-8"),
    "cms/MUP_DPR_RY24_P04_V10_DY22_Geo.csv": (part_d_geography, "utf-8"),
    "cms/nadac-comparison-04-29-2026.csv": (nadac_comparison, "utf-8"),
    "fda/products.txt": (orange_book, "cp1252"),
    "fda/product.txt": (ndc_products, "cp1252"),
    "fda/package.txt": (ndc_packages, "cp1252"),
}

if __name__ == "__main__":
    for name, (compose, encoding) in FILES.items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(compose().encode(encoding))
