"""Memberships as spells, and the state of members from day to day: drawn tables with answers by hand."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.migration import DORMANT, LAPSED, NONE
from tests.loanbook.derived import POLICY
from tests.loanbook.members.drawn_movement import moved

AS_OF = date(2024, 6, 30)
TIERS = """
    code      rank
    gold      3
    ordinary  0
    silver    2
    """
MEMBERS = """
    id  registered_at
    1   2023-01-10_02:00:00
    2   2023-01-11_02:00:00
    3   2023-01-12_02:00:00
    """
SPELLS = """
    id  member_id  tier_code  started_at           ended_at             reason     fee_paid
    1   1          ordinary   2023-01-10_03:00:00  2023-02-01_02:00:00  task       0
    2   1          silver     2023-02-01_02:00:00  2024-02-01_02:00:00  paid       168
    3   1          silver     2024-02-01_02:00:00  2024-05-01_02:00:00  paid       168
    4   1          gold       2024-05-01_02:00:00  -                    upgrade    0
    5   2          silver     2023-02-10_02:00:00  2024-02-10_02:00:00  task       0
    6   2          ordinary   2024-02-10_02:00:00  2024-03-10_02:00:00  lapse      0
    7   2          gold       2024-03-10_02:00:00  2024-04-10_02:00:00  paid       298
    8   2          silver     2024-04-10_02:00:00  2024-05-10_17:00:00  downgrade  0
    """


def spells(tables, as_of=AS_OF):
    found = moved(as_of, {"tier": TIERS, **tables}).execute(
        "SELECT member_no, tier, from_on, until_on, change, stay_from_on, stay_ends, fee_fen FROM membership_spell"
    )
    return found.fetchall()


def states(tables, as_of=AS_OF):
    found = moved(as_of, {"tier": TIERS, **tables})
    return found.execute("SELECT member_no, state, from_on, last_on FROM member_state").fetchall()


def test_what_each_membership_changed():
    assert spells({"member": MEMBERS, "membership": SPELLS}) == [
        (1, "ordinary", date(2023, 1, 10), date(2023, 2, 1), "started", date(2023, 1, 10), True, 0),
        (1, "silver", date(2023, 2, 1), date(2024, 2, 1), "joined", date(2023, 2, 1), False, 16_800),
        (1, "silver", date(2024, 2, 1), date(2024, 5, 1), "renewed", date(2023, 2, 1), True, 16_800),
        (1, "gold", date(2024, 5, 1), None, "rose", date(2024, 5, 1), True, 0),
        (2, "silver", date(2023, 2, 10), date(2024, 2, 10), "joined", date(2023, 2, 10), True, 0),
        (2, "ordinary", date(2024, 2, 10), date(2024, 3, 10), "lapsed", date(2024, 2, 10), True, 0),
        (2, "gold", date(2024, 3, 10), date(2024, 4, 10), "returned", date(2024, 3, 10), True, 29_800),
        # 17:00 UTC is the next day in Shanghai.
        (2, "silver", date(2024, 4, 10), date(2024, 5, 11), "fell", date(2024, 4, 10), True, 0),
    ]


def test_what_is_later_than_the_as_of_date_has_not_happened():
    found = spells({"member": MEMBERS, "membership": SPELLS}, date(2024, 4, 10))
    assert [(row[1], row[3], row[4]) for row in found][-2:] == [
        ("gold", date(2024, 4, 10), "returned"),
        ("silver", None, "fell"),
    ]


def test_memberships_that_overlap_end_where_the_next_begins_and_a_gap_is_a_lapse():
    drawn = """
        id  member_id  tier_code  started_at           ended_at             reason  fee_paid
        1   1          silver     2023-02-01_02:00:00  2023-12-01_02:00:00  paid    168
        2   1          gold       2023-06-01_02:00:00  2023-09-01_02:00:00  paid    298
        3   1          gold       2023-10-01_02:00:00  -                    paid    298
        """
    assert [row[1:6] for row in spells({"member": MEMBERS, "membership": drawn})] == [
        ("silver", date(2023, 2, 1), date(2023, 6, 1), "joined", date(2023, 2, 1)),
        ("gold", date(2023, 6, 1), date(2023, 9, 1), "rose", date(2023, 6, 1)),
        ("gold", date(2023, 10, 1), None, "returned", date(2023, 10, 1)),
    ]
    of_first = [row[1:] for row in states({"member": MEMBERS, "membership": drawn}) if row[0] == 1]
    assert ("lapsed", date(2023, 9, 1), date(2023, 9, 30)) in of_first


def test_members_stand_somewhere_on_every_day_and_sleep_after_a_hundred_and_eighty_silent_days():
    # 1: registered and ordinary on 10 Jan, silver on 1 Feb: awake until 180 days later, 31 July. The renewal of
    #    1 Feb 2024 wakes them. 2: a lapse is no sign of life, and outranks sleep. 3: nothing after the registration.
    assert states({"member": MEMBERS, "membership": SPELLS}) == [
        (1, "ordinary", date(2023, 1, 10), date(2023, 1, 31)),
        (1, "silver", date(2023, 2, 1), date(2023, 7, 31)),
        (1, "dormant", date(2023, 8, 1), date(2024, 1, 31)),
        (1, "silver", date(2024, 2, 1), date(2024, 4, 30)),
        (1, "gold", date(2024, 5, 1), date(2024, 6, 30)),
        (2, "none", date(2023, 1, 11), date(2023, 2, 9)),
        (2, "silver", date(2023, 2, 10), date(2023, 8, 9)),
        (2, "dormant", date(2023, 8, 10), date(2024, 2, 9)),
        (2, "lapsed", date(2024, 2, 10), date(2024, 3, 9)),
        (2, "gold", date(2024, 3, 10), date(2024, 4, 9)),
        (2, "silver", date(2024, 4, 10), date(2024, 5, 10)),
        (2, "lapsed", date(2024, 5, 11), date(2024, 6, 30)),
        (3, "none", date(2023, 1, 12), date(2023, 7, 11)),
        (3, "dormant", date(2023, 7, 12), date(2024, 6, 30)),
    ]


def test_a_running_loan_an_application_and_a_referral_keep_awake():
    tables = {
        "member": """
            id  registered_at        referred_by_id
            1   2023-01-10_02:00:00  -
            2   2024-01-10_02:00:00  1
            """,
        "application": """
            id  member_id  applied_at
            1   1          2023-03-01_02:00:00
            """,
        "loan": """
            id  member_id  disbursed_at         status    closed_at
            1   1          2023-03-02_02:00:00  paid_off  2023-06-30_02:00:00
            """,
    }
    # Awake until 180 days after 30 June: 27 December.
    assert [row[1:] for row in states(tables) if row[0] == 1] == [
        ("none", date(2023, 1, 10), date(2023, 12, 27)),
        ("dormant", date(2023, 12, 28), date(2024, 1, 9)),
        ("none", date(2024, 1, 10), date(2024, 6, 30)),
    ]


def test_a_book_without_members_has_no_states():
    assert states({}) == []
    assert spells({}) == []


DAYS = st.integers(0, 500)
DRAWN = st.lists(
    st.tuples(
        st.integers(1, 5),
        st.sampled_from(["ordinary", "silver", "gold"]),
        DAYS,
        st.none() | DAYS,
        st.sampled_from(["paid", "task", "upgrade", "downgrade", "lapse"]),
    ),
    max_size=14,
)


@settings(max_examples=6, deadline=None)
@given(DRAWN, st.lists(st.tuples(st.integers(1, 5), DAYS), max_size=8))
def test_states_are_those_of_the_definition(drawn, applied):
    first = date(2023, 1, 1)

    def at(days):
        return f"{first + timedelta(days=days)} 02:00:00"

    tables = {
        "tier": TIERS,
        "member": [{"id": number, "registered_at": at(0)} for number in range(1, 6)],
        "membership": [
            {
                "id": number, "member_id": member, "tier_code": tier, "started_at": at(start),
                "ended_at": None if length is None else at(start + length), "reason": reason, "fee_paid": 0,
            }
            for number, (member, tier, start, length, reason) in enumerate(drawn)
        ],
        "application": [
            {"id": number, "member_id": member, "applied_at": at(day)} for number, (member, day) in enumerate(applied)
        ],
    }  # fmt: skip
    found = moved(AS_OF, tables).execute("SELECT member_no, state, from_on, last_on FROM member_state").fetchall()
    for member in range(1, 6):
        of_member = [row for row in found if row[0] == member]
        for day in range(0, (AS_OF - first).days + 1, 13):
            on = first + timedelta(days=day)
            (state,) = [row[1] for row in of_member if row[2] <= on <= row[3]]
            assert state == _state(member, day, drawn, applied)


def _state(member, day, drawn, applied):
    """The definition of rules/migration.py, member by member and day by day."""
    own = sorted((row[2], number, row) for number, row in enumerate(drawn) if row[0] == member)
    own = [row for _start, _number, row in own]
    signs = [0, *(on for who, on in applied if who == member)]
    signs += [start for _who, _tier, start, _length, reason in own if reason in {"paid", "task", "upgrade"}]
    begun = [row for row in own if row[2] <= day]
    if not begun:
        standing = NONE
    else:
        _who, tier, start, length, reason = begun[-1]
        standing = LAPSED if reason == "lapse" or (length is not None and start + length <= day) else tier
    last = max(sign for sign in signs if sign <= day)
    asleep = day - last > POLICY.movement.dormant_days
    return DORMANT if asleep and standing != LAPSED else standing
