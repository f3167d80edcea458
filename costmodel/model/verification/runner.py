"""Runs tests on a subject; a test never stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from costmodel.errors import CostModelError
from costmodel.inputs import Parameters
from costmodel.model.definition import Model
from costmodel.model.verification import (
    cohort,
    computing,
    costs,
    directions,
    effects,
    inputs,
    mortality,
    segments,
    strategies,
    time,
)
from costmodel.model.verification.registry import TESTS, Test
from costmodel.model.verification.result import Finding, Line, Verification, not_applicable, verdict
from costmodel.model.verification.subject import NoDrawsError, Subject

_GROUPS = tuple(
    module.GROUP
    for module in (
        inputs,
        cohort,
        mortality,
        effects,
        costs,
        directions,
        time,
        strategies,
        segments,
        computing,
    )
)


def registered() -> dict[str, Test]:
    """Return the tests of a model, in the order in which they are run."""
    return {key: test for group in _GROUPS for key, test in TESTS.items() if test.group == group}


def verify_model(
    model: Model,
    parameters: Parameters,
    *,
    n: int = 256,
    seed: int = 1,
    method: str = "sobol",
    prices: Iterable[str] = (),
) -> Verification:
    """Run the field's model-verification tests on a model.

    The tests are those of TECH-VER (Büyükkaramikli and others, PharmacoEconomics 2019), AdViSHE (Vemer and
    others, PharmacoEconomics 2016) and the ISPOR-SMDM task force on validation (Eddy and others, 2012),
    where a program can run them. The model is changed as a whole, never the arrays inside it.

    Parameters
    ----------
    model : Model
    parameters : Parameters
    n : int
        Draws of the uncertain parameters; at least 2.
    seed : int
    method : {"sobol", "monte_carlo"}
    prices : iterable of str
        Parameters that are prices besides those whose name begins with ``price_``.

    Returns
    -------
    Verification

    Raises
    ------
    CostModelError
        The base case cannot be evaluated, or ``n`` is below 2.

    Examples
    --------
    >>> from costmodel.model.examples import two_prices, two_prices_parameters
    >>> result = verify_model(two_prices(), two_prices_parameters(), n=8)
    >>> result.ok
    True
    >>> result.frame().loc["prices_at_zero", "found"]
    'drug: 0 at zero prices'
    """
    subject = subject_of(model, parameters, n=n, seed=seed, method=method, prices=prices)
    return Verification(model.name, run_tests(registered(), subject))


def subject_of(
    model: Model, parameters: Parameters, *, n: int, seed: int, method: str, prices: Iterable[str]
) -> Subject:
    """Return what the tests are run on; the base case is evaluated.

    Raises
    ------
    CostModelError
        The base case cannot be evaluated, or ``n`` is below 2.
    """
    if n <= 1:
        raise CostModelError(f"verification needs at least 2 draws; found {n}")
    named = {name for name in parameters if name.startswith("price_")}
    subject = Subject(model, parameters, n, seed, method, frozenset(named.union(prices)))
    assert subject.base.n_draws == 1
    return subject


def run_tests(tests: Mapping[str, Test], subject: Any) -> tuple[Line, ...]:
    """Run tests one after the other; what cannot be evaluated is a finding, too."""
    return tuple(_line(test, _finding(test, subject)) for test in tests.values())


def _finding(test: Test, subject: Any) -> Finding:
    try:
        return test.body(subject)
    except NoDrawsError as problem:
        return not_applicable(f"the draws cannot be evaluated: {problem}")
    except CostModelError as problem:
        return verdict(passed=False, found=f"cannot be evaluated: {problem}")


def _line(test: Test, finding: Finding) -> Line:
    told = (test.key, test.title, test.changed, test.expected)
    return Line(*told, finding.found, finding.passed, finding.deviation)
