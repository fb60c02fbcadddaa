"""What is in force of members as days pass, and sums by member."""

import numpy as np

from loanbook.members.in_force import NOTHING, InForce, gathered, summed


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_a_value_holds_from_its_day_until_the_next_one() -> None:
    #                     member 1 ........  member 3
    line = InForce(3, ints(1, 1, 3, 1), ints(20, 10, 15, 30), ints(500, 100, 700, NOTHING))
    assert line.on(9)[1:].tolist() == [NOTHING, NOTHING, NOTHING]
    assert line.on(10)[1:].tolist() == [100, NOTHING, NOTHING]
    assert line.on(19)[1:].tolist() == [100, NOTHING, 700]
    assert line.on(20)[1:].tolist() == [500, NOTHING, 700]
    assert line.on(29)[1:].tolist() == [500, NOTHING, 700]
    assert line.on(40)[1:].tolist() == [NOTHING, NOTHING, 700]


def test_of_one_day_the_last_change_stays() -> None:
    tier = InForce(1, ints(1, 1, 1), ints(5, 5, 4), ints(NOTHING, 2, 1))
    assert tier.on(4)[1] == 1
    assert tier.on(5)[1] == 2


def test_without_changes_nothing_is_in_force() -> None:
    assert InForce(2, ints(), ints(), ints()).on(7).tolist() == [NOTHING] * 3


def test_amounts_are_summed_by_the_members_that_occur() -> None:
    found, place = gathered(ints(7, 2, 7, 9), 10)
    assert found.tolist() == [2, 7, 9]
    fen = ints(2**52, 5, 1, -4)
    assert summed(fen, place, len(found)).tolist() == [5, 2**52 + 1, -4]
    found, place = gathered(ints(), 10)
    assert summed(ints(), place, len(found)).tolist() == []
