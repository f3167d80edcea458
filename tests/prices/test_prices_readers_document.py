"""docs/readers.md: its example gives what it says, and it names every reader and every key."""

import doctest
import re
from pathlib import Path

from costmodel.prices import mapping, official

TEXT = (Path(__file__).parents[2] / "docs/readers.md").read_text(encoding="utf-8")


def test_the_example_gives_what_the_document_says(tmp_path, monkeypatch):
    blocks = dict(re.findall(r"```(csv|toml)\n(.*?)```", TEXT, re.DOTALL))
    (tmp_path / "list.csv").write_text(blocks["csv"], encoding="utf-8")
    (tmp_path / "list.toml").write_text(blocks["toml"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(code, {}, "readers.md", None, 0)
    said = []
    results = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert results.attempted == 5
    assert results.failed == 0, "".join(said)


def test_every_reader_is_in_the_table():
    named = set(re.findall(r"`(read_\w+)", TEXT))
    readers = {name for name in official.__all__ if name.startswith("read_")}
    assert readers <= named
    assert all(hasattr(official, name) or name == "read_mapped" for name in named)


def test_every_key_of_a_mapping_file_is_described():
    keys = re.findall(r"^\| `\[?(\w+)(?:\.NAME)?\]?` \|", TEXT, re.MULTILINE)
    assert {key for key in keys if not key.startswith("read_")} == {*mapping._KEYS, *mapping._FILE} - {"file"}
    assert all(f'"{form}"' in TEXT for form in mapping.DATES)
