"""Signals of abuse: the evidence of each by hand, what points come to, and which suspects are one case."""

from datetime import date
from typing import Any

import duckdb
import pytest

from rules import abuse
from tests.loanbook.derived import asked
from tests.loanbook.referrals.rewarded import rewarded

AS_OF = date(2024, 12, 31)
SEEN = "id member_id device_hash address_hash first_seen_at last_seen_at"
RULES = "id kind trigger level amount starts_on\n 1 one_off first_loan 1 80 2023-01-01"
REWARD = "id reward_rule_id side beneficiary_id referee_id level form amount accrued_at paid_at reversed_at"


def members(*drawn: tuple[int, str, int | str]) -> str:
    rows = "\n".join(f"{id_} {at} {referrer}" for id_, at, referrer in drawn)
    return f"id registered_at referred_by_id\n{rows}"


def seen(*drawn: tuple[int, str, str]) -> str:
    when = "2024-01-01_02:00:00 2024-01-01_03:00:00"
    rows = "\n".join(f"{place} {who} {device} {address} {when}" for place, (who, device, address) in enumerate(drawn))
    return f"{SEEN}\n{rows}"


def rewards(*drawn: tuple[str, int, int, int, str]) -> str:
    """Side, beneficiary, referee, CNY, day."""
    rows = "\n".join(
        f"{place} 1 {side} {to} {of} 1 cash {cny} {on}_02:00:00 - -"
        for place, (side, to, of, cny, on) in enumerate(drawn)
    )
    return f"{REWARD}\n{rows}"


def signals(column: str, **tables: Any) -> dict[int, Any]:
    """The evidence of one signal by member, where it is given."""
    snapshot = rewarded(AS_OF, {"reward_rule": RULES, **tables})
    return {who: found for who, found in asked(snapshot, f"member_no, {column}", "abuse_signal").items() if found}


TREE = members(
    (1, "2024-01-01_02:00:00", "-"),
    (2, "2024-02-01_02:00:00", 1),
    (3, "2024-03-01_02:00:00", 1),
    (4, "2024-04-01_02:00:00", 2),
)


def test_a_device_counts_where_referrer_and_referee_were_both_seen_on_it() -> None:
    # 1 with 2 on a and b, and with 3 on c; 3 and 4 share d but did not refer each other; 4 was with 2 at address x.
    drawn = seen(
        (1, "a", "-"), (2, "a", "-"), (1, "b", "-"), (2, "b", "-"), (1, "c", "-"), (3, "c", "-"), (3, "d", "y"),
        (4, "d", "x"), (2, "e", "x"),
    )  # fmt: skip
    assert signals("shared_device", member=TREE, device_sighting=drawn) == {1: 2, 2: 1, 3: 1}
    assert signals("shared_address", member=TREE, device_sighting=drawn) == {2: 1, 4: 1}
    assert signals("ring", member=TREE, device_sighting=drawn) == {1: 4, 2: 4, 3: 4, 4: 4}


def test_self_referral_and_every_member_of_a_closed_loop() -> None:
    # 1 <- 3 <- 2 <- 1 is a loop with 4 below it, 5 referred itself, 6 was referred by nobody known.
    drawn = members(
        (1, "2024-01-02_02:00:00", 2), (2, "2024-01-01_02:00:00", 3), (3, "2024-01-03_02:00:00", 1),
        (4, "2024-01-04_02:00:00", 3), (5, "2024-01-05_02:00:00", 5), (6, "2024-01-06_02:00:00", 77),
    )  # fmt: skip
    # Numbered by registration, the member with id 2 is the first.
    assert signals("loop", member=drawn) == {1: 3, 2: 3, 3: 3, 5: 1}


@pytest.mark.parametrize(
    ("third", "found"),
    [
        ("2024-01-03_02:00:00", {1: 3, 2: 3, 3: 3, 4: 3}),  # 24 hours after the first, to the second
        ("2024-01-03_02:00:01", {1: 3, 3: 3}),  # only the one in the middle has both within 24 hours
        ("2024-01-03_14:00:01", {}),
    ],
)
def test_a_burst_is_so_many_of_one_referrer_within_the_hours(third: str, found: dict[int, int]) -> None:
    drawn = members(
        (1, "2024-01-01_02:00:00", "-"), (2, "2024-01-02_02:00:00", 1), (3, "2024-01-02_14:00:00", 1), (4, third, 1),
        (5, "2024-01-02_15:00:00", 2), (6, "2024-01-02_15:00:00", "-"),
    )  # fmt: skip
    numbered = signals("burst", member=drawn)
    # By registration: 1, 2, 3, then 5 and 6, and the third referee last.
    assert numbered == {{4: 6}.get(who, who): count for who, count in found.items()}


def test_an_account_is_idle_when_it_has_done_nothing_since_its_last_reward() -> None:
    # Rewards for 2 and 3, of 2 March. 3 was seen two days later. The welcome of 4 is no reward that it earned for
    # somebody; the reward for 1 is of the 3rd of December, 28 days before.
    earned = rewards(
        ("referrer", 1, 2, 80, "2024-03-02"), ("referrer", 1, 3, 80, "2024-03-02"), ("invitee", 4, 4, 18, "2024-04-02"),
        ("referrer", 9, 1, 80, "2024-12-03"),
    )  # fmt: skip
    active = f"{SEEN}\n1 3 a - 2024-03-01_02:00:00 2024-03-04_02:00:00\n2 2 b - 2024-03-01_02:00:00 2024-03-02_02:00:00"
    assert signals("idle", member=TREE, reward=earned, device_sighting=active) == {2: 304}


