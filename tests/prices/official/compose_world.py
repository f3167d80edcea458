"""Composes the excerpts of the United Kingdom, Brazil, South Africa and WHO from the bundled tables.

Run from the root of the repository: ``python tests/prices/official/compose_world.py``. README.md says what
is not from a bundled table.
"""

import csv
import datetime as dt
import importlib.util
import io
from pathlib import Path

import pandas as pd

from costmodel.datasets import dataset_path

HERE = Path(__file__).parent
_SPEC = importlib.util.spec_from_file_location("xlsx", HERE.parent / "xlsx.py")
xlsx = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(xlsx)

TARIFF = "Medicine|Pack size||VMP Snomed Code|VMPP Snomed Code|Drug Tariff Category|Basic Price"
TARIFF_ROWS = """
Abacavir 600mg / Lamivudine 300mg tablets|30|tablet|39724011000001106|8991611000001104|C|35225
Acamprosate 333mg gastro-resistant tablets|168|tablet|42267511000001104|994511000001109|M|2414
Acetylcysteine 2g/10ml solution for infusion ampoules|10|ampoule|38895811000001106|3935611000001105|C|2126
Aciclovir 30mg/g eye ointment|4.5|gram|41485511000001108|1187011000001105|C|4500
Aciclovir 5% cream|2|gram|41485711000001103|2915611000001106|A|238
Alfentanil 1mg/2ml solution for injection ampoules|10|ampoule|35896411000001108|4400411000001109|C|634
Alginate raft-forming oral suspension sugar free|150|ml|3402111000001102|3028911000001102|C|317
"""
PCA = (
    "YEAR_MONTH REGION_NAME REGION_CODE ICB_NAME ICB_CODE DISPENSER_ACCOUNT_TYPE BNF_PRESENTATION_CODE "
    "BNF_PRESENTATION_NAME SNOMED_CODE SUPPLIER_NAME UNIT_OF_MEASURE GENERIC_BNF_EQUIVALENT_CODE "
    "GENERIC_BNF_EQUIVALENT_NAME BNF_CHEMICAL_SUBSTANCE_CODE BNF_CHEMICAL_SUBSTANCE BNF_PARAGRAPH_CODE "
    "BNF_PARAGRAPH BNF_SECTION_CODE BNF_SECTION BNF_CHAPTER_CODE BNF_CHAPTER PREP_CLASS "
    "PRESCRIBED_PREP_CLASS ITEMS TOTAL_QUANTITY NIC PHARMACY_ADVANCED_SERVICE"
)
PCA_ANNUAL = (
    "Financial Year|BNF Chapter Code|BNF Chapter Name|BNF Section Code|BNF Section Name|BNF Paragraph Code|"
    "BNF Paragraph Name|BNF Chemical Substance Code|BNF Chemical Substance Name|BNF Presentation Code|"
    "BNF Presentation Name|SNOMED Code|Supplier Name|Unit of Measure|Generic BNF Presentation Code|"
    "Generic BNF Presentation Name|Preparation Class|Prescribed Preparation Class|Advanced Service Type|"
    "Total Items|Total Quantity|Total Cost (GBP)|"
    "Cost Per Item (GBP)|Cost Per Quantity (GBP)|Quantity Per Item"
)
DISPENSED = [
    # presentation code, name, supplier, preparation class, items, quantity, pence a unit; figures invented
    ("0408010F0AAACAC", "Clonazepam 2mg tablets", "Not Available", "01", 1200, 84000, None),
    ("0408010F0AAABAB", "Clonazepam 500microgram tablets", "Not Available", "01", 3100, 186000, None),
    ("0408010F0BBABAC", "Rivotril 2mg tablets", "Roche Products Ltd", "03", 4, 400, 6.0),
    (
        "0408010F0AAAMAM",
        "Clonazepam 2mg/5ml oral solution sugar free",
        "Not Available",
        "01",
        90,
        13500,
        None,
    ),
]
CMED = (
    "SUBSTÂNCIA|CNPJ|LABORATÓRIO|CÓDIGO GGREM|REGISTRO|EAN 1|EAN 2|EAN 3|PRODUTO|APRESENTAÇÃO|"
    "CLASSE TERAPÊUTICA|TIPO DE PRODUTO (STATUS DO PRODUTO)|REGIME DE PREÇO|"
    "PF Sem Impostos|PF 0%|PF 12%|PF 17,5% ALC|PF 18%|"
    "PMC Sem Impostos|PMC 0%|PMC 12%|PMC 17,5% ALC|PMC 18%|RESTRIÇÃO HOSPITALAR|CAP|CONFAZ 87|ICMS 0%|"
    "ANÁLISE RECURSAL|LISTA DE CONCESSÃO DE CRÉDITO TRIBUTÁRIO (PIS/COFINS)|COMERCIALIZAÇÃO 2025|TARJA"
)
SEP = (
    "Applicants MCC Licence No|Applicant Name|MCC Medicine Reg. No.|Nappi Code|ATC 4|Medicine Schedule|"
    "Medicine Proprietary Name|Active Ingredients|Strength|Unit|Dosage Form|Pack Size|Quantity|"
    "Manufacturer Price|Logistics Fee|VAT|SEP|Unit Price|Effective Date|Status|Originator or Generic"
)
ROUTES = {"oral": "O", "parenteral": "P"}


