"""The headline results of a study as sentences, computed from the results they speak of."""

from __future__ import annotations

from dataclasses import replace

from costmodel.analysis.incremental import Increment, increments
from costmodel.report.findings import Findings, count, day
from costmodel.study.sample import Sample
from costmodel.study.savings import savings


def headlines(found: Findings, sample: Sample | None = None) -> list[str]:
    """Return the headline results as sentences: the price, each comparison, what is saved and pays for what.

    Parameters
    ----------
    found : Findings
    sample : Sample, optional
        Many draws, for the interval of what savings pay for; the base case, without one, if left out.

    Returns
    -------
    list of str
        The comparisons are those of ``[report] compare``, in the headline segment and perspective; without
        any, the last strategy against the comparator, and what the one before it has done already.
    """
    compared = [_comparison(found, *pair) for pair in found.study.spec.report.compare]
    sentences = [_price_sentence(found), *(compared or _without_choice(found)), *_savings(found, sample)]
    return [sentence for sentence in sentences if sentence]


def _price_sentence(found: Findings) -> str:
    bound = found.study.bound
    if not {"price_brand", "price_generic"} <= set(bound):
        return ""
    brand, generic = bound["price_brand"], bound["price_generic"]
    high, low = brand.parameter.value, generic.parameter.value
    row = brand.rows.iloc[0]
    return (
        f"On {day(row['as_of'])} the brand cost {high:,.2f} {found.currency} per "
        f"{row['strength_mg']:g} mg {row['form']} and the generic {low:,.4f}: "
        f"{high / low:,.1f} times as much."
    )


def _without_choice(found: Findings) -> list[str]:
    chosen = _increments(found, found.outcomes.comparator)
    if not chosen:
        return []
    return [_sentence(found, chosen[-1]), _remaining_sentence(found, chosen)]


def _comparison(found: Findings, strategy: str, versus: str) -> str:
    (item,) = (item for item in _increments(found, versus) if item.strategy == strategy)
    return _sentence(found, item)


def _increments(found: Findings, comparator: str) -> list[Increment]:
    """Return every strategy against one, in the headline segment and perspective, on the first effect."""
    outcomes = replace(found.outcomes, comparator=comparator)
    chosen = [
        item for item in increments(outcomes, segment=found.segment) if item.perspective == found.perspective
    ]
    return [item for item in chosen if item.effect == chosen[0].effect]


def _sentence(found: Findings, item: Increment) -> str:
    segment = found.segment_label(found.segment)
    strategy, comparator = found.strategy_label(item.strategy), found.strategy_label(item.comparator)
    if item.ratio is not None or item.label in {"dominant", "dominated"}:
        return f"{segment}: {strategy} against {comparator} {item.words} ({found.money}, per person)."
    outcomes = found.outcomes
    cost = outcomes.cost(found.perspective, segment=found.segment).mean(axis=1)
    high, low = (float(cost[outcomes.strategies.index(name)]) for name in (item.comparator, item.strategy))
    verb = "saves" if item.cost < 0 else "costs"
    more = "" if item.cost < 0 else " more"
    share = f" ({abs(item.cost) / high:.1%})" if high else ""
    return (
        f"{segment}: {strategy} costs {low:,.2f} {found.currency} per person and {_span(found)} against "
        f"{high:,.2f} for {comparator}; it {verb} {abs(item.cost):,.2f}{more}{share}."
    )


def _span(found: Findings) -> str:
    years = found.study.model(found.scenario).time.horizon_years
    return "year" if years == 1 else count(years, "year")


def _remaining_sentence(found: Findings, chosen: list[Increment]) -> str:
    """Say what part of the whole change the middle strategy has made already, where there are three."""
    match chosen:
        case [now, whole] if whole.cost < 0:
            pass
        case _:
            return ""
    made, left = now.cost / whole.cost, now.cost - whole.cost
    if not 0 <= made <= 1:
        return ""
    return (
        f"{found.strategy_label(now.strategy)} already makes {made:.2%} of this saving; "
        f"{left:,.2f} {found.currency} per person and {_span(found)} is still to be had."
    )


def _savings(found: Findings, sample: Sample | None) -> list[str]:
    """Say what a programme takes of the savings made, and of those left; all segments, weighed by size."""
    study, section = found.study, found.study.spec.report.savings
    if section is None:
        return []
    base = sample or Sample(study.model(found.scenario), study.draws(), found.outcomes)
    shares = savings(study, base)
    assert shares is not None
    label = found.strategy_label
    before, now, then = label(section.made[0]), label(section.made[1]), label(section.left[1])
    without, programme = (label(name) for name in section.programme)
    made = (
        f"All segments, per person and {_span(found)}: {programme} {shares.made.words} by {now} against "
        f"{before}; spending is what it costs beyond {without}."
    )
    left = f"Set against what {then} still saves against {now}, it {shares.left.words}."
    return [made, left]
