"""What fixes a distribution: from the cells of a row (value, low, high, basis) to the distribution.

========== ===========================================================================================
normal     ``95%`` (the default), ``se=0.04`` or ``sd=0.04``; the value is the mean
lognormal  ``95%`` (the default; the value is the median), ``se=…`` (it is the mean), ``meanlog=…;sdlog=…``
beta       ``95%`` (the default), ``se=…``, ``counts=30/70`` (events/non-events), ``alpha=…;beta=…``
gamma      ``95%`` (the default), ``se=…``, ``shape=…;scale=…``; the value is the mean
uniform    ``range`` (the default): low and high are the support
triangular ``range`` (the default): low and high are the support, the value is the mode
fixed      no uncertainty; low and high, if given, are a range for one-way analysis
dirichlet  ``counts=1251``: one cell of a group; the value is its share of the group's counts
mvnormal   the group's covariance table; the value is the mean
========== ===========================================================================================

``se`` and ``sd`` mean the same: how uncertain the parameter is, not how much patients differ.
A value that its counts or shapes imply may be rounded, but not differ by more than rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from costmodel.checks import did_you_mean
from costmodel.errors import CostModelError
from costmodel.inputs.distributions import Beta, Fixed, Gamma, Lognormal, Normal, Triangular, Uniform
from costmodel.inputs.protocol import Distribution, DistributionError
from costmodel.tables import parse_number

INTERVAL = "95%"
RANGE = "range"
JOINT = ("dirichlet", "mvnormal")
SINGLE = ("fixed", "normal", "lognormal", "beta", "gamma", "uniform", "triangular")
DISTRIBUTIONS = SINGLE + JOINT

_WORDS = "95%, range, se=0.04, sd=0.04, counts=30/70, alpha=…;beta=…, shape=…;scale=… or meanlog=…;sdlog=…"
_KEYS = ("se", "sd", "counts", "alpha", "beta", "shape", "scale", "meanlog", "sdlog")
_SLACK = 0.05


@dataclass(frozen=True)
class Basis:
    """What the ``basis`` cell says: its kind, and its numbers by name."""

    kind: str
    numbers: Mapping[str, tuple[float, ...]]

    def __getitem__(self, key: str) -> float:
        return self.numbers[key][0]


def parse_basis(text: str) -> Basis:
    """Read a ``basis`` cell.

    Raises
    ------
    DistributionError
        The text is none of the words above; the message lists them.

    Examples
    --------
    >>> parse_basis("counts=30/70")
    Basis(kind='counts', numbers={'counts': (30.0, 70.0)})
    >>> parse_basis("shape=4; scale=2").kind
    'scale;shape'
    """
    plain = "".join(text.split())
    if plain.lower() in ("", INTERVAL, RANGE):
        return Basis(plain.lower(), {})
    numbers: dict[str, tuple[float, ...]] = {}
    for item in plain.split(";"):
        key, sign, amounts = item.partition("=")
        if not sign or key not in _KEYS or key in numbers:
            raise DistributionError("is not a basis", "basis", text, f"write one of: {_WORDS}")
        numbers[key] = tuple(_number(amount, text) for amount in amounts.split("/"))
        if len(numbers[key]) > (2 if key == "counts" else 1):
            raise DistributionError("holds too many numbers", "basis", text, f"write one of: {_WORDS}")
    if set(numbers) == {"sd"}:
        numbers = {"se": numbers["sd"]}
    return Basis(";".join(sorted(numbers)), numbers)


def _number(amount: str, text: str) -> float:
    try:
        return parse_number(amount)
    except CostModelError as problem:
        remedy = "write numbers in a basis with a decimal point"
        raise DistributionError(f"number {problem}", "basis", text, remedy) from None


@dataclass(frozen=True)
class Setting:
    """The cells of a row that set a distribution."""

    value: float
    low: float | None
    high: float | None
    basis: Basis

    def bounds(self) -> tuple[float, float]:
        """Return low and high, or say that they are missing."""
        if self.low is None or self.high is None:
            raise DistributionError(
                "low and high must be given where they set the distribution",
                "low" if self.low is None else "high",
                "an empty cell",
                "give the 95 % interval or the range, or set the distribution by basis, such as se=0.04",
            )
        return self.low, self.high


def _beta_from_counts(setting: Setting) -> Beta:
    match setting.basis.numbers["counts"]:
        case (events, non_events):
            return Beta.from_counts(events, non_events)
        case counts:
            raise DistributionError(
                "the counts of a beta distribution must be events/non-events",
                "counts",
                f"counts={counts[0]:g}",
                "write counts=30/70 for 30 events in 100",
            )


_BUILDERS: Mapping[tuple[str, str], Callable[[Setting], Distribution]] = {
    ("fixed", ""): lambda s: Fixed(s.value),
    ("fixed", INTERVAL): lambda s: Fixed(s.value),
    ("fixed", RANGE): lambda s: Fixed(s.value),
    ("normal", INTERVAL): lambda s: Normal.from_interval(s.value, *s.bounds()),
    ("normal", "se"): lambda s: Normal.from_mean_se(s.value, s.basis["se"]),
    ("lognormal", INTERVAL): lambda s: Lognormal.from_interval(s.value, *s.bounds()),
    ("lognormal", "se"): lambda s: Lognormal.from_mean_se(s.value, s.basis["se"]),
    ("lognormal", "meanlog;sdlog"): lambda s: Lognormal(s.basis["meanlog"], s.basis["sdlog"]),
    ("beta", INTERVAL): lambda s: Beta.from_interval(s.value, *s.bounds()),
    ("beta", "se"): lambda s: Beta.from_mean_se(s.value, s.basis["se"]),
    ("beta", "counts"): _beta_from_counts,
    ("beta", "alpha;beta"): lambda s: Beta(s.basis["alpha"], s.basis["beta"]),
    ("gamma", INTERVAL): lambda s: Gamma.from_interval(s.value, *s.bounds()),
    ("gamma", "se"): lambda s: Gamma.from_mean_se(s.value, s.basis["se"]),
    ("gamma", "scale;shape"): lambda s: Gamma(s.basis["shape"], s.basis["scale"]),
    ("uniform", RANGE): lambda s: Uniform(*s.bounds()),
    ("triangular", RANGE): lambda s: Triangular(s.bounds()[0], s.value, s.bounds()[1]),
}


def single_distribution(
    distribution: str, *, value: float, low: float | None, high: float | None, basis: str
) -> Distribution:
    """Return the distribution that the cells of a row set.

    Parameters
    ----------
    distribution : {"fixed", "normal", "lognormal", "beta", "gamma", "uniform", "triangular"}
    value, low, high : float
    basis : str
        As the table above says; blank means ``95%``, or ``range`` for uniform and triangular.

    Raises
    ------
    DistributionError
        The settings are impossible, or the value is not the one that the basis implies.

    Examples
    --------
    >>> single_distribution("beta", value=0.3, low=None, high=None, basis="counts=30/70")
    Beta(alpha=30.0, beta=70.0)
    """
    parsed = parse_basis(basis)
    kind = parsed.kind or _default(distribution)
    try:
        build = _BUILDERS[distribution, kind]
    except KeyError:
        known = [key for name, key in _BUILDERS if name == distribution and key]
        raise DistributionError(
            f"basis does not set a {distribution} distribution",
            "basis",
            basis or kind,
            f"one of: {', '.join(known)}",
        ) from None
    built = build(Setting(value, low, high, parsed))
    if kind not in ("", INTERVAL, RANGE, "se"):
        _agree(value, built, basis)
    return built


def _default(distribution: str) -> str:
    if distribution == "fixed":
        return ""
    return RANGE if distribution in ("uniform", "triangular") else INTERVAL


def _agree(value: float, built: Distribution, basis: str) -> None:
    centres = [built.mean, built.median] if isinstance(built, Lognormal) else [built.mean]
    if all(abs(value - centre) > rounding(value) for centre in centres):
        raise DistributionError(
            "value must be the mean that the basis implies",
            "value",
            f"{value:g}, while {basis} implies {built.mean:.6g}",
            "correct one of the two",
        )


def rounding(value: float) -> float:
    """Return how far a number that was written as ``value`` may be from it: half of its last digit.

    At most a twentieth of the value, at least a millionth.

    Examples
    --------
    >>> round(rounding(0.926), 6), rounding(1.0)
    (0.0005, 0.05)
    """
    mantissa, _, exponent = repr(float(value)).removesuffix(".0").partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    half = float(f"5e{-decimals - 1}")
    return max(min(half * (1 + 1e-9), _SLACK * abs(value)), 1e-6 * abs(value))


def implied_value(distribution: str, basis: str) -> float | None:
    """Return the mean that counts of events give, for a row whose value is left blank.

    Examples
    --------
    >>> implied_value("beta", "counts=30/70"), implied_value("beta", "se=0.1")
    (0.3, None)
    """
    if distribution != "beta":
        return None
    try:
        parsed = parse_basis(basis)
        return _beta_from_counts(Setting(0.0, None, None, parsed)).mean if parsed.kind == "counts" else None
    except DistributionError:
        return None


def cell_count(basis: str) -> float:
    """Return the count of one cell of a Dirichlet group.

    Raises
    ------
    DistributionError
        The basis is not ``counts=`` and one number above 0.

    Examples
    --------
    >>> cell_count("counts=1251")
    1251.0
    """
    parsed = parse_basis(basis)
    counts = parsed.numbers.get("counts", ())
    if parsed.kind != "counts" or len(counts) != 1:
        raise DistributionError(
            "the basis of one cell of a Dirichlet group must be its count",
            "basis",
            basis or "an empty cell",
            "write counts=1251",
        )
    if not counts[0] > 0:
        raise DistributionError(
            "a count must be above 0",
            "basis",
            basis,
            "leave the cell out if it is impossible, or add a prior to every cell and say so in the note",
        )
    return counts[0]


def split_distribution(text: str) -> tuple[str, str]:
    """Split a ``distribution`` cell into the distribution and the group.

    Raises
    ------
    DistributionError
        The distribution is unknown, or a group is missing or not wanted.

    Examples
    --------
    >>> split_distribution("dirichlet:from_a"), split_distribution("")
    (('dirichlet', 'from_a'), ('fixed', ''))
    """
    kind, sign, group = (part.strip() for part in (text or "fixed").partition(":"))
    if kind not in DISTRIBUTIONS:
        raise DistributionError("is unknown", "distribution", text, did_you_mean(kind, DISTRIBUTIONS))
    if kind in JOINT and not group:
        raise DistributionError(
            "must name its group",
            "distribution",
            text,
            f"write {kind}:GROUP, the same in every row of the group",
        )
    if kind not in JOINT and sign:
        raise DistributionError(
            "has no groups", "distribution", text, f"write {kind}; only dirichlet and mvnormal have groups"
        )
    return kind, group
