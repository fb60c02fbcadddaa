"""Growth, quality and the tree on one drawn book, from its tables through the refresh to the statements: by hand."""

from datetime import date

import pytest

from queries import growth, quality, tree
from rules.filters import DateRange, Definition, Horizon
from rules.member_filters import MemberSelection
from rules.trees import SUMMED, Scope
from tests.loanbook.derived import derive
from tests.queries.drawn import run

EVERYBODY = MemberSelection(DateRange(), None, ())
AS_OF = date(2026, 6, 30)  # a Tuesday

# A <- B <- D, A <- C; E alone, by campaign 7, invites F. G registered before its referrer B. H's date is an estimate.
MEMBERS = """
    id  registered_at        referred_by_id  campaign_id  acquisition_channel  verified_at          dates_imputed
    A   2024-01-01_04:00:00  -               -            organic              2024-01-01_05:00:00  -
    B   2024-03-31_04:00:00  A               -            referral             -                    -
    C   2024-04-01_04:00:00  A               -            referral             2024-04-02_05:00:00  -
    D   2024-04-30_04:00:00  B               -            referral             -                    -
    E   2026-04-15_04:00:00  -               7            advertising          2026-04-15_05:00:00  -
    F   2026-05-20_04:00:00  E               -            referral             2026-05-21_04:00:00  -
    G   2024-03-30_04:00:00  B               -            referral             -                    -
    H   2024-03-30_04:00:00  A               -            referral             -                    1
    """
INVITATIONS = """
    id  referrer_id  creator  code  medium  campaign_id  sent_at              opened_at            referee_id
    1   A            -        a     link    -            2024-03-01_04:00:00  2024-03-01_05:00:00  B
    2   A            -        a     link    -            2024-03-31_04:00:00  -                    C
    3   A            -        a     link    -            2024-04-01_04:00:00  -                    -
    4   E            -        e     qr      -            2026-05-20_03:00:00  2026-05-20_03:30:00  F
    5   E            -        e     qr      -            2026-04-20_03:00:00  2026-04-20_03:30:00  -
    6   -            star     k     code    9            2026-06-29_03:00:00  -                    -
    7   E            -        e     qr      -            2026-07-01_03:00:00  -                    -
    """
# A's loan was paid, B's defaulted after 4 months; C borrowed twice; F's loan is young.
LOANS = """
    id  member_id  application_id  status       disbursed_at         closed_at            defaulted_on  principal
    1   A          1               paid_off     2024-02-01_04:00:00  2024-08-01_04:00:00  -             1000
    2   B          2               written_off  2024-05-01_04:00:00  2024-11-01_04:00:00  2024-09-01    1000
    3   C          3               paid_off     2024-06-01_04:00:00  2024-09-01_04:00:00  -             1000
    4   C          4               active       2024-10-01_04:00:00  -                    -             1000
    5   F          5               active       2026-06-01_04:00:00  -                    -             1000
    """
APPLICATIONS = """
    id  member_id  applied_at           decided_at           status     amount
    1   A          2024-01-30_04:00:00  2024-01-31_04:00:00  disbursed  1000
    2   B          2024-04-30_04:00:00  2024-04-30_05:00:00  disbursed  1000
    3   C          2024-05-30_04:00:00  2024-05-30_05:00:00  disbursed  1000
    4   C          2024-09-30_04:00:00  2024-09-30_05:00:00  disbursed  1000
    5   F          2026-05-30_04:00:00  2026-05-30_05:00:00  disbursed  1000
    6   D          2024-06-30_04:00:00  2024-06-30_05:00:00  declined   1000
    """
# What members are worth: nothing but what these cost. D's last one came after twelve months.
PERKS = """
    id  member_id  kind      granted_at           expires_at           cost
    1   B          limit_boost  2024-04-10_04:00:00  2024-05-10_04:00:00  30
    2   C          limit_boost  2024-04-10_04:00:00  2024-05-10_04:00:00  50
    3   D          limit_boost  2024-05-10_04:00:00  2024-06-10_04:00:00  20
    4   G          limit_boost  2024-05-10_04:00:00  2024-06-10_04:00:00  10
    5   D          limit_boost  2025-05-10_04:00:00  2025-06-10_04:00:00  500
    """