def table(table_id):
    return pd.read_csv(dataset_path(table_id), dtype=str, keep_default_na=False)


def names(text):
    return text.split("|" if "|" in text else None)


def flat(*parts):
    return [cell for part in parts for cell in part]


def csv_text(rows, *, delimiter=",", end="\r\n"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


def tariff_rows(month):
    """The title, a blank row, the header with its unnamed column, and the rows in order of the alphabet."""
    day = dt.date.fromisoformat(f"{month}-01")
    rows = [text.split("|") for text in TARIFF_ROWS.strip().splitlines()]
    rows = [[*cells[:5], f"Part VIIIA Category {cells[5]}", cells[6]] for cells in rows]
    own = table("gb/drug_tariff")
    for row in own[own["date"] == day.isoformat()].to_dict("records"):
        rows.append(
            flat(
                [row["product"], row["pack_size"], row["unit"], row["vmp_snomed_code"], row["product_id"]],
                [row["drug_tariff_category"], row["basic_price_pence"]],
            )
        )
    title = [f"{day:%B} Drug Tariff Part VIIIA", *[""] * 6]
    return [title, [""] * 7, names(TARIFF), *sorted(rows)]


def dispensed():
    """Quantity times the tariff's basic price of September 2025, where the tariff has the product."""
    tariff = table("gb/drug_tariff")
    tariff = tariff[tariff["date"] == "2025-09-01"].set_index("product")
    for code, name, supplier, preparation, items, quantity, pence in DISPENSED:
        found = tariff.loc[name] if name in tariff.index else None
        each = pence if found is None else int(found["basic_price_pence"]) / float(found["pack_size"])
        generic = name.replace("Rivotril", "Clonazepam")
        yield {
            "code": code,
            "name": name,
            "snomed": "42127311000001100" if found is None else found["vmp_snomed_code"],
            "supplier": supplier,
            "unit": "tablet" if found is None else found["unit"],
            "generic": generic,
            "generic_code": next(row[0] for row in DISPENSED if row[1] == generic),
            "class": preparation,
            "items": items,
            "quantity": quantity,
            "cost": round(quantity * each / 100, 2),
        }


def pca_rows():
    """One board of September 2025; the oral solution is dispensed by a doctor."""
    rows = [names(PCA)]
    for row in dispensed():
        doctor = "oral" in row["name"]
        rows.append(
            flat(
                [
                    "202509",
                    "NORTH WEST",
                    "Y62",
                    "NHS LANCASHIRE AND SOUTH CUMBRIA INTEGRATED CARE BOARD",
                    "QE1",
                ],
                ["English Dispensing Doctor" if doctor else "Pharmacy Contractor", row["code"], row["name"]],
                [row["snomed"], row["supplier"], row["unit"], row["generic_code"], row["generic"]],
                [
                    "0408010F0",
                    "Clonazepam",
                    "040801",
                    "Control of epilepsy",
                    "0408",
                    "Antiepileptic drugs",
                    "04",
                ],
                ["Central Nervous System", row["class"], row["class"], row["items"], row["quantity"]],
                [f"{row['cost']:g}", "Not applicable"],
            )
        )
    return rows


def pca_annual_sheets():
    """A cover, another level, and the sheet of SNOMED codes below its title and notes."""
    rows = [
        ["Prescription Cost Analysis - England 2024/2025 totals by SNOMED code"],
        ["Due to rounding, total figures may not match exactly between the different summary tables."],
        ["Some products may appear with an item count and 0 quantity and 0 cost."],
        [],
        names(PCA_ANNUAL),
    ]
    for row in dispensed():
        items, quantity, cost = (row[name] * 12 for name in ("items", "quantity", "cost"))
        rows.append(
            flat(
                ["2024/2025", "04", "Central Nervous System", "0408", "Antiepileptic drugs", "040801"],
                ["Control of epilepsy", "0408010F0", "Clonazepam", row["code"], row["name"], row["snomed"]],
                [
                    row["supplier"],
                    row["unit"],
                    row["generic_code"],
                    row["generic"],
                    row["class"],
                    row["class"],
                ],
                [
                    "Not applicable",
                    items,
                    quantity,
                    round(cost, 2),
                    cost / items,
                    cost / quantity,
                    quantity / items,
                ],
            )
        )
    cover = [["Prescription Cost Analysis - England 2024/2025"], ["Publication date: 5 June 2025"]]
    national = [
        ["overall totals"],
        ["Financial Year", "Total Items", "Total Cost (GBP)"],
        ["2024/2025", 1, 1.0],
    ]
    return {"Cover sheet": cover, "National": national, "SNOMED_Codes": rows}


def brl(amount):
    """Reais as the list prints them: a decimal comma, and nothing between thousands."""
    return f"{amount:.2f}".replace(".", ",")


def cmed_rows():
    """The 98 bundled presentations; codes, types, and all prices but PF without taxes are invented."""
    frame = table("intl/prices_incomplete")
    rows = [names(CMED)]
    for at, row in enumerate(frame[frame["source"] == "BRA_CMED"].to_dict("records"), start=1):
        brand, company = row["class"] == "brand", row["supplier"]
        similar = company.startswith(("CRISTALIA", "UNIAO QUIMICA"))
        kind = "Novo" if brand else "Similar" if similar else "Genérico"
        price, hospital = float(row["price"]), row["market"] == "hospital"
        factory = [brl(price), brl(price), brl(price / 0.88), brl(price / 0.825), brl(price / 0.82)]
        consumer = (
            ["    -     "] * 5 if hospital else [brl(float(x.replace(",", ".")) * 1.38) for x in factory]
        )
        rows.append(
            flat(
                ["CLONAZEPAM", "00.000.000/0001-00", company, f"5{at:014d}", f"1{at:012d}", f"789{at:010d}"],
                ["    -     ", "    -     ", "RIVOTRIL" if brand else "CLONAZEPAM", row["note"]],
                [
                    "N3A - ANTIEPILÉPTICOS",
                    kind,
                    "Regulado",
                    *factory,
                    *consumer,
                    "Sim" if hospital else "Não",
                ],
                ["Não", "Não", "Não", "", "Positiva", "Sim", "Tarja Preta"],
            )
        )
    return rows


def cmed_sheet():
    """The workbook of the site: notes above the header, a third of the rows, and three of other kinds."""
    header, *rows = cmed_rows()
    rows = rows[::3]
    notes = [["Secretaria Executiva da Câmara de Regulação do Mercado de Medicamentos - CMED"], []]
    notes += [["LISTA DE PREÇOS DE MEDICAMENTOS - PREÇOS FÁBRICA E MÁXIMOS AO CONSUMIDOR"]]
    notes += [["Publicada em 10/06/2026, às 12h00min."], []]
    notes += [[f"{n}. Nota explicativa sobre a aplicação dos preços desta lista."] for n in range(1, 36)]
    first = rows[0]
    both = ["PARACETAMOL;FOSFATO DE CODEÍNA", *first[1:3], f"5{901:014d}", *first[4:8], "CODEX"]
    both += ["500 MG + 30 MG COM CT BL AL PLAS TRANS X 24", *first[10:]]
    slow = ["CLORIDRATO DE METFORMINA", *first[1:3], f"5{902:014d}", *first[4:8], "CLORIDRATO DE METFORMINA"]
    slow += ["500 MG COM AÇÃO PROL CT BL AL PLAS X 30", *first[10:]]
    free = ["DIPIRONA", *first[1:3], f"5{903:014d}", *first[4:8], "DIPIRONA", "500 MG COM CT BL AL PLAS X 10"]
    free += [*first[10:12], "Liberado", *["- (*) "] * 10, *first[23:]]
    return {"Planilha1": [*notes, header, *rows, both, slow, free]}


def sep_sheet():
    """The bundled rows, and others of the same list; the ingredients' columns are ours, see README.md."""
    rows = [names(SEP)]
    bundled = pd.concat([table("za/sep"), table("za/sep_incomplete")])
    forms = {"tablet": "TAB", "injection": "INJ", "oral drops": "DRP"}
    for row in bundled.to_dict("records"):
        injection = row["form"] == "injection"
        pack = [1, float(row["pack_size"])] if injection else [float(row["pack_size"]), 1]
        figures = [float(row[name]) for name in ("manufacturer_price", "logistics_fee", "vat", "price")]
        day = dt.date.fromisoformat(row["date"])
        rows.append(
            flat(
                [
                    "0000000303",
                    "Roche Products (Pty) Ltd",
                    row["registration_no"],
                    row["product_id"],
                    row["atc4"],
                ],
                [row["schedule"], row["product"], "Clonazepam", row["strength_mg"], _measure(row)],
                [forms[row["form"]], *pack, *figures, float(row["unit_price_printed"]), day, ""],
                [f"{row['originator_or_generic']} "],
            )
        )
    abbott = ["0000000125", "Abbott Laboratories SA Pty Ltd"]
    rows.append(
        [*abbott, "35/20.2.8/0254", "700922003", "J05AE", "S4", "Kaletra", "Lopinavir", "133.3", "mg"]
    )
    rows[-1] += ["CAP", 180, 1, 348.11, 29.71, 52.9, 430.71, 2.39, "27 March 2014", "", "Originator"]
    rows.append([*[""] * 7, "Ritonavir", "33.3", "mg", *[""] * 11])
    rows.append(names(SEP))
    rows.append(
        [*abbott, "J/27/334", "742317005", "M01CC", "S4", "Metalcaptase ", "Penicillamine", "300", "mg"]
    )
    rows[-1] += ["CAP", 100, "", "1 716.25", "100.91", "254.40", "2 071.56", "20.72", "27 March 2014", ""]
    rows[-1] += ["originator"]
    rows.append(
        [*abbott, "X/20.1.1/229", "704032001", "J01FA", "S4", "Clacee 250mg", "Clarithromycin", "250", "mg"]
    )
    rows[-1] += ["TAB", 10, 1, 60.02, 10.6, 9.89, 80.51, 8.05, "27 March 2014", "", "Generic"]
    rows.append([*abbott, "V/7.1/280", "734373007", "C08DA", "S4", "Isoptin SR", "Verapamil", "240", "mg"])
    rows[-1] += ["SRT", 30, 1, 140.06, 23.89, 22.95, 186.9, 6.23, "27 March 2014", "", "Originator"]
    return {"SEP": rows}


def _measure(row):
    return "" if not row["strength_mg"] else "mg/ml" if row["form"] == "injection" else "mg"


def atc_rows():
    """The bundled rows, and others as read in a copy of the index; NA stands for what is not assigned."""
    rows = [names("atc_code atc_name ddd uom adm_r note")]
    rows += [["A", "ALIMENTARY TRACT AND METABOLISM", "NA", "NA", "NA", "NA"]]
    rows += [["A01AA01", "sodium fluoride", "1.1", "mg", "O", "0.5 mg fluoride"]]
    rows += [["A02BA01", "cimetidine", "0.8", "g", route, "NA"] for route in "OP"]
    rows += [["A02BB02", "enprostil", "70", "mcg", "O", "NA"]]
    rows += [["A02BD01", "omeprazole, amoxicillin and metronidazole", "NA", "NA", "NA", "NA"]]
    rows += [
        ["A04AA02", "granisetron", dose, "mg", route, "NA"] for dose, route in (("2", "O"), ("3.1", "TD"))
    ]
    rows += [["N03AE", "Benzodiazepine derivatives", "NA", "NA", "NA", "NA"]]
    for row in table("who/atc_ddd").to_dict("records"):
        cells = [row["atc_code"], row["substance"], row["ddd_value"], row["ddd_unit"], ROUTES[row["route"]]]
        rows.append([*cells, row["note"] or "NA"])
    return rows


FILES = {
    "nhsbsa/Part VIIIA September 2025.csv": lambda: csv_text(tariff_rows("2025-09")).encode("cp1252"),
    "nhsbsa/Part VIIIA April 2026.csv": lambda: csv_text(tariff_rows("2026-04")).encode("cp1252"),
    "nhsbsa/pca_202509.csv": lambda: csv_text(pca_rows(), end="\n").encode(),
    "nhsbsa/pca_summary_tables_2024_25_v001.xlsx": lambda: xlsx.workbook(pca_annual_sheets()),
    "cmed/TA_PRECO_MEDICAMENTO.csv": lambda: csv_text(cmed_rows(), delimiter=";").encode("latin-1"),
    "cmed/lista_pmc.xlsx": lambda: xlsx.workbook(cmed_sheet()),
    "sep/Database Of Medicine Prices 18th February 2015.xlsx": lambda: xlsx.workbook(sep_sheet()),
    "who/WHO ATC-DDD.csv": lambda: csv_text(atc_rows(), end="\n").encode(),
}

if __name__ == "__main__":
    for name, composed in FILES.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_bytes(composed())
