import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies_prices import patient

from costmodel.datasets import dataset_path
from costmodel.prices import read_prices
from costmodel.prices.descriptions import read_description

READ = [
    ("CLONAZEPAM 0.5 MG TABLET", "clonazepam", 0.5, "tablet"),
    ("CLONAZEPAM 0.125 MG DIS TAB", "clonazepam", 0.125, "orally disintegrating tablet"),
    ("CLONAZEPAM 2 MG ODT", "clonazepam", 2, "orally disintegrating tablet"),
    ("CLONAZEPAM 2 MG TAB RAPDIS", "clonazepam", 2, "orally disintegrating tablet"),
    ("ALPRAZOLAM ODT 0.25 MG TAB", "alprazolam", 0.25, "orally disintegrating tablet"),
    ("KLONOPIN 2 MG TABLET", "klonopin", 2, "tablet"),
    ("LEVETIRACETAM ER 500 MG TABLET", "levetiracetam", 500, "extended-release tablet"),
    ("KEPPRA 1,000 MG TABLET", "keppra", 1000, "tablet"),
    ("KEPPRA XR 500 MG TABLET", "keppra", 500, "extended-release tablet"),
    ("WELLBUTRIN SR 150 MG TABLET", "wellbutrin", 150, "sustained-release tablet"),
    ("BUPROPION HCL XL 150 MG TABLET", "bupropion hcl", 150, "extended-release tablet"),
    ("WOMEN'S GENTLE LAX EC 5 MG TAB", "women's gentle lax", 5, "delayed-release tablet"),
    ("LANSOPRAZOLE DR 15 MG CAPSULE", "lansoprazole", 15, "delayed-release capsule"),
    ("KAPSPARGO SPRINKLE 100 MG CAP", "kapspargo", 100, "sprinkle capsule"),
    ("ADZENYS XR-ODT 3.1 MG TABLET", "adzenys", 3.1, "extended-release orally disintegrating tablet"),
    ("DILTIAZEM 12HR ER 120 MG CAP", "diltiazem", 120, "12-hour extended-release capsule"),
    ("LAMOTRIGINE 5 MG DISPER TABLET", "lamotrigine", 5, "dispersible tablet"),
    ("LEVOTHYROXINE 25 MCG TABLET", "levothyroxine", 0.025, "tablet"),
    ("METFORMIN 1.005 GM TABLET", "metformin", 1005, "tablet"),
    ("SUCRALFATE 1 G TABLET", "sucralfate", 1000, "tablet"),
    ("  Clonazepam  0.5mg  Tablet ", "clonazepam", 0.5, "tablet"),
]


@pytest.mark.parametrize(("text", "name", "strength", "form"), READ)
def test_read(text, name, strength, form):
    found = read_description(text)
    assert (found.name, found.strength_mg, found.form, found.reason) == (name, strength, form, "")
    assert found.unit == form.split()[-1]


NOT_READ = [
    ("KLOR-CON 10 MEQ TABLET", "in MEQ, not in mg"),
    ("KLOR-CON M15 TABLET", "no strength"),
    ("DIALYVITE 3,000 TABLET", "no strength"),
    ("24HR ALLERGY(LEVOCETIRZN) 5 MG", "no form"),
    ("ALPRAZOLAM INTENSOL 1 MG/ML", "a concentration or a rate: 1 MG/ML"),
    ("CLONIDINE 0.1 MG/DAY PATCH", "a concentration or a rate"),
    ("ACETAMINOPHEN 160 MG/5 ML LIQ", "more than one amount: 160 MG, 5 ML"),
    ("LISINOPRIL-HCTZ 20-12.5 MG TAB", "more than one strength: 20-12.5 MG"),
    ("AMOX-CLAV 250/125 MG TABLET", "more than one strength: 250/125 MG"),
    ("LEVONORGESTREL-ETH ESTRADIOL-FE BISGLYC 0.1-0.02-36.5 MG TAB", "0.1-0.02-36.5 MG"),
    ("VITAMIN D3 50 MCG (2,000 UNIT) TAB", "more than one amount: 50 MCG, 2,000 UNIT"),
    ("CALCIUM 600 D 10 MG TABLET", "a number without a unit: 600"),
    ("DIAZEPAM 10 MG RECTAL GEL (2PK)", "'RECTAL'"),
    ("METHYLPREDNISOLONE 4 MG TABLET DOSE PACK", "'DOSE'"),
    ("BUPROPION HCL ER (SR) 150 MG TAB", "more than one form: extended-release, sustained-release"),
    ("X 5 MG CAP TAB", "more than one form: capsule, tablet"),
    ("X ODT 5 MG CHEW TAB", "more than one form: orally disintegrating, chewable"),
    ("X 0 MG TABLET", "the strength is 0 MG"),
    ("ALREX 0.2% EYE DROPS", "in %, not in mg"),
    ("", "no strength"),
]


@pytest.mark.parametrize(("text", "reason"), NOT_READ)
def test_never_guessed(text, reason):
    found = read_description(text)
    assert reason in found.reason
    assert (found.form, found.unit) == ("", "")


@pytest.mark.parametrize("table_id", ["us/nadac", "us/nadac_other_molecules"])
def test_against_strength_and_form_entered_by_hand(table_id):
    frame = read_prices(dataset_path(table_id)).frame
    found = [read_description(text) for text in frame["product"]]
    assert [one.strength_mg for one in found] == frame["strength_mg"].tolist()
    assert [one.form for one in found] == frame["form"].tolist()


@patient
@given(
    st.decimals("0.001", "9999", places=3),
    st.sampled_from(["", " ER", " SR", " CR", " DR", " LA", " ODT"]),
    st.sampled_from(["TABLET", "TAB", "CAPSULE", "CAP"]),
)
def test_strength_is_the_printed_number_and_forms_stay_apart(strength, release, base):
    found = read_description(f"DRUG{release} {strength} MG {base}")
    plain = read_description(f"DRUG {strength} MG {base}")
    assert found.strength_mg == float(strength)
    assert (found.form == plain.form) == (release == "")


@patient
@given(st.text())
def test_any_text_is_read_or_has_a_reason(text):
    found = read_description(text)
    assert bool(found.reason) != bool(found.form)
    if found.form:
        assert found.strength_mg > 0
