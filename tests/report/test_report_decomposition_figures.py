"""The waterfall of price, volume and interaction: its steps, its intervals, its words."""

import pandas as pd
import pytest

from costmodel import CostModelError
from costmodel.report.decomposition_figures import (
    decomposition_alt,
    decomposition_figure,
    decomposition_rows,
)


def table(**changed):
    row = {"measure": "payer", "kind": "perspective", "segment": "all segments", "old": 1000.0, "new": 480.0}
    row |= {"price_effect": -600.0, "volume_effect": 200.0, "interaction": -120.0, "total": -520.0}
    return pd.DataFrame([row | changed])


def ends():
    parts = {"price_effect": -600, "volume_effect": 200, "interaction": -120, "total": -520}
    return {f"{name}_low": at - 50 for name, at in parts.items()} | {
        f"{name}_high": at + 80 for name, at in parts.items()
    }


def test_three_steps_lead_from_old_to_new():
    rows = decomposition_rows(table(), "payer", old="Brand", new="Generic")
    assert rows["label"].tolist() == ["Brand", "Price effect", "Volume effect", "Interaction", "Generic"]
    assert rows["amount"].tolist() == [1000, -600, 200, -120, 480]
    ax = decomposition_figure(table(), "payer", unit="USD")
    # 1000 falls to 400, rises to 600, falls to 480.
    spans = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches]
    assert spans == [(0, 1000), (400, 1000), (400, 600), (480, 600), (0, 480)]
    assert len({bar.get_hatch() for bar in ax.patches[1:3]}) == 2


def test_intervals_stand_where_their_step_ends():
    ax = decomposition_figure(table(**ends()), "payer", unit="thousand USD", scale=1e-3)
    drawn = [line.get_ydata().tolist() for line in ax.lines if line.get_marker() == "_"]
    # The volume step starts at 400: 400 + 150 to 400 + 280.
    assert drawn[1] == pytest.approx([0.55, 0.68])
    assert len(drawn) == 3
    text = decomposition_alt(table(**ends()), "payer", unit="USD", decimals=0)
    assert "Price effect −600; Volume effect +200; Interaction −120" in text
    assert "price effect −650 to −520" in text


def test_a_part_without_spread_has_no_interval():
    still = ends() | {"volume_effect_low": 200, "volume_effect_high": 200}
    ax = decomposition_figure(table(**still), "payer", unit="USD")
    assert len([line for line in ax.lines if line.get_marker() == "_"]) == 2


def test_words_of_errors():
    with pytest.raises(CostModelError, match="did you mean 'payer'"):
        decomposition_figure(table(), "payers", unit="USD")
    with pytest.raises(CostModelError, match="parts that add up"):
        decomposition_figure(table(interaction=-100.0), "payer", unit="USD")
