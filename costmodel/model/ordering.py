"""Values of which one may not be above the other: what is done with draws in which they cross, and how often.

Two curves or rates that are estimated apart, such as progression-free and overall survival, cross in some
draws although they cannot in people. A model says what is done with such draws; nothing is done unsaid.

References
----------
Latimer NR. NICE DSU technical support document 14: survival analysis for economic evaluations alongside
clinical trials. Sheffield: Decision Support Unit; 2011 (survival that crosses is not plausible).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from costmodel.errors import CostModelError
from costmodel.model.accrual import FloatArray
from costmodel.model.counting import ProbabilityError
from costmodel.model.definition import Model
from costmodel.model.layers import before_order
from costmodel.model.timed import BoolArray, Timed, common
from costmodel.model.values import Environment

_ROUNDING = 1e-12


def crossings(
    model: Model, environment: Environment, *, strategy: str, first_draw: int = 0
) -> dict[str, BoolArray]:
    """Return the draws in which values of a model cross, for each order that says to lower or redraw them.

    Parameters
    ----------
    model : Model
    environment : Environment
        The values under one strategy. An order of which the strategy does not define both is passed over.
    strategy : str
    first_draw : int
        Number of the first draw, for messages.

    Returns
    -------
    dict of str to array of bool, shape (draw or 1,)
        By ``strategy, lower > upper``; crossed in any segment and at any cycle. Values within 1e-12 of the
        larger, as rounding leaves them, do not cross.

    Raises
    ------
    ProbabilityError
        They cross and the order says ``error``: the message says which, where first and in how many draws.
    CostModelError
        A value depends on time in a state, which has no one value to compare.
    """
    found = {}
    for position, order in enumerate(model.orders):
        pair = (order.lower, order.upper)
        for name in pair:
            if name in environment.in_state and name in environment.rules:
                raise CostModelError(
                    f"order of '{order.lower}' and '{order.upper}': '{name}' depends on time in a state; "
                    "compare values that do not, such as the rates from which it is computed"
                )
        if any(name not in environment.timed for name in pair):
            continue
        lowered = before_order(order.lower, position)
        below = environment.timed[lowered if lowered in environment.timed else order.lower]
        compared = _Compared.of(below, environment.timed[order.upper])
        if order.on_crossed == "error" and compared.wrong.any():
            rule = f"strategy '{strategy}': '{order.lower}' must not be above '{order.upper}'"
            raise compared.refusal(model, rule, first_draw)
        found[f"{strategy}, {order.lower} > {order.upper}"] = compared.draws
    return found


def refusing(model: Model) -> Model:
    """Return a model that refuses what redrawing should have replaced, such as a base case that crosses."""
    if all(order.on_crossed != "resample" for order in model.orders):
        return model
    return replace(
        model,
        orders=tuple(
            replace(order, on_crossed="error") if order.on_crossed == "resample" else order
            for order in model.orders
        ),
    )


def redrawn_orders(model: Model) -> Model:
    """Return a model with the orders alone that ask for redrawing."""
    return replace(model, orders=tuple(order for order in model.orders if order.on_crossed == "resample"))


@dataclass(frozen=True, eq=False)
class _Compared:
    """Two values by runs of cycles, (run, draw or 1, segment or 1), and where one is above the other."""

    lower: FloatArray
    upper: FloatArray
    wrong: BoolArray
    begins: BoolArray | None

    @classmethod
    def of(cls, lower: Timed, upper: Timed) -> _Compared:
        begins = common([lower, upper])
        one, other = np.broadcast_arrays(lower.on(begins), upper.on(begins))
        wrong = one - other > _ROUNDING * np.maximum(np.abs(one), np.abs(other))
        return cls(one, other, np.asarray(wrong), begins)

    @property
    def draws(self) -> BoolArray:
        """The draws in which they cross, shape (draw or 1,)."""
        return np.asarray(self.wrong.any(axis=(0, 2)))

    def refusal(self, model: Model, rule: str, first_draw: int) -> ProbabilityError:
        """Say what was found, where first, and in how many draws."""
        run, draw, segment = (int(index[0]) for index in np.nonzero(self.wrong))
        _, n_draws, n_segments = self.wrong.shape
        parts = [f"draw {draw + first_draw}"] if n_draws > 1 else []
        parts += [f"segment '{model.segments[segment].name}'"] if n_segments > 1 else []
        if self.begins is not None:
            parts += [f"cycle {int(np.flatnonzero(self.begins)[run])}"]
        at = f" at {', '.join(parts)}" if parts else ""
        one, other = self.lower[run, draw, segment], self.upper[run, draw, segment]
        return ProbabilityError(
            rule, f"found {one:.6g} above {other:.6g}{at}", int(self.draws.sum()), n_draws
        )
