"""Flows of money: for each fill who paid whom how much and what for, in whole cents that sum to zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costmodel.populations.payments.benefits import Benefit
from costmodel.populations.payments.rebates import NetAmount
from costmodel.populations.payments.rules import PARTIES
from costmodel.populations.payments.terms import CENTS

if TYPE_CHECKING:
    import pandas as pd

IntArray = NDArray[np.int64]


class Flow(NamedTuple):
    """One kind of payment; ``payer`` stands for whoever pays the rest under the benefit."""

    payer: str
    payee: str
    purpose: str


FLOWS = (
    Flow("patient", "pharmacy", "cost sharing"),
    Flow("manufacturer", "pharmacy", "copay coupon"),
    Flow("payer", "pharmacy", "payment for the fill"),
    Flow("government", "payer", "low-income subsidy"),
    Flow("government", "payer", "reinsurance"),
    Flow("manufacturer", "payer", "manufacturer discount"),
    Flow("manufacturer", "payer", "rebate"),
    Flow("pharmacy", "wholesaler", "purchase by the pharmacy"),
    Flow("wholesaler", "manufacturer", "purchase by the wholesaler"),
    Flow("pharmacy", "other", "spread kept by the benefit manager"),
    Flow("pharmacy", "other", "fee of the discount card"),
)
"""Every kind of payment, in the order of the columns of :attr:`Settlement.cents`.

Discounts, reinsurance and subsidies reach the pharmacy through the payer, as they do. The payer pays what is
billed; where a benefit manager keeps part of it, the pharmacy hands that on, which comes to the same net.
"""


@dataclass(frozen=True, eq=False)
class Settlement:
    """Fills settled under one benefit.

    Attributes
    ----------
    benefit : Benefit
    cents : array of int64, (n, flow)
        Whole cents of each of :data:`FLOWS`. A payment for the fill may be negative: where a flat charge
        exceeds the cost, the pharmacy hands the surplus on.
    payer_amount : NetAmount
        What the payer pays, gross and net of the manufacturer's rebate, (n,), currency.
    patients, products : array of str, (n,)
    """

    benefit: Benefit
    cents: IntArray
    payer_amount: NetAmount
    patients: NDArray[np.str_]
    products: NDArray[np.str_]

    def net_cents(self) -> IntArray:
        """Return what each party receives less what it pays, (n, party); every row sums to exactly 0."""
        net = np.zeros((len(self.cents), len(PARTIES)), dtype=np.int64)
        for place, flow in enumerate(FLOWS):
            net[:, PARTIES.index(self._party(flow.payer))] -= self.cents[:, place]
            net[:, PARTIES.index(self._party(flow.payee))] += self.cents[:, place]
        return net

    def net(self) -> pd.DataFrame:
        """Return received less paid, in currency, one row per fill and one column per party.

        A pharmacy's figure is a margin only where what it bought for was given, a manufacturer's only where
        the wholesaler's purchase was.
        """
        import pandas as pd

        return pd.DataFrame(self.net_cents() / CENTS, columns=list(PARTIES)).rename_axis("fill")

    def flows(self) -> pd.DataFrame:
        """Return one row per payment: ``fill, patient, from, to, purpose, cents, amount``; none of zero."""
        import pandas as pd

        fills, kinds = np.nonzero(self.cents)
        sides = [(self._party(flow.payer), self._party(flow.payee), flow.purpose) for flow in FLOWS]
        found = self.cents[fills, kinds]
        return pd.DataFrame(
            {
                "fill": fills,
                "patient": self.patients[fills],
                "from": [sides[kind][0] for kind in kinds],
                "to": [sides[kind][1] for kind in kinds],
                "purpose": [sides[kind][2] for kind in kinds],
                "cents": found,
                "amount": found / CENTS,
            }
        )

    def frame(self) -> pd.DataFrame:
        """Return one row per fill: who bore the gross amount, and the payer's gross and net apart.

        ``payer_net`` is missing where the rebate is not known; ``payer_net_low`` and ``payer_net_high``
        bound it.
        """
        import pandas as pd

        cost, coupon, paid, subsidy, reinsurance, discount = (self.cents[:, place] for place in range(6))
        own = paid - subsidy - reinsurance - discount
        columns = {
            "patient": self.patients,
            "product": self.products,
            "gross": (cost + coupon + paid) / CENTS,
            "paid_patient": cost / CENTS,
            "paid_payer": own / CENTS,
            "paid_government": (subsidy + reinsurance) / CENTS,
            "paid_manufacturer": (coupon + discount) / CENTS,
        }
        net = self.payer_amount.frame().add_prefix("payer_")
        return pd.DataFrame(columns).join(net).rename_axis("fill")

    def _party(self, name: str) -> str:
        return (self.benefit.payer or "plan") if name == "payer" else name