@pytest.fixture(scope="module")
def book():
    tables = {"member": MEMBERS, "invitation": INVITATIONS, "loan": LOANS, "application": APPLICATIONS, "perk": PERKS}
    return derive(AS_OF, tables)


def rows(book, statement, *columns):
    found = run(book, statement)
    return [tuple(row) for row in found[list(columns)].astype(object).itertuples(index=False)]


def test_members_are_counted_by_the_monday_of_their_week_and_their_level(book):
    found = run(book, growth.weeks(EVERYBODY))
    assert [(str(w)[:10], level, n) for w, level, n in found.itertuples(index=False)] == [
        ("2024-01-01", "0", 1),
        ("2024-03-25", "1", 2),  # B and H; the 31st is a Sunday
        ("2024-03-25", "2", 1),  # G, below B
        ("2024-04-01", "1", 1),
        ("2024-04-29", "2", 1),
        ("2026-04-13", "0", 1),
        ("2026-05-18", "1", 1),
    ]
    only = MemberSelection(DateRange(date(2026, 1, 1)), None, (("channel", ("organic",)),))
    assert rows(book, growth.weeks(only), "members") == [(1,)]  # every registration, whatever the period


def test_cohorts_count_whom_each_brought_within_ninety_days(book):
    columns = ("month", "members", "referrers", "referees", "referees_squared", "invitations", "youngest_days")
    assert rows(book, growth.cohorts(EVERYBODY), *columns) == [
        ("2024-01", 1, 1, 1, 1, 2, 911),  # B after exactly 90 days, C a day too late, H's date is not known
        ("2024-03", 2, 1, 2, 4, 0, 821),  # B: D after 30 days, and G a day before; H is left out
        ("2024-04", 2, 0, 0, 0, 0, 791),
        ("2026-04", 1, 1, 1, 1, 2, 76),
        ("2026-05", 1, 0, 0, 0, 0, 41),
    ]


def test_days_between_a_member_and_whom_they_brought(book):
    assert rows(book, growth.referrals(EVERYBODY, AS_OF), "day", "referees", "recent") == [
        (-1, 1, 0), (30, 1, 0), (35, 1, 1), (90, 1, 0), (91, 1, 0)
    ]  # fmt: skip
    assert sum(n for _days, n in rows(book, growth.followed(EVERYBODY), "observed_days", "members")) == 7


def test_trees_are_counted_by_their_size(book):
    columns = ("size", "trees", "members", "leaves", "levels", "deepest", "largest", "distances", "pairs")
    # A's: A B C H at 0 1 1 1, D and G at 2; pairs A-B C H 1 each, A-D G 2 each, B-C B-H C-H 2, B-D B-G 1, C and H to D
    # and G 3, D-G 2: 3 + 4 + 6 + 2 + 12 + 2.
    assert rows(book, growth.trees(EVERYBODY), *columns) == [
        (2, 1, 2, 1, 1, 1, 2, 1, 1),
        (6, 1, 6, 4, 7, 2, 6, 29, 15),
    ]


def test_invitations_are_counted_by_their_furthest_step_within_the_window(book):
    columns = ("campaign", "reached", "waiting", "members")
    assert sorted(rows(book, growth.invitations(EVERYBODY, 60), *columns)) == [
        # 5 was opened 71 days ago; 4, by E's campaign, 41 days ago: verified and lent to within 60 days
        ("7", 1, False, 1),
        ("7", 4, True, 1),
        ("9", 0, True, 1),
        # B registered on day 30 and was never verified; C registered within a day, unopened, and borrowed on day 62
        ("unknown", 0, False, 1),
        ("unknown", 2, False, 1),
        ("unknown", 3, False, 1),
    ]
    by_campaign = MemberSelection(DateRange(), None, (("campaign", ("9",)), ("channel", ("organic",))))
    assert rows(book, growth.invitations(by_campaign, 60), *columns) == [("9", 0, True, 1)]
    march = MemberSelection(DateRange(date(2024, 3, 1), date(2024, 3, 31)), None, ())
    assert sum(row[3] for row in rows(book, growth.invitations(march, 60), *columns)) == 2


