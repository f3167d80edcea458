"""The bundled studies besides the first: each report is made, and says its caution and its numbers."""

import pytest

from costmodel.report import build_report


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("clonazepam-brazil", ["CMED sets ceilings", "182.38", "5.48"]),
        ("clonazepam-england", ["No price of Rivotril", "112.00", "to be confirmed against NHSBSA"]),
        ("clonazepam-one-person", ["economic illustration, not advice", "743.86", "source: 8 recalled"]),
        ("template-generic-vs-brand", ["Every number of this study is hypothetical", "790.83"]),
    ],
)
def test_a_report_says_what_its_study_says(study, words, tmp_path):
    built = build_report(study, out_dir=tmp_path, formats=("html",), progress=False)
    said = " ".join(built.paths[0].read_text(encoding="utf-8").split())
    for word in words:
        assert word in said
    # what differs between strategies is never called the same
    assert "give the same days" not in said
