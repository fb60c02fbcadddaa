"""What must hold in every demo book."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from loanbook import demo
from loanbook.schema import metadata
from tests.loanbook.demo import oracle
from tests.loanbook.demo.conftest import AS_OF

END = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
TO_COME = {("perk", "expires_at"), ("instalment", "due_on"), ("contact", "promised_on"), ("contact", "planned_at"),
           ("target", "period_end"),
           ("schedule_change", "old_due_on"), ("schedule_change", "new_due_on")}  # fmt: skip
OF_OPEN = {("application", "applied_at"), ("application", "disclosure_confirmed_at"), ("score", "scored_at"),
           ("application_check", "checked_at")}  # fmt: skip
LEFT_EMPTY = {"month_state"}
# What other books record: estimated dates, the lender's own grade and default date, another definition of default,
# what came of a loan without its repayments.
ALWAYS_EMPTY = {"member.dates_imputed", "application.grade", "loan.defaulted_on", "loan.dates_imputed",
                "loan.principal_received", "loan.charges_received", "book_note.definition"}  # fmt: skip
# Campaigns are paid for.
NEVER_THERE = {"campaign.channel": {"organic", "referral"}}


def test_all_tables_of_the_contract_are_there(tables):
    assert set(tables) == set(metadata.tables)
    assert {name for name, table in tables.items() if not len(table)} == LEFT_EMPTY


def test_nothing_happens_after_the_as_of_date_but_open_applications_of_the_running_day(book):
    for name, frame in book.items():
        for column in frame.select_dtypes("datetime"):
            if (name, column) not in TO_COME | OF_OPEN:
                assert not (frame[column] >= END).any(), (name, column)
    application = book["application"]
    running = application[application.applied_at >= END]
    assert 1 <= len(running) <= 80
    assert set(running.status) == {"open"}
    assert running.applied_at.max() < END + pd.Timedelta(hours=9)
    for name in ("score", "application_check"):
        late = book[name][book[name].filter(regex="_at$").iloc[:, 0] >= END]
        assert set(late.application_id) <= set(running.id)


def test_applications_run_their_course(book):
    rows = book["application"].merge(book["loan"].add_prefix("loan_"), left_on="id", right_on="loan_application_id",
                                     how="left")  # fmt: skip
    assert set(rows.status) == {"open", "approved", "declined", "withdrawn", "disbursed"}
    assert set(rows.decided_by.dropna()) == {"rules", "model", "manual"}
    assert (rows.status == "open").equals(rows.decided_at.isna())
    assert (rows.status == "disbursed").equals(rows.loan_id.notna())
    decided, lent = rows.dropna(subset=["decided_at"]), rows.dropna(subset=["loan_id"])
    assert (decided.applied_at <= decided.decided_at).all()
    assert (lent.decided_at <= lent.loan_disbursed_at).all()
    assert (lent.loan_principal <= lent.approved_amount).all()
    assert (lent.approved_amount <= lent.amount).all()
    by_hand = decided[decided.decided_by == "manual"].decided_at.dt
    assert by_hand.hour.between(9, 17).all()
    assert (by_hand.day_of_week < 6).all()
    large = decided[(decided.amount >= 5_000_000) & (decided.decided_by == "model")]
    assert set(large.status) <= {"declined"}


def test_loans_are_scheduled_to_the_fen(book):
    loan, due = book["loan"].set_index("id"), book["instalment"]
    by_loan = due.groupby("loan_id")
    assert (by_loan.principal_due.sum() == loan.principal).all()
    assert (by_loan.number.agg(["min", "max", "nunique"]).to_numpy() == np.stack(
        [np.ones(len(loan)), loan.term_months, loan.term_months], axis=1)).all()  # fmt: skip
    assert (due[["principal_due", "interest_due", "fee_due"]] >= 0).all().all()
    total = due.principal_due + due.interest_due
    spread = total.groupby(due.loan_id).max() - total.groupby(due.loan_id).min()
    assert spread[loan.method == "equal_payment"].max() <= 2
    parts = by_loan.principal_due.max() - by_loan.principal_due.min()
    assert parts[loan.method == "equal_principal"].max() <= 2
    last = due[due.number == due.loan_id.map(loan.term_months)].set_index("loan_id").principal_due
    only_last = loan.method == "interest_first"
    assert (last[only_last] == loan.principal[only_last]).all()
    assert loan.annual_rate.between(0.08, 0.24).all()
    assert set(loan.term_months) == {3, 6, 12, 24, 36}
    unmoved = ~loan.index.isin(book["schedule_change"].loan_id)
    assert (loan.disbursed_at.dt.normalize() + pd.DateOffset(months=1) == by_loan.due_on.min())[unmoved].all()
    before = due.groupby("loan_id").due_on.shift()
    assert (due.due_on[before.notna()] > before.dropna()).all()


def test_status_follows_from_what_was_paid(book):
    loan = book["loan"].set_index("id")
    paid = book["repayment"].groupby("loan_id")
    due = book["instalment"].assign(total=lambda d: d.principal_due + d.interest_due + d.fee_due).groupby("loan_id")
    received = paid.amount.sum().reindex(loan.index).fillna(0)
    early = loan.index.isin(book["repayment"].loan_id[book["repayment"].kind == "early"])
    closed = loan.status == "paid_off"
    assert loan.closed_at.notna().equals(closed)
    over = (received - due.total.sum())[closed & ~early]
    assert (over >= 0).all()
    assert (over < 1000).all()  # rounded up to ten yuan
    assert 0 < (over > 0).mean() < 0.05
    assert (received[early] >= loan.principal[early]).all()
    assert (received[early] < due.total.sum()[early]).all()
    assert (paid.paid_at.max()[closed] == loan.closed_at[closed]).all()
    assert (received[~closed] < due.total.sum()[~closed]).all()
    assert (paid.paid_at.min() > loan.disbursed_at.reindex(paid.paid_at.min().index)).all()
    assert (book["repayment"].amount != 0).all()


def test_loans_are_written_off_more_than_180_days_past_due(book):
    loan = book["loan"].set_index("id")
    defaulted_on = oracle.first_default(book, AS_OF, days=180)
    written = loan[loan.status == "written_off"]
    assert len(written) > 200
    assert (written.written_off_at.dt.normalize() >= defaulted_on[written.index]).all()
    recoveries = book["repayment"][book["repayment"].kind == "recovery"]
    assert len(recoveries) > 50
    assert (recoveries.paid_at > recoveries.loan_id.map(loan.written_off_at)).all()


def test_borrowers_return_and_defaulters_do_not(book):
    loan = book["loan"].sort_values("disbursed_at")
    loan["defaulted_on"] = loan.id.map(oracle.first_default(book, AS_OF))
    per_borrower = loan.groupby("member_id").size()
    assert 1.6 < per_borrower.mean() < 2.4
    assert 6 <= per_borrower.max() <= 8
    earlier = loan.groupby("member_id").defaulted_on.shift()
    assert not (earlier < loan.disbursed_at).any()


def test_the_tree_has_six_levels_and_grows_forward(book):
    member = book["member"].set_index("id")
    referred = member.dropna(subset=["referred_by_id"])
    assert (referred.registered_at > referred.referred_by_id.map(member.registered_at)).all()
    assert ((member.acquisition_channel == "referral") == member.referred_by_id.notna()).all()
    level, above = pd.Series(0, member.index), member.referred_by_id
    while above.notna().any():
        level += above.notna()
        above = above.map(member.referred_by_id)
    assert sorted(level.unique()) == [0, 1, 2, 3, 4, 5]
    assert referred.groupby("referred_by_id").size().max() > 20


def test_memberships_follow_one_another(book):
    rows = book["membership"].sort_values(["member_id", "started_at"])
    before = rows.groupby("member_id").ended_at.shift()
    first = ~rows.member_id.duplicated()
    assert (before[~first] == rows.started_at[~first]).all()
    assert (rows.ended_at.isna() | (rows.started_at < rows.ended_at)).all()
    assert set(rows.reason) == {"paid", "task", "upgrade", "downgrade", "lapse"}


def test_identities_are_nobodys(book):
    member = book["member"]
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    right = [
        "10X98765432"[sum(int(c) * w for c, w in zip(n[:17], weights, strict=True)) % 11] for n in member.id_number
    ]
    assert (member.id_number.str[-1] != pd.Series(right)).all()
    assert member.id_number.str.fullmatch(r"\d{17}[\dX]").all()
    assert member.phone.str.fullmatch(r"154\d{8}").all()
    assert member.full_name.str.fullmatch(r"[一-鿿]{2,3}").all()
    assert member.province.nunique() == 31
    assert member.referral_code.is_unique


def test_every_code_of_the_contract_occurs(book):
    for table in metadata.sorted_tables:
        for column in table.columns:
            if codes := column.info.get("codes"):
                assert set(book[table.name][column.name].dropna()) == set(codes) - NEVER_THERE.get(str(column), set())


def test_only_what_the_demo_book_does_not_record_is_empty(tables):
    empty = {
        f"{name}.{column}"
        for name, rows in tables.items()
        for column in rows.column_names
        if len(rows) and rows[column].null_count == len(rows)
    }
    assert empty == ALWAYS_EMPTY


def test_layers_decide_one_after_another(book):
    check = book["application_check"].merge(
        book["application"][["id", "status", "decided_by", "amount"]], left_on="application_id", right_on="id"
    )
    per_layer = check.groupby("layer")
    assert set(check.layer) == {"rules", "model", "manual"}
    assert {layer: set(rows.outcome) for layer, rows in per_layer} == {
        "rules": {"pass", "flag", "fail"}, "model": {"pass", "flag", "fail"}, "manual": {"pass", "fail"},
    }  # fmt: skip
    stopped = check[(check.layer == "rules") & (check.outcome == "fail")]
    assert set(stopped.decided_by.dropna()) == {"rules"}
    assert not check[check.layer == "model"].application_id.isin(stopped.application_id).any()
    score = check[check.layer == "model"]
    low, handed_on = score.value.astype(int) < 550, score.status == "open"
    assert ((low & ~handed_on) == (score.outcome == "fail")).all()
    assert (score.outcome[low & handed_on] == "flag").all()
    override = check[check.code == "override"]
    low = override[override.outcome == "pass"]
    assert set(low.status) <= {"disbursed", "withdrawn", "approved"}
    assert set(override[override.outcome == "fail"].status) == {"declined"}
    outside = book["application"].set_index("id").within_policy.eq(False)
    assert set(outside.index[outside]) == set(low.application_id)
    assert len(low) > 100


def test_a_good_many_applications_wait_for_a_person_large_small_flagged_and_late(book):
    rows = book["application"][book["application"].status == "open"]
    flagged = book["application_check"].query("outcome == 'flag' and layer in ('rules', 'model')")
    assert 50 <= len(rows) <= 120
    assert rows.amount.max() > 150_000 * 100
    assert rows.amount[rows.amount >= 5_000_000].nunique() > 20
    assert (rows.amount < 5_000_000).sum() >= 10
    assert set(rows.id) <= set(flagged.application_id)  # small ones were handed to a person by rules or model
    assert {"many_lenders", "shared_device"} <= set(flagged[flagged.application_id.isin(rows.id)].code)
    assert (rows.applied_at < rows.applied_at.max() - pd.Timedelta(days=1)).sum() >= 5


def test_rewards_are_of_every_rule(book):
    rule = book["reward_rule"].set_index("id")
    reward = book["reward"].join(rule[["starts_on", "ends_on"]], on="reward_rule_id")
    assert set(reward.reward_rule_id) == set(rule.index)
    assert (reward.accrued_at.dt.normalize() >= reward.starts_on).all()
    assert not (reward.accrued_at.dt.normalize() > reward.ends_on).any()
    assert reward.team_id.notna().equals(reward.side == "team")
    assert set(reward.reversal_reason.dropna()) == {"first_payment_default", "shared_device"}
    assert reward.paid_at[reward.accrued_at < END - pd.Timedelta(days=30)].isna().sum() > 100


def test_invitations_are_sent_before_they_are_opened_and_answered(book):
    rows = book["invitation"]
    member = book["member"].set_index("id")
    assert (rows.referrer_id.notna() != rows.creator.notna()).all()
    assert not (rows.opened_at < rows.sent_at).any()
    came = rows.dropna(subset=["referee_id"])
    assert (came.sent_at <= came.referee_id.map(member.registered_at)).all()
    by_member = came.dropna(subset=["referrer_id"])
    assert (by_member.referee_id.map(member.referred_by_id) == by_member.referrer_id).all()
    assert (by_member.code == by_member.referrer_id.map(member.referral_code)).all()
    assert 0.2 < rows.opened_at.isna().mean() < 0.5


def test_lines_follow_tiers_good_repayment_and_default(book):
    line = book["credit_line"]
    assert set(line.reason) == {"tier", "good_repayment", "default"}
    assert (line.amount[line.reason == "default"] == 0).all()
    assert (line.amount[line.reason != "default"] > 0).all()
    assert set(book["reserve_movement"].reason) == {"provision", "write_off", "recovery"}


def test_rewards_go_up_the_tree(book):
    member = book["member"].set_index("id").referred_by_id
    rows = book["reward"][book["reward"].side == "referrer"]
    one, two = rows[rows.level == 1], rows[rows.level == 2]
    assert len(two) > 300
    assert (one.referee_id.map(member) == one.beneficiary_id).all()
    assert (two.referee_id.map(member).map(member) == two.beneficiary_id).all()
    assert (rows.paid_at.dropna().dt.normalize() == rows.accrued_at[rows.paid_at.notna()].dt.normalize()
            + pd.Timedelta(days=1)).all()  # fmt: skip
    assert rows.reversed_at.notna().sum() > 10


def test_the_same_arguments_give_the_same_book():
    one, two = (demo.generate(3_000, 11, AS_OF) for _ in range(2))
    assert all(one[name].equals(two[name]) for name in one)
    assert not one["loan"].equals(demo.generate(3_000, 12, AS_OF)["loan"])
    assert not one["loan"].equals(demo.generate(3_000, 11, date(2026, 11, 19))["loan"])


@pytest.mark.parametrize("members", [1, 2, 60])
@pytest.mark.parametrize("as_of", [AS_OF, date(2024, 2, 29)])
def test_small_books_are_books(members, as_of):
    tables = demo.generate(members, 3, as_of)
    assert len(tables["member"]) == members
    assert len(tables["loan"]) == tables["application"].to_pandas().status.eq("disbursed").sum()


def test_chunks_together_are_one_book():
    parts = list(demo.chunks(5_000, 3, AS_OF, members_each=2_000))
    assert [len(part["member"]) for part in parts] == [2_000, 2_000, 1_000]
    assert [len(part["tier"]) for part in parts] == [5, 0, 0]
    for name, key in (("member", "id"), ("loan", "id"), ("repayment", "id"), ("application", "id"), ("contact", "id")):
        ids = np.concatenate([part[name][key].to_numpy() for part in parts])
        assert (ids == np.arange(1, len(ids) + 1)).all(), name
    for part in parts:
        assert set(part["loan"]["member_id"].to_pylist()) <= set(part["member"]["id"].to_pylist())
        assert set(part["instalment"]["loan_id"].to_pylist()) == set(part["loan"]["id"].to_pylist())
    assert not parts[0]["loan"]["principal"].equals(parts[1]["loan"]["principal"])


def test_only_the_tables_that_are_wanted_are_made_and_they_are_the_same():
    whole = demo.chunks(3_000, 3, AS_OF, members_each=2_000)
    for part, wanted in zip(whole, demo.chunks(3_000, 3, AS_OF, 2_000, only=("loan", "repayment")), strict=True):
        assert list(wanted) == ["loan", "repayment"]
        assert wanted["loan"].equals(part["loan"])
        assert wanted["repayment"].equals(part["repayment"])


def test_parts_that_are_made_apart_share_no_key():
    parts = [demo.part(1_500, 3, AS_OF, number, only=("member", "application", "loan", "instalment", "repayment"))
             for number in range(3)]  # fmt: skip
    for name in ("member", "application", "loan", "repayment"):
        ids = np.concatenate([part[name]["id"].to_numpy() for part in parts])
        assert len(set(ids)) == len(ids), name
    for part in parts:
        for name, column, referred in (
            ("loan", "member_id", "member"), ("loan", "application_id", "application"),
            ("instalment", "loan_id", "loan"), ("repayment", "loan_id", "loan"), ("member", "referred_by_id", "member"),
        ):  # fmt: skip
            named = set(part[name][column].drop_null().to_pylist())
            assert named <= set(part[referred]["id"].to_pylist()), (name, column)
    assert parts[0]["loan"].equals(next(demo.chunks(1_500, 3, AS_OF))["loan"])
