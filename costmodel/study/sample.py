"""A study evaluated once over many draws, for every analysis that looks at the same ones."""

from __future__ import annotations

from dataclasses import dataclass

from costmodel.inputs import Draws
from costmodel.model import Model, Outcomes, evaluate
from costmodel.model.resample import redraw, redraws
from costmodel.study.read import Study


@dataclass(frozen=True)
class Sample:
    """A model, some draws of its parameters, and its outcomes for them.

    Parameters
    ----------
    model : Model
    draws : Draws
    outcomes : Outcomes
        Of the same draws, in the same order.

    Examples
    --------
    >>> import costmodel as cm
    >>> study = cm.read_study("clonazepam-us-prices")
    >>> sample = Sample.of(study, draws=study.draws(64))
    >>> sample.outcomes.n_draws
    64
    """

    model: Model
    draws: Draws
    outcomes: Outcomes

    @classmethod
    def of(cls, study: Study, scenario: str | None = None, *, draws: Draws | None = None) -> Sample:
        """Evaluate a study, with its own number of draws unless some are given.

        Draws that its transitions say are redrawn are replaced by later ones.

        Raises
        ------
        CostModelError
            The scenario is unknown, or a draw gives no probabilities.
        """
        model = study.model(scenario)
        if draws is None:
            count = study.spec.analysis.draws
            draws = redraw(model, study.draws, count)[0] if redraws(model) else study.draws(count)
        return cls(model, draws, evaluate(model, draws))

    def with_draws(self, draws: Draws) -> Sample:
        """Return the same model evaluated with other draws, such as those of the base case."""
        return Sample(self.model, draws, evaluate(self.model, draws))
