"""What members of the demo book are worth, through the product's own chain: the planted truths, and the cents."""

from datetime import date

import pytest

from components import access, export
from components.membership import price_cap
from components.membership import worth as worth_card
from loanbook import demo
from loanbook import snapshots as files
from loanbook.demo.truth import TRUTH
from loanbook.snapshot_schema import BUCKETS
from queries import book as books
from queries import perks, prices, snapshots, worth
from queries.read import read, stream
from rules import lifetime_value, loan_prices
from rules import perks as judged
from rules import worth as valued
from rules.default_rates import Verdict
from rules.filters import DateRange
from rules.member_filters import MemberSelection
from rules.worth import Verdict as Earns
from tests import shown_page
from tests.demo_snapshot import AS_OF, POLICY, demo_snapshot
from tests.shown_page import said

NEWEST = date(2026, 10, 31)
EVERYBODY = MemberSelection(DateRange(), None, ())
JUDGE = {"significance": POLICY.display.significance, "thin_members": POLICY.display.thin_borrowers}
BY_THEN = "< TIMESTAMP '2026-10-31 16:00:00'"  # the end of October in Shanghai


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return demo_snapshot(tmp_path_factory)


@pytest.fixture(scope="module")
def ask(built):
    def asked(statement):
        snapshots.use(built.path.parent)
        return read(statement, built.snapshot_id, limit=worth.MOST_CELLS)

    return asked


@pytest.fixture(scope="module")
def one(built):
    opened = files.open_readonly(built.path)
    yield lambda sql: opened.execute(sql).fetchone()
    opened.close()


def test_the_tier_that_really_earns(ask):
    assert ask(worth.by_tier(EVERYBODY)).equals(ask(worth.by_tier(MemberSelection(DateRange(AS_OF), None, ()))))
    found = valued.per_member_month(ask(worth.by_tier(EVERYBODY)), **JUDGE).set_index("value").drop("unknown")
    assert set(found["verdict"]) == {Earns.EARNS}
    assert found["contribution_each"].idxmax() == TRUTH.earning_tier
    lent = found["interest_fen_each"] + found["fee_fen_each"]
    assert lent.idxmax() == TRUTH.lending_tier
    assert found.loc[TRUTH.lending_tier, "loss_fen_each"] > 1.2 * found.loc[TRUTH.earning_tier, "loss_fen_each"]
    assert valued.differs(found.loc[TRUTH.earning_tier], found.loc[TRUTH.lending_tier], JUDGE["significance"])


def test_the_perk_that_really_helps(ask):
    cells = ask(perks.by_stratum(EVERYBODY, again_days=POLICY.perks.again_days))
    found = judged.compare(cells, **JUDGE)
    after = found.loc[(found["occasion"] == "first_repaid") & ~found["thin"]].set_index("kind")
    assert set(after.index) == {TRUTH.helping_perk, TRUTH.idle_perk}
    assert after.loc[TRUTH.helping_perk, "verdict"] == Verdict.HIGHER
    assert after.loc[TRUTH.idle_perk, "verdict"] == Verdict.NOISE
    redeemed = after.loc[TRUTH.idle_perk]
    assert redeemed["redeemed_again"] > 0.97 * redeemed["redeemed"]  # comparing those would praise it
    assert not any(after["unlike"])  # given by chance
    coupon = found.loc[found["occasion"] == "first_tier"].iloc[0]
    assert (coupon["none"], coupon["verdict"]) == (0, Verdict.NOT_COMPARED)


def test_loans_over_the_cap_are_those_that_were_planted_and_nothing_else(ask):
    loans = loan_prices.rated(ask(prices.over_cap(EVERYBODY)))
    planted = demo.planted(demo.MEMBERS, demo.SEED, AS_OF).price_cap_loan_ids
    by_own_fees = loans.loc[loans["over_cap"]]
    assert sorted(map(int, by_own_fees["loan_id"])) == sorted(planted)
    assert (by_own_fees["rate"] > TRUTH.price_cap).all()
    lifted = loans.loc[~loans["over_cap"]]
    assert (lifted["rate"] <= TRUTH.price_cap).all()
    assert (lifted["rate_with_fee"] > TRUTH.price_cap).all()
    assert (lifted["membership_fee_fen"] > 0).all()
    counted = ask(prices.by_tier(EVERYBODY)).sum(numeric_only=True)
    assert (len(by_own_fees), len(lifted)) == (counted["over_cap"], counted["lifted"])
    assert len(ask(prices.over_cap(EVERYBODY, first=100))) == 100


