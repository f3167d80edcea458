"""The look of figures, and the numbers in them: colours that can be told apart, and formatters.

Nothing global changes when this module is imported: a style holds inside a ``with`` block.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from costmodel.checks import in_interval, one_of

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")
"""Five of Okabe and Ito's colours: those with a contrast of at least 3:1 on white."""

LINE_STYLES = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)))
"""One line style for each colour, so that a series never rests on its colour alone."""

HATCHES = ("", "///", "...", "xxx", "---")
"""One hatch for each colour, for bars and areas."""

FIGURE_WIDTH = 6.3
"""Width of a full-width figure in inches: the width of the text on an A4 page."""

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"

Formatter = Callable[..., str]
"""Takes one value and gives its text."""

_SMALLEST = -6

_RC: dict[str, Any] = {
    "figure.figsize": (FIGURE_WIDTH, 3.5),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": "#1b1b1b",
    "axes.edgecolor": "#555555",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": "#1b1b1b",
    "ytick.labelcolor": "#1b1b1b",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "patch.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "hatch.color": "white",
}

SAVING: dict[str, Any] = {"svg.hashsalt": "costmodel", "svg.fonttype": "none", "axes.unicode_minus": True}
"""What matplotlib must be told when a figure is saved, so that equal figures give equal bytes."""


@contextmanager
def use_style(settings: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Draw figures in the report's style inside a ``with`` block; nothing changes outside it.

    The block starts from matplotlib's defaults, so that a figure does not depend on the settings of the
    machine that draws it.

    Parameters
    ----------
    settings : mapping, optional
        Further matplotlib settings for this block, such as ``{"figure.figsize": (6.3, 2.5)}``.

    Raises
    ------
    CostModelError
        When matplotlib has no setting of that name; the nearest spelling is given.

    Examples
    --------
    >>> import matplotlib
    >>> with use_style({"font.size": 8}):
    ...     matplotlib.rcParams["axes.spines.top"], matplotlib.rcParams["font.size"]
    (False, 8.0)
    """
    import matplotlib as mpl
    import matplotlib.style
    from cycler import cycler

    own = dict(settings or {})
    for name in own:
        one_of(name, list(mpl.rcParams), "figure setting")
    cycle = cycler(color=list(PALETTE)) + cycler(linestyle=list(LINE_STYLES))
    with mpl.style.context(["default", {**_RC, **SAVING, "axes.prop_cycle": cycle}, own]):
        yield


def bar_style(index: int) -> dict[str, Any]:
    """Return colour and hatch of the ``index``-th group of bars, for ``ax.bar(..., **bar_style(1))``.

    Examples
    --------
    >>> bar_style(1)
    {'facecolor': '#D55E00', 'edgecolor': 'white', 'hatch': '///'}
    """
    place = index % len(PALETTE)
    return {"facecolor": PALETTE[place], "edgecolor": "white", "hatch": HATCHES[place]}


def number(decimals: int = 0, *, before: str = "", after: str = "", scale: float = 1.0) -> Formatter:
    """Return a formatter of numbers: thousands separators, fixed decimals, a true minus sign.

    Parameters
    ----------
    decimals : int, default 0
        Digits after the point.
    before, after : str
        Text set beside the number, such as ``"$"`` or ``" mg"``.
    scale : float, default 1
        The number is multiplied by it first.

    Returns
    -------
    callable
        Takes one number and gives text; also serves as a matplotlib tick formatter. A number that is
        missing gives an en dash, and a number that rounds to zero has no sign.

    Raises
    ------
    CostModelError
        When the formatter is given an infinite number, or ``decimals`` is outside 0 to 12.

    Examples
    --------
    >>> number(1)(1234.56), number(2)(-0.001), number(after=" mg")(2)
    ('1,234.6', '0.00', '2 mg')
    """
    places = int(in_interval(decimals, "decimals", low=0, high=12))

    def show(value: float, _position: int | None = None) -> str:
        if is_missing(value):
            return DASH
        size = f"{abs(in_interval(float(value), 'a number to be shown')) * scale:,.{places}f}"
        sign = MINUS if value < 0 and any(digit in "123456789" for digit in size) else ""
        return f"{sign}{before}{size}{after}"

    return show


def money(decimals: int = 0, symbol: str = "") -> Formatter:
    """Return a formatter of amounts of money; a currency's sign stands between minus and amount.

    Examples
    --------
    >>> money(2, "$")(1234.5), money()(1234.5)
    ('$1,234.50', '1,234')
    """
    return number(decimals, before=symbol)


def percent(decimals: int = 1) -> Formatter:
    """Return a formatter that shows a fraction of 1 as a percentage.

    Examples
    --------
    >>> percent()(0.1234)
    '12.3%'
    """
    return number(decimals, after="%", scale=100.0)


def significant(digits: int = 4) -> Formatter:
    """Return a formatter that keeps so many significant digits, and never rounds whole units away.

    Examples
    --------
    >>> show = significant(3)
    >>> show(26123.4), show(0.031234), show(1.5)
    ('26,123', '0.0312', '1.5')
    """
    kept = int(in_interval(digits, "significant digits", low=1, high=12))

    def show(value: float, _position: int | None = None) -> str:
        if is_missing(value) or value == 0:
            return number()(value)
        magnitude = math.floor(math.log10(abs(in_interval(float(value), "a number to be shown"))))
        if magnitude < _SMALLEST:
            return f"{value:.{kept - 1}g}".replace("-", MINUS)
        text = number(max(0, min(12, kept - 1 - magnitude)))(value)
        return text.rstrip("0").rstrip(".") if "." in text else text

    return show


def is_missing(value: Any) -> bool:
    """Tell whether a cell is empty: None, NaN, NaT or pandas' NA.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(0), is_missing("")
    (True, True, False, False)
    """
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float) and math.isnan(value)
