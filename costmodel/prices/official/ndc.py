"""The US National Drug Code in all the forms it is written in, as 11 digits or refused.

A code names labeler, product and package. The FDA assigns 10 digits in three forms, 4-4-2, 5-3-2 and
5-4-1; billing (HIPAA, 45 CFR 162.1002) pads the short part with a zero, to 5-4-2. Without hyphens ten
digits do not tell where the zero belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costmodel.errors import CostModelError

_DIGITS = 11
_SHORTEST = 9
_PARTS = (5, 4, 2)
_FORMS = ((4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2))
_HYPHENED = re.compile(r"[0-9]+-[0-9]+-[0-9]+\Z")
_PLAIN = re.compile(r"[0-9]+\Z")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+\Z")
_FRACTION = re.compile(r"[0-9]+[.,][0-9]*\Z")


def normalise_ndc(text: str) -> str:
    """Return an NDC as its 11 digits, labeler 5, product 4, package 2.

    Parameters
    ----------
    text : str
        11 digits, or labeler-product-package with hyphens as 4-4-2, 5-3-2, 5-4-1 or 5-4-2.

    Raises
    ------
    CostModelError
        The text is none of these. Ten digits without hyphens have three readings and are refused.

    Examples
    --------
    >>> normalise_ndc("0093-3213-01"), normalise_ndc("72603-308-01"), normalise_ndc("61269-0620-1")
    ('00093321301', '72603030801', '61269062001')
    >>> normalise_ndc("6126906201")
    Traceback (most recent call last):
        ...
    costmodel.errors.CostModelError: has 10 digits without hyphens, which can mean 06126906201, \
61269006201 or 61269062001: give it with its hyphens or as 11 digits
    """
    code = text.strip()
    if _HYPHENED.match(code):
        return _padded(code)
    if not _PLAIN.match(code):
        raise CostModelError(_reason(code))
    if len(code) == _DIGITS:
        return code
    if len(code) == _DIGITS - 1:
        four, three, one = "0" + code, code[:5] + "0" + code[5:], code[:9] + "0" + code[9:]
        raise CostModelError(
            f"has 10 digits without hyphens, which can mean {four}, {three} or {one}: give it with its "
            "hyphens or as 11 digits"
        )
    raise CostModelError(f"must be an NDC of {_DIGITS} digits, not {len(code)}")


def _padded(code: str) -> str:
    parts = code.split("-")
    if tuple(map(len, parts)) not in _FORMS:
        shape = "-".join(str(len(part)) for part in parts)
        raise CostModelError(f"must be an NDC as 4-4-2, 5-3-2, 5-4-1 or 5-4-2 digits, not {shape}")
    return "".join(part.zfill(width) for part, width in zip(parts, _PARTS, strict=True))


def _reason(code: str) -> str:
    if _SCIENTIFIC.match(code):
        return (
            f"must be an NDC of {_DIGITS} digits; a spreadsheet wrote it as a rounded number and lost "
            "digits: import the column as text"
        )
    if _FRACTION.match(code):
        return f"must be an NDC of {_DIGITS} digits; a spreadsheet made it a number: import it as text"
    return f"must be an NDC of {_DIGITS} digits, or of three parts with hyphens"


def product_ndc(text: str) -> str:
    """Return labeler and product of an NDC as 9 digits.

    Raises
    ------
    CostModelError
        The text is not labeler-product with a hyphen, as 4-4, 5-3 or 5-4 digits.

    Examples
    --------
    >>> product_ndc("72603-308"), product_ndc("0093-3213")
    ('726030308', '000933213')
    """
    parts = text.strip().split("-")
    shape = tuple(len(part) if part.isdecimal() and part.isascii() else 0 for part in parts)
    if shape not in {form[:2] for form in _FORMS}:
        raise CostModelError("must be a product's NDC as 4-4, 5-3 or 5-4 digits with a hyphen")
    return parts[0].zfill(5) + parts[1].zfill(4)


@dataclass(frozen=True)
class NdcColumn:
    """How the NDCs of one column are read, which only the column as a whole can tell.

    Parameters
    ----------
    stripped : bool
        Whether leading zeros were lost on the way: some codes have 11 digits, others fewer, and no
        short one begins with 0. A column in which no code has 11 digits may hold 10-digit codes.
    hyphens : bool
        Whether the publisher writes hyphens.
    shortest : int
        The fewest digits a code may be left with.

    Examples
    --------
    >>> column = NdcColumn.of(["61269062010", "713088509"])
    >>> column.read("713088509")
    '00713088509'
    """

    stripped: bool
    hyphens: bool = False
    shortest: int = _SHORTEST

    @classmethod
    def of(cls, codes: Iterable[str], *, hyphens: bool = False, shortest: int = _SHORTEST) -> NdcColumn:
        """Look at every code of a column."""
        texts = [text for code in codes if (text := code.strip()) and _PLAIN.match(text)]
        short = [text for text in texts if len(text) < _DIGITS]
        whole = any(len(text) == _DIGITS for text in texts)
        return cls(whole and not any(text.startswith("0") for text in short), hyphens, shortest)

    def read(self, text: str) -> str:
        """Return the 11 digits of a code.

        Raises
        ------
        CostModelError
            It is no NDC, or the column does not show where a zero is missing.
        """
        code = text.strip()
        if "-" in code and not self.hyphens:
            raise CostModelError(f"must be an NDC of {_DIGITS} digits, without hyphens")
        if not _PLAIN.match(code) or not self.shortest <= len(code) < _DIGITS:
            return normalise_ndc(code)
        if not self.stripped:
            raise CostModelError(
                f"has {len(code)} of the {_DIGITS} digits of an NDC, and the column does not show where "
                "a zero is missing"
            )
        return code.zfill(_DIGITS)


def ndc_answers(
    given: Sequence[tuple[str, ...]], *, hyphens: bool = False, shortest: int = _SHORTEST
) -> dict[str, list[object]]:
    """Answer a look-up of a column's distinct codes: ``ndc``, ``restored`` and ``fault``."""
    codes = [key[0] for key in given]
    column = NdcColumn.of(codes, hyphens=hyphens, shortest=shortest)
    ndc: list[object] = []
    fault: list[object] = []
    for code in codes:
        try:
            ndc.append(column.read(code))
            fault.append("")
        except CostModelError as problem:
            ndc.append("")
            fault.append(str(problem))
    restored: list[object] = [_PLAIN.match(code) is not None and len(code) < _DIGITS for code in codes]
    return {"ndc": ndc, "restored": restored, "fault": fault}


NDC_ANSWERS = {"ndc": "VARCHAR", "restored": "BOOLEAN", "fault": "VARCHAR"}
"""The types of what :func:`ndc_answers` answers."""

NDC_REMEDY = "import the column as text, which keeps its zeros, or download the file again"