def test_every_part_re_sums_to_its_source_to_the_cent(one):
    sums = ", ".join(f"sum({name})" for name in valued.COLUMNS)
    parts = dict(zip(valued.COLUMNS, one(f"SELECT {sums} FROM member_value"), strict=True))
    assert tuple(parts.values()) == one(f"SELECT {sums} FROM tier_value")
    assert parts["membership_fee_fen"] == one(f"SELECT sum(fee_paid_fen) FROM membership WHERE started_at {BY_THEN}")[0]
    assert parts["perk_fen"] == one(
        f"SELECT sum(cost_fen) FROM perk WHERE kind <> 'rate_cut' AND coalesce(redeemed_at, granted_at) {BY_THEN}"
    )[0]  # fmt: skip
    assert parts["contact_fen"] == one(f"SELECT sum(cost_fen) FROM contact WHERE contacted_at {BY_THEN}")[0]
    accrued, reversed_ = (
        one(f"SELECT sum(amount_fen) FROM reward WHERE {at} {BY_THEN}")[0] for at in ("accrued_at", "reversed_at")
    )
    assert parts["reward_fen"] == accrued - reversed_
    upfront = one(f"SELECT sum(upfront_fee_fen) FROM loan WHERE disbursed_at {BY_THEN}")[0]
    interest, fee = one("SELECT sum(interest_fen), sum(fee_fen) FROM loan_month")
    assert (parts["interest_fen"], parts["fee_fen"]) == (interest, fee + upfront)


def test_what_came_in_on_a_paid_off_loan_is_all_but_principal_and_what_was_rounded_up(one):
    least, most, above = one(
        "WITH paid AS (SELECT loan_id, sum(amount_fen) AS fen FROM repayment GROUP BY 1), "
        "got AS (SELECT loan_no, sum(interest_fen + fee_fen) AS fen FROM loan_month GROUP BY 1) "
        "SELECT min(over), max(over), count(*) FILTER (WHERE over > 0) / count(*) FROM (SELECT "
        "paid.fen - principal_fen - got.fen AS over FROM loan_fact JOIN got USING (loan_no) "
        f"JOIN paid ON paid.loan_id::TEXT = loan_fact.loan_id WHERE status = 'paid_off' AND closed_on <= '{NEWEST}')"
    )
    assert 0 <= least <= most < 1000  # the last payment rounded up to the next ten yuan
    assert above < 0.05


def test_what_was_lost_and_expected_is_all_that_is_booked_as_loss(one):
    expected = one(
        "SELECT sum((outstanding_fen * millionths + 500000) // 1000000) FROM loan_month JOIN loss_expected "
        f"ON loan_month.bucket::TEXT = loss_expected.bucket WHERE month_end = DATE '{NEWEST}'"
    )[0]
    [lost] = one("SELECT sum(lost_fen) FROM loan_month")
    [recovered] = one(f"SELECT sum(amount_fen) FROM repayment WHERE kind = 'recovery' AND paid_at {BY_THEN}")
    assert one("SELECT sum(loss_fen) FROM member_value")[0] == lost + expected - recovered
    rates = [one(f"SELECT millionths FROM loss_expected WHERE bucket = '{bucket}'")[0] for bucket in BUCKETS]
    assert rates == sorted(rates)
    assert rates[0] == 0 < rates[1]


def test_months_on_tiers_are_every_month_end_since_registration(one):
    assert one("SELECT sum(months) FROM tier_value")[0] == one(
        f"SELECT sum(datediff('month', registered_on, DATE '{NEWEST}') + 1) FROM member_journey "
        f"WHERE registered_on <= DATE '{NEWEST}'"
    )[0]  # fmt: skip


def test_lifetime_value_by_tier_sums_to_what_cohorts_brought_in(ask):
    registered = DateRange(date(2024, 11, 1), date(2025, 10, 31))
    chosen = MemberSelection(registered, None, ())
    cells, cohorts = ask(worth.by_month(chosen, "first_tier", months=24)), ask(worth.cohorts(chosen, "first_tier"))
    found = lifetime_value.curves(
        cells, cohorts, registered=registered, newest_month=NEWEST, observed_months=12, months=24, discount_rate=0.0
    )
    seen = lifetime_value.at_month(found, 12)
    assert not seen["projected"].any()
    of_cohorts = cells.loc[(cells["cohort"] >= "2024-11") & (cells["cohort"] <= "2025-10") & (cells["month"] <= 12)]
    assert (seen["cumulative_fen"] * seen["members"]).sum() == pytest.approx(valued.contribution(of_cohorts).sum())
    assert seen.set_index("value").loc[TRUTH.earning_tier, "cumulative_fen"] == seen["cumulative_fen"].max()


