"""Benefits and fills for the tests of payments: built row by row, or drawn at random."""

from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st

from costmodel.populations.payments import Benefit, Rule

few = settings(deadline=None, max_examples=40)
FIELDS = ("phase", "kind", "value", "product", "party")


def rule(phase, kind, value, product="any", party="patient", **others):
    """A rule by definition: nothing in a test was recalled."""
    return Rule(phase, kind, value, product, party, status="definition", **others)


def made(*rules, name="made", currency="USD"):
    return Benefit(name, 2026, currency, tuple(rules))


def rest(party="plan"):
    return rule(0, "rest", 1, party=party)


def standard(*, deductible=500, coinsurance=0.25, cap=2000):
    """A deductible, a coinsurance, and a cap."""
    return made(
        rule(1, "until_gross", deductible, party=""),
        rule(1, "coinsurance", 1),
        rule(2, "until_out_of_pocket", cap, party=""),
        rule(2, "coinsurance", coinsurance),
        rule(3, "coinsurance", 0),
        rest(),
    )


shares = st.integers(0, 20).map(lambda twentieth: twentieth / 20)


@st.composite
def benefits(draw, *, falling=False, largest=4000, copays=False):
    """A benefit of one to four phases, each sharing the gross amount among four payers.

    ``falling``: the patient's share falls from phase to phase, as every benefit that means well has it.
    ``largest``: the widest phase, in dollars. ``copays``: with copays, and copays that are subsidised.
    """
    count = draw(st.integers(1, 4))
    own = draw(st.lists(shares, min_size=count, max_size=count))
    own = sorted(own, reverse=True) if falling else own
    rows, gross, paid = [rest(draw(st.sampled_from(["plan", "government"])))], 0, 0.0
    for phase, share in enumerate(own, start=1):
        if phase < count:
            gross += draw(st.integers(1, largest))
            if draw(st.booleans()):
                rows.append(rule(phase, "until_gross", gross, party=""))
            else:
                paid = max(paid, gross) + draw(st.integers(0, largest))
                rows.append(rule(phase, "until_out_of_pocket", paid, party=""))
        rows.append(rule(phase, "coinsurance", share))
        others = [("manufacturer", draw(shares)), ("government", draw(shares))]
        for party, part in others:
            rows.append(rule(phase, "share", round(part * (1 - share) / 2, 4), party=party))
        if copays and draw(st.booleans()):
            rows.append(rule(phase, "copay", draw(st.integers(0, 5000)) / 100))
        elif draw(st.booleans()):
            rows.append(rule(phase, "counts_to_out_of_pocket", 1, party="manufacturer"))
        if copays and draw(st.booleans()):
            rows.append(rule(phase, "subsidised_copay", draw(st.integers(0, 2000)) / 100))
    return made(*rows)


def cent_by_cent(benefit, cents):
    """What each payer pays of ``cents`` from the start of a year: each cent goes by the phase it falls in.

    It knows nothing of the engine: it looks up the phase anew for every cent, in exact fractions. A limit
    that falls inside a cent is met by the end of it.
    """
    rows = {(r.phase, r.kind, r.party): Fraction(str(r.value)) for r in benefit.rules}
    last, rest_party = len(benefit.phases), benefit.payer
    totals = dict.fromkeys(("patient", "plan", "government", "manufacturer"), Fraction(0))
    counted = Fraction(0)
    for spent in range(cents):
        phase = next((p for p in range(1, last) if _open(rows, p, last, spent, counted)), last)
        own = rows[phase, "coinsurance", "patient"]
        discount = rows.get((phase, "share", "manufacturer"), Fraction(0))
        reinsured = rows.get((phase, "share", "government"), Fraction(0))
        totals["patient"] += own
        totals["manufacturer"] += discount
        totals["government"] += reinsured
        totals[rest_party] += 1 - own - discount - reinsured
        counts = rows.get((phase, "counts_to_out_of_pocket", "manufacturer"), 0)
        counted += own + (discount if counts else 0)
    return {payer: float(total) for payer, total in totals.items()}


def _open(rows, phase, last, spent, counted):
    """Whether a phase has room: its limit on spending, and every cap from it on."""
    limit = rows.get((phase, "until_gross", ""))
    caps = [
        rows[p, "until_out_of_pocket", ""]
        for p in range(phase, last)
        if (p, "until_out_of_pocket", "") in rows
    ]
    return (limit is None or spent < 100 * limit) and all(counted < 100 * cap for cap in caps)
