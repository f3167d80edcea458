"""Segments: read, refused and written."""

import pytest

from costmodel.errors import DataError
from costmodel.populations import read_segments, write_segments


def written(tmp_path, text):
    path = tmp_path / "segments.csv"
    path.write_text(text)
    return path


def test_cells_hold_numbers_or_formulas(tmp_path):
    young, old = read_segments(
        written(
            tmp_path, "name,label,size,fee,note\nyoung,Young people,100,,\nold,,2 * n,fee_old / 2,guess\n"
        )
    )
    assert (young.label, young.size.text, dict(young.overrides)) == ("Young people", "100", {})
    assert old.label == "old"
    assert old.size.names == {"n"}
    assert old.overrides["fee"].names == {"fee_old"}
    assert (old.note, old.line) == ("guess", 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,label,size\na,A,1\na,B,2\n", "only once"),
        ("name,label\na,A\n", "size"),
        ("name,size\n1a,1\n", "must be a name"),
        ('name,size\na,"1,234"\n', "1234 or as 1.234"),
        ("name,size\na,-5\n", r"people must lie in \[0, inf\)"),
        ("name,size\na,n.real\n", "attributes"),
        ("name,size\n", "at least one segment"),
    ],
)
def test_faults(tmp_path, text, words):
    with pytest.raises(DataError, match=words):
        read_segments(written(tmp_path, text))


def test_written_and_read_again_is_the_same(tmp_path):
    text = 'name,label,size,fee,note\nyoung,"Young, healthy",100,,\nold,Old,2 * n,fee_old / 2,"a ""guess"""\n'
    segments = read_segments(written(tmp_path, text))
    assert read_segments(write_segments(segments, tmp_path / "again.csv")) == segments