def test_groups_count_members_by_their_first_loan(book):
    found = run(book, quality.by_group(EVERYBODY, "channel", Definition.RECORDED, Horizon.M6)).set_index("segment")
    counted = ["members", "applicants", "approved", "borrowers", "mature", "defaulted", "followed", "again"]
    assert found.loc["referral", counted].tolist() == [6, 4, 3, 3, 2, 1, 2, 1]  # B, C mature; C back after 4 months
    assert found.loc["organic", counted].tolist() == [1, 1, 1, 1, 1, 0, 1, 0]
    assert found.loc["advertising", counted].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    within_three = run(book, quality.by_group(EVERYBODY, "channel", Definition.DPD90, Horizon.FINAL))
    assert within_three["mature"].sum() <= 4


def test_groups_sum_to_everybody_and_values_to_those_of_the_members(book):
    found = run(book, quality.by_group(EVERYBODY, "referral_level", Definition.RECORDED, Horizon.M6))
    [(members, valued, fen)] = book.execute(
        "SELECT count(*), count(value_fen), sum(value_fen) FROM member_outcome"
    ).fetchall()
    assert (found["members"].sum(), found["valued"].sum(), found["value_fen"].sum()) == (members, valued, fen)


def test_referrers_and_their_moments_are_about_the_same_referees(book):
    who = run(book, quality.referrers(EVERYBODY, Definition.RECORDED, Horizon.M6))
    assert who.set_index("member_id")["referees"].to_dict() == {"A": 3, "B": 2}  # F's value is not known yet
    assert who.set_index("member_id")["value_fen"].to_dict() == {"A": -80_00, "B": -30_00}
    assert who["member_id"].tolist() == ["B", "A"]  # the most value first
    assert who.set_index("member_id")["defaulted"].to_dict() == {"A": 1, "B": 0}
    known = run(book, quality.moments(EVERYBODY))
    assert (known["referees"] * known["referrers"]).sum() == who["referees"].sum()
    assert known["value_cny"].sum() == pytest.approx(who["value_fen"].sum() / 100, abs=len(who))
    assert len(run(book, quality.referrers(EVERYBODY, Definition.RECORDED, Horizon.M6, most=1))) == 1


def explored(book, scope, **options):
    return run(book, tree.nodes(scope, Definition.RECORDED, Horizon.M12, **options))


def test_the_branch_of_a_member_is_what_stands_below(book):
    assert explored(book, Scope(member_id="B"))["member_id"].tolist() == ["B", "G", "D"]
    assert explored(book, Scope(member_id="A"))["member_id"].tolist() == ["A", "B", "G", "D", "H", "C"]
    assert explored(book, Scope(member_id="nobody")).empty
    assert explored(book, Scope(member_id="A"), most=2)["member_id"].tolist() == ["A", "B"]


def test_a_campaign_has_the_branches_of_whom_it_brought(book):
    assert explored(book, Scope(campaign="7"))["member_id"].tolist() == ["E", "F"]
    [sums] = run(book, tree.figures(Scope(campaign="7"), Definition.RECORDED, Horizon.M12)).to_dict("records")
    assert (sums["members"], sums["borrowers"], sums["mature"]) == (2, 1, 0)


def test_the_way_up_and_the_sum_of_all_trees(book):
    assert rows(book, tree.path(Scope(member_id="D")), "member_id", "level") == [("A", 0), ("B", 1), ("D", 2)]
    assert run(book, tree.path(Scope())).empty
    [whole] = run(book, tree.whole()).to_dict("records")
    assert (whole["members"], whole["trees"], whole["borrowers"]) == (8, 2, 4)


def test_each_branch_sums_the_members_in_it(book):
    found = explored(book, Scope())
    for row in found.itertuples():
        within = found.loc[found["position"].between(row.position, row.position + row.members - 1)]
        for name in SUMMED:
            own, branch = within[f"own_{name}"], getattr(row, name)
            assert own.isna().all() or own.sum() == branch, (row.member_id, name)
