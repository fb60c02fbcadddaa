"""Flows between two days: where states stand, and which colour a flow has."""

import pytest

from components import theme
from components.charts.sankey import Flow, Node, sankey

GOLD, LAPSED = theme.TIERS["gold"], theme.BAD


def node(state, colour, size):
    return Node(state, f"{state} {size}", colour, size, "")


BEFORE = [node("gold", GOLD, 60), node("lapsed", LAPSED, 40)]
AFTER = [node("gold", GOLD, 50), node("lapsed", LAPSED, 50)]
FLOWS = [Flow("gold", "gold", 45, "a"), Flow("gold", "lapsed", 15, "b"), Flow("lapsed", "gold", 5, "c"),
         Flow("lapsed", "lapsed", 35, "d")]  # fmt: skip


@pytest.fixture
def trace():
    (made,) = sankey(BEFORE, AFTER, FLOWS, heads=("one day", "another"), height=330).data
    return made


def test_stayers_are_pale_and_movers_have_the_colour_of_where_they_come_from(trace):
    pale = trace.link.color[0]
    assert pale == trace.link.color[3] == theme.faded(theme.TEXT, 0.10)
    assert trace.link.color[1].startswith(GOLD)
    assert trace.link.color[2].startswith(LAPSED)


def test_each_side_fills_the_height_in_the_order_given(trace):
    assert trace.arrangement == "fixed"
    assert list(trace.link.source) == [0, 0, 1, 1]
    assert list(trace.link.target) == [2, 3, 2, 3]
    # 300 px of plot less a gap of 16 px are 2.84 px a member: 60 of them have their middle at 85.2 px.
    assert list(trace.node.y) == pytest.approx([85.2 / 300, (300 - 56.8) / 300, 71 / 300, (300 - 71) / 300])


def test_one_state_alone_is_no_error():
    made = sankey(BEFORE[:1], AFTER[:1], FLOWS[:1], heads=("", ""), height=330)
    assert len(made.data[0].link.value) == 1