def test_payouts_are_concentrated_where_one_hand_gets_half_of_a_tree() -> None:
    # A tree of ten: 1 brought all others. 1 gets 160, 2 gets 80, 3 gets 79.
    drawn = members(
        (1, "2024-01-01_02:00:00", "-"), *((each, f"2024-03-{each:02}_02:00:00", 1) for each in range(2, 11))
    )
    earned = [("referrer", 1, 4, 160, "2024-04-01"), ("referrer", 2, 5, 80, "2024-04-01")]
    less, more = ("referrer", 3, 6, 79, "2024-04-01"), ("referrer", 3, 6, 81, "2024-04-01")
    assert signals("concentrated", member=drawn, reward=rewards(*earned, less)) == {1: 501}
    assert signals("concentrated", member=drawn, reward=rewards(*earned, more)) == {}
    # What those receive who came does not count, and nine people are too few.
    invited = ("invitee", 9, 9, 1000, "2024-04-01")
    assert signals("concentrated", member=drawn, reward=rewards(*earned, less, invited)) == {1: 501}
    nine = "\n".join(drawn.splitlines()[:-1])
    assert signals("concentrated", member=nine, reward=rewards(*earned, less)) == {}


def farm(honest: int) -> dict[str, str]:
    """A farm of four on one device, who came within an hour, and one far away; and so many honest roots."""
    farmed = [(1, "2024-05-01_02:00:00", "-"), *((each, f"2024-05-01_02:0{each}:00", 1) for each in (2, 3, 4))]
    far = [(5, "2024-06-01_02:00:00", 4)]
    roots = [(100 + each, "2024-07-01_02:00:00", "-") for each in range(honest)]
    return {
        "member": members(*farmed, *far, *roots),
        "device_sighting": seen(
            *((who, "a", "x") for who in (1, 2, 3, 4)), *((each[0], f"d{each[0]}", "-") for each in roots)
        ),
        "reward": rewards(("referrer", 1, 2, 80, "2024-05-03"), ("referrer", 1, 3, 80, "2024-05-03")),
    }


def test_points_patterns_cases_and_what_was_received() -> None:
    snapshot = rewarded(AS_OF, {"reward_rule": RULES, **farm(150)})
    columns = "member_no, member_id, pattern, points, suspected, case_no, rewards, reward_fen"
    found = asked(snapshot, columns, "abuse_signal")
    device, address, ring, burst, idle = (1 << abuse.SIGNALS.index(name) for name in (
        "shared_device", "shared_address", "ring", "burst", "idle",
    ))  # fmt: skip
    farmed = device + address + ring + burst
    # Device and ring tell the same: 20 once; an address weighs at most 10, a burst and an idle account 20 each.
    assert found == {
        1: ("1", farmed, 50, True, 1, 2, 16000),
        2: ("2", farmed + idle, 70, True, 1, 0, 0),
        3: ("3", farmed + idle, 70, True, 1, 0, 0),
        4: ("4", farmed, 50, True, 1, 0, 0),
    }
    rates = asked(snapshot, "signal, suspected, of_suspected, others, of_others, points", "signal_rate")
    assert rates["burst"] == (4, 4, 0, 151, 20)
    assert rates["loop"] == (0, 4, 0, 151, 18)  # 0.2 / (0.5 / 152) = 60.8
    assert set(rates) == set(abuse.SIGNALS)


def test_suspects_who_are_not_linked_are_cases_of_their_own_the_larger_first() -> None:
    other = [(51, "2024-08-01_02:00:00", "-"), *((each, f"2024-08-01_02:{each}:00", 51) for each in (52, 53))]
    drawn = farm(150)
    both = {
        "member": drawn["member"] + "\n" + "\n".join(f"{id_} {at} {by}" for id_, at, by in other)
        + "\n54 2024-08-01_02:55:00 51",
        "device_sighting": drawn["device_sighting"]
        + "".join(f"\n9{who} {who} z w 2024-08-01_02:00:00 2024-08-01_03:00:00" for who in (51, 52, 53)),
    }  # fmt: skip
    snapshot: duckdb.DuckDBPyConnection = rewarded(AS_OF, {"reward_rule": RULES, **drawn, **both})
    cases = asked(snapshot, "member_id, case_no", "abuse_signal")
    # 54 came in the same burst as 51 to 53, on a device of nobody else: a burst alone lists nobody.
    assert cases == {"1": 1, "2": 1, "3": 1, "4": 1, "51": 2, "52": 2, "53": 2, "54": None}


def test_a_book_without_members_has_no_signals() -> None:
    snapshot = rewarded(AS_OF, {"reward_rule": RULES})
    assert snapshot.execute("SELECT count(*) FROM abuse_signal").fetchone() == (0,)
    assert snapshot.execute("SELECT count(*) FROM signal_rate").fetchone() == (len(abuse.SIGNALS),)
