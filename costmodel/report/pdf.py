"""Typst to PDF: tagged (PDF/UA-1), archival (PDF/A-2a), the same bytes wherever it is made."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from costmodel.errors import CostModelError
from costmodel.report.metadata import ReportMetadata
from costmodel.report.pandoc import TEMPLATES
from costmodel.report.text import clean, typst_string

if TYPE_CHECKING:
    import typst

STANDARDS: Final = ("a-2a", "ua-1")

_SANS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf")


def compile_pdf(body: str, metadata: ReportMetadata, *, folder: Path, fonts: Sequence[Path] = ()) -> bytes:
    """Return the PDF of a report.

    Parameters
    ----------
    body : str
        The report in Typst, without its title page.
    metadata : ReportMetadata
        The title page; its date is the PDF's time.
    folder : Path
        A temporary folder that holds the figures and receives the source and the fonts.
    fonts : sequence of Path
        Folders of further fonts. The machine's own fonts are never used.

    Raises
    ------
    CostModelError
        When a character has no glyph in any of the fonts, or a formula cannot be set.
    """
    import typst

    for path in fonts:
        if not path.is_dir():
            raise CostModelError(f"fonts: there is no folder {path}")
    shutil.copyfile(TEMPLATES / "report.typ", folder / "report.typ")
    source = folder / "main.typ"
    source.write_text(f"{_opening(metadata)}\n{body}", encoding="utf-8")
    try:
        data: bytes = typst.compile(
            str(source),
            root=str(folder),
            font_paths=[str(_sans_fonts(folder)), *map(str, fonts)],
            ignore_system_fonts=True,
            pdf_standards=list(STANDARDS),
            timestamp=metadata.timestamp,
        )
    except typst.TypstError as error:
        raise CostModelError(_explain(error)) from error
    return data


def _opening(metadata: ReportMetadata) -> str:
    language, _, region = metadata.language.partition("-")
    texts = {
        "title": metadata.title,
        "subtitle": metadata.subtitle,
        "date": metadata.date,
        "description": metadata.description,
        "lang": language,
    }
    lists = {"authors": metadata.authors, "keywords": metadata.keywords, "summary": metadata.summary}
    arguments = [f"{name}: {typst_string(text)}" for name, text in texts.items()]
    arguments += [
        f"{name}: ({''.join(f'{typst_string(item)}, ' for item in items)})" for name, items in lists.items()
    ]
    arguments.append(f"region: {typst_string(region) if region else 'none'}")
    return f'#import "report.typ": *\n#show: report.with({", ".join(arguments)})\n'


def _sans_fonts(folder: Path) -> Path:
    """Return a folder with DejaVu Sans, in which figures are lettered.

    Only these files: matplotlib's folder also holds a font of placeholders, which would hide a missing
    character from the check of the PDF's standard.
    """
    target = folder / "fonts"
    target.mkdir(exist_ok=True)
    for name in _SANS:
        shutil.copyfile(_matplotlib_fonts() / name, target / name)
    return target


def _matplotlib_fonts() -> Path:
    """Return matplotlib's folder of fonts, without importing matplotlib where its files lie beside it."""
    found = importlib.util.find_spec("matplotlib")
    folder = Path(str(found.origin)).parent / "mpl-data" / "fonts" / "ttf" if found else Path()
    if (folder / _SANS[0]).is_file():
        return folder
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


def _explain(error: typst.TypstError) -> str:
    missing = re.search(r'the text `?"(.*?)"`? could not be displayed', str(error.message))
    if missing:
        codes = ", ".join(f"U+{ord(character):04X}" for character in missing[1])
        return (
            f"the PDF's fonts cannot show '{missing[1]}' ({codes}); name a folder with a font that can, "
            "as fonts=[…], or ask for formats=['html'] only"
        )
    message = clean(str(error.message)).removeprefix("panicked with: ").strip('"')
    hints = "; ".join(error.hints or [])
    return f"the PDF cannot be made: {message}{f' ({hints})' if hints else ''}"