def test_all_members_together_are_the_sum_of_their_tiers(ask):
    chosen = MemberSelection(DateRange(), None, ())
    for statement in (lambda by: worth.by_month(chosen, by, months=24), lambda by: worth.cohorts(chosen, by)):
        whole, parts = ask(statement(None)), ask(statement("first_tier"))
        assert set(whole["value"]) == {""}
        sums = [name for name in whole if name not in {"value", "cohort", "month"}]
        keys = [name for name in ("cohort", "month") if name in whole]
        assert whole.set_index(keys)[sums].equals(parts.groupby(keys)[sums].sum())


def _page():
    from pages import membership

    membership.show()


@pytest.fixture
def shown(built, monkeypatch):
    """A function that runs the part on worth; the facts of the book may be changed."""
    monkeypatch.setattr(access, "require", lambda page: None)
    monkeypatch.setattr(access, "guard", lambda page: lambda: None)
    snapshots.use(built.path.parent)

    def run(*, table="", **asked):
        tables = {"tables": table} if table else {}
        return shown_page.run(
            _page, built.snapshot_id, "membership", mature_days=372, **tables, **{"part": "worth", **asked}
        )

    yield run
    books.facts.cache_clear()


def test_the_planted_truths_stand_on_the_cards(shown):
    at = shown()
    text = said(at)
    assert f"**{TRUTH.earning_tier.capitalize()} earns most**" in text
    assert f"{TRUTH.lending_tier.capitalize()} brings in more interest and fees" in text
    assert "**Rate cut brings members back**" in text
    assert "**Limit boost changes nothing** that is more than noise" in text
    assert "of those who redeemed it borrowed again" in text
    assert "**Interest-free coupon, first tier joined**: granted to all" in text
    planted = demo.planted(demo.MEMBERS, demo.SEED, AS_OF).price_cap_loan_ids
    assert f"**{len(planted)} loans** of" in text
    assert "Over 4 times the prime rate" in text
    assert "A member of **Platinum** is worth" in text
    assert len(at.get("plotly_chart")) == 4


@pytest.mark.parametrize("table", ["worth", "lifetime", "perks", "price-cap"])
def test_each_figure_has_a_table(shown, table):
    at = shown(table=table)
    assert len(at.get("plotly_chart")) == 3
    assert len(at.dataframe) == 1
    assert len(at.dataframe[0].value) > 3


def test_lifetime_value_by_channel_in_chinese(shown):
    text = said(shown(language="zh", value_by="channel"))
    assert "24" in text


def test_few_members_are_not_judged(shown):
    at = shown(choices=(("province", ("Tibet",)),))
    text = said(at)
    assert "Too few members stood on any tier to say which one earns." in text
    assert "Too few members were granted a perk" in text


def test_a_missing_table_is_named(shown):
    assert "`repayment`" in said(shown(missing=frozenset({"repayment"})))


def test_the_members_behind_re_sum_to_their_tiers(ask):
    rows, tiers = ask(worth.members_behind(EVERYBODY)), ask(worth.by_tier(EVERYBODY)).set_index("value")
    summed = rows.groupby("tier")[["months", *valued.COLUMNS]].sum()
    assert summed.loc[tiers.index].equals(tiers[["months", *valued.COLUMNS]].rename_axis("tier"))
    assert (rows["contribution_fen"] == valued.contribution(rows)).all()
    assert list(rows) == list(worth_card._FILE)


def test_the_file_of_loans_over_the_cap_holds_their_rates(ask, built, shown):
    shown()
    snapshots.use(built.path.parent)
    batches = price_cap._rated_batches(lambda: stream(prices.over_cap(EVERYBODY), built.snapshot_id))
    rows = [row for batch in export.in_cny(lambda: batches) for row in batch.to_pylist()]
    assert len(rows) == ask(prices.by_tier(EVERYBODY))[["over_cap", "lifted"]].to_numpy().sum()
    assert all(row["rate_with_fee"] > TRUTH.price_cap for row in rows)
    assert list(rows[0]) == export.cny_columns(price_cap._FILE)
    assert not {"full_name", "phone", "id_number"} & set(rows[0])
