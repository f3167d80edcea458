"""Files in the shape of NADAC and of State Drug Utilization Data, of any size, with nothing real in them."""

# ruff: noqa: S608 (numbers and a path of our own stand in the SQL)
from __future__ import annotations

from pathlib import Path

_PRODUCTS = 26_000
# fmt: off
_SYLLABLES = [
    "ba", "ce", "di", "fo", "gu", "lam", "men", "nor", "pra", "sil", "tor", "vex", "zol", "kin", "mab",
]
_STATES = [
    "AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "IA", "ID", "IL", "IN", "KS", "KY",
    "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY",
    "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT", "WA", "WI", "WV",
]
# fmt: on

_DRUGS = f"""
CREATE OR REPLACE TEMP TABLE syllables AS
  SELECT unnest({_SYLLABLES!r}) AS s, generate_subscripts({_SYLLABLES!r}, 1) - 1 AS n;
CREATE OR REPLACE TEMP TABLE drugs AS
SELECT p AS product, lpad((1e9::BIGINT + p * 7919)::VARCHAR, 11, '0') AS ndc,
  CASE WHEN p % 2000 = 0 THEN 'CLONAZEPAM' WHEN p % 2000 = 1 THEN 'KLONOPIN' ELSE
    upper(a.s || b.s || c.s || CASE p % 3 WHEN 0 THEN 'ine' WHEN 1 THEN 'ol' ELSE 'ate' END) END AS name,
  CASE p % 4 WHEN 0 THEN '0.5' WHEN 1 THEN '1' WHEN 2 THEN '2' ELSE '25' END AS strength,
  CASE WHEN p % 2000 = 1 OR p % 9 = 3 THEN 'B' ELSE 'G' END AS class,
  CASE p % 5 WHEN 3 THEN ' MG/ML SOLUTION' WHEN 4 THEN ' MG CAPSULE' ELSE ' MG TABLET' END AS form
FROM range({_PRODUCTS}) AS r(p)
JOIN syllables a ON a.n = p % 15 JOIN syllables b ON b.n = (p // 15) % 15
JOIN syllables c ON c.n = (p // 225) % 15
ORDER BY p;
"""

_NADAC = """
SELECT name || ' ' || strength || form AS "NDC Description", ndc AS "NDC",
  printf('%.5f', 0.01 + ((product * 31 + week // 4) % 5000) / 997.0) AS "NADAC Per Unit",
  strftime(DATE '2010-01-06' + (7 * (week - week % 4))::INTEGER, '%m/%d/%Y') AS "Effective Date",
  CASE WHEN product % 5 = 3 THEN 'ML' ELSE 'EA' END AS "Pricing Unit", 'C/I' AS "Pharmacy Type Indicator",
  'N' AS "OTC", '1' AS "Explanation Code", class AS "Classification for Rate Setting",
  '' AS "Corresponding Generic Drug NADAC Per Unit", '' AS "Corresponding Generic Drug Effective Date",
  strftime(DATE '2010-01-06' + (7 * week)::INTEGER, '%m/%d/%Y') AS "As of Date"
FROM (SELECT i // {products} AS week, i % {products} AS product FROM range({rows}) AS r(i))
JOIN drugs USING (product)
"""

_SDUD = """
SELECT CASE i % 2 WHEN 0 THEN 'FFSU' ELSE 'MCOU' END AS "Utilization Type",
  {states}[1 + (i // 2) % 49] AS "State", ndc AS "NDC",
  ndc[1:5] AS "Labeler Code", ndc[6:9] AS "Product Code", ndc[10:11] AS "Package Size",
  2019 + i // (98 * {products} * 4) AS "Year", 1 + (i // (98 * {products})) % 4 AS "Quarter",
  CASE WHEN i % 11 = 0 THEN 'true' ELSE 'false' END AS "Suppression Used", name[1:10] AS "Product Name",
  CASE WHEN i % 11 = 0 THEN '' ELSE printf('%.3f', (i % 90001) / 3.0 + 11) END AS "Units Reimbursed",
  CASE WHEN i % 11 = 0 THEN '' ELSE (11 + i % 977)::VARCHAR END AS "Number of Prescriptions",
  CASE WHEN i % 11 = 0 THEN '' ELSE printf('%.2f', (i % 70001) / 7.0 + 5) END AS "Total Amount Reimbursed",
  CASE WHEN i % 11 = 0 THEN '' ELSE printf('%.2f', (i % 70001) / 7.0 + 5) END AS "Medicaid Amount Reimbursed",
  CASE WHEN i % 11 = 0 THEN '' ELSE '0.00' END AS "Non Medicaid Amount Reimbursed"
FROM (SELECT i, (i // 98) % {products} AS product FROM range({rows}) AS r(i)) JOIN drugs USING (product)
"""


def make(shape: str, rows: int, path: Path) -> None:
    """Write a file of ``rows`` rows in the shape of ``nadac`` or ``sdud``."""
    import duckdb

    query = {"nadac": _NADAC, "sdud": _SDUD}[shape].format(products=_PRODUCTS, rows=rows, states=_STATES)
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(path.parent / "spill")}) as made:
        made.execute(_DRUGS)
        made.execute(f"COPY ({query}) TO '{path}' (HEADER)")
