"""What came before moves, with the stayers' tiers and quarters as the movers have them."""

import pandas as pd
import pytest

from rules.moves import ACTIVITIES, Kind, compare


def parts(*drawn):
    columns = ["kind", "moved", "standing", "stay_quarters", "members", "loans_members", "loans"]
    frame = pd.DataFrame(drawn, columns=columns)
    for activity in ACTIVITIES:
        for name in (f"{activity}_members", activity):
            frame[name] = frame.get(name, 0)
    return frame


def test_the_mix_of_those_who_moved_is_held():
    # Gold borrows more. Movers: 300 silver, 100 gold. Stayers: 100 silver, 300 gold, at the same rates: no difference.
    drawn = parts(
        ("upgrade", True, "silver", 0, 300, 30, 30),
        ("upgrade", True, "gold", 0, 100, 40, 50),
        ("upgrade", False, "silver", 0, 100, 10, 10),
        ("upgrade", False, "gold", 0, 300, 120, 150),
        ("lapse", True, "gold", 0, 10, 10, 10),
    )
    found = compare(drawn, Kind.UPGRADE, significance=0.05).set_index("activity")
    row = found.loc["loans"]
    assert (row["movers"], row["stayers"], row["movers_did"], row["stayers_did"]) == (400, 400, 70, 130)
    assert (row["movers_rate"], row["stayers_rate"]) == (pytest.approx(0.175), pytest.approx(0.175))
    assert row["stands_out"] == ""
    assert (row["movers_times"], row["stayers_times"]) == (0.2, 0.4)
    assert found.index.tolist() == list(ACTIVITIES)


def test_a_difference_beyond_noise_stands_out():
    drawn = parts(("lapse", True, "gold", 4, 500, 50, 50), ("lapse", False, "gold", 4, 500, 150, 150))
    found = compare(drawn, Kind.LAPSE, significance=0.05).set_index("activity")
    assert found.loc["loans", "difference"] == pytest.approx(-0.2)
    assert found.loc["loans", "low"] < -0.2 < found.loc["loans", "high"] < 0
    assert found["stands_out"].to_dict() == {**dict.fromkeys(ACTIVITIES, ""), "loans": "below"}


def test_strata_without_a_counterpart_are_said_and_nobody_at_all_is_no_error():
    drawn = parts(
        ("lapse", True, "gold", 4, 50, 5, 5),
        ("lapse", True, "gold", 5, 50, 5, 5),
        ("lapse", False, "gold", 4, 50, 5, 5),
    )
    assert compare(drawn, Kind.LAPSE, significance=0.05)["shared"].iloc[0] == pytest.approx(100 / 150)
    assert compare(drawn, Kind.UPGRADE, significance=0.05)["movers"].tolist() == [0] * len(ACTIVITIES)
