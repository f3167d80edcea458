"""Hypothesis strategies of parameter tables."""

from __future__ import annotations

from hypothesis import strategies as st

from costmodel.inputs import MultivariateNormal, Parameter, Parameters

_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).map(lambda name: f"x_{name}")
_TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters='\n\r\t,;"='), max_size=20
).map(lambda text: text.strip().strip(" \t\u00a0\ufeff"))
_AMOUNTS = st.floats(1e-6, 1e6)


@st.composite
def rows(draw: st.DrawFn, name: str) -> Parameter:
    """Return one parameter that is not in a group, with any distribution."""
    kind = draw(st.sampled_from(("fixed", "normal", "lognormal", "beta", "gamma", "uniform", "triangular")))
    value = draw(_AMOUNTS) if kind != "beta" else draw(st.floats(0.05, 0.95))
    low = high = None
    basis = ""
    if kind in ("uniform", "triangular", "fixed"):
        low, high = value * 0.5, value * 1.5
    elif kind == "beta":
        basis = f"se={0.1 * value * (1 - value)!r}"
    elif draw(st.booleans()):
        low, high = value * 0.8, value * 1.25
    else:
        basis = f"se={0.2 * value!r}"
    money = draw(st.booleans())
    return Parameter(
        name,
        value,
        low=low,
        high=high,
        distribution=kind,
        basis=basis,
        unit="USD/fill" if money else "ratio",
        currency="USD" if money else "",
        price_year=draw(st.integers(1900, 2100)) if money else None,
        source=draw(st.sampled_from(("", "briggs2006", "a2001; table:us/nadac"))),
        locator=draw(_TEXTS),
        status=draw(st.sampled_from(("elicited", "assumed"))),
        note=draw(_TEXTS),
    )


@st.composite
def tables(draw: st.DrawFn) -> Parameters:
    """Return a table of single parameters, sometimes with a Dirichlet and a normal group."""
    names = draw(st.lists(_NAMES, unique=True, max_size=6))
    found = [draw(rows(name)) for name in names]
    covariances = {}
    if draw(st.booleans()):
        counts = draw(st.lists(st.integers(1, 500), min_size=2, max_size=4))
        found += dirichlet_rows({f"p_{index}": count for index, count in enumerate(counts)})
    if draw(st.booleans()):
        means = draw(st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
        correlation = draw(st.floats(-1, 1))
        joint = MultivariateNormal(("b0", "b1"), means, ((1.0, 2 * correlation), (2 * correlation, 4.0)))
        covariances["regression"] = joint
        found += [
            Parameter(
                name, mean, distribution="mvnormal", group="regression", unit="log odds", status="assumed"
            )
            for name, mean in zip(joint.names, means, strict=True)
        ]
    return Parameters(tuple(draw(st.permutations(found))), covariances)


def dirichlet_rows(counts: dict[str, float], group: str = "from_a") -> list[Parameter]:
    """Return the rows of one Dirichlet group."""
    total = sum(counts.values())
    return [
        Parameter(
            name,
            count / total,
            distribution="dirichlet",
            group=group,
            basis=f"counts={count}",
            unit="probability",
            source="briggs2006",
            status="read",
        )
        for name, count in counts.items()
    ]
