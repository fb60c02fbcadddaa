"""What is planted for the other pages: the ring, the dear campaign, the drift, contacts at night, fees over the cap."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact, mannwhitneyu

from loanbook import demo, schema
from loanbook.demo.truth import TRUTH
from tests.loanbook.demo import oracle
from tests.loanbook.demo.conftest import AS_OF

END = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)


def test_ids_follow_from_members_seed_and_date(planted):
    again = demo.planted(demo.MEMBERS, demo.SEED, AS_OF)
    assert list(again.price_cap_loan_ids) == list(planted.price_cap_loan_ids)
    assert min(map(len, vars(planted).values())) > 0


def test_the_ring_shares_devices_and_one_address_and_is_one_tree(book, planted):
    ring = set(planted.ring_member_ids)
    sightings = book["device_sighting"]
    of_ring = sightings[sightings.member_id.isin(ring)]
    shared = sightings[~sightings.member_id.isin(ring)].groupby("device_hash").member_id.nunique()
    assert len(ring) == 24
    assert of_ring.device_hash.nunique() == 3
    assert of_ring.address_hash.nunique() == 1
    assert shared.max() == 1
    member = book["member"].set_index("id").loc[list(planted.ring_member_ids)]
    assert pd.isna(member.referred_by_id.iloc[0])
    assert set(member.referred_by_id.iloc[1:]) < ring
    loans = book["loan"][book["loan"].member_id.isin(ring)]
    assert loans.groupby("member_id").size().max() == 1
    rewards = book["reward"][book["reward"].referee_id.isin(ring)]
    assert len(rewards[rewards.side == "referrer"]) > 30


def test_the_dear_campaign_is_cheap_per_registration_and_dear_per_repaying_borrower(book, planted):
    member = book["member"].dropna(subset=["campaign_id"])
    repaid = set(book["loan"][book["loan"].status == "paid_off"].member_id)
    spend = book["campaign_spend"].groupby("campaign_id").amount.sum() / 100
    campaigns = book["campaign"].set_index("id")
    # Campaigns that are old enough for their members to have repaid.
    old = campaigns.index[campaigns.ends_on < pd.Timestamp(AS_OF) - pd.Timedelta(days=300)]
    per_member = (spend / member.groupby("campaign_id").size()).loc[old]
    per_repaying = (spend / member[member.id.isin(repaid)].groupby("campaign_id").size()).loc[old]
    (dear,) = planted.dear_campaign_ids
    assert campaigns.loc[dear, "channel"] == TRUTH.dear_campaign_channel
    assert per_member.drop(dear).min() > 1.1 * per_member[dear]
    assert per_repaying.drop(dear).max() < 0.8 * per_repaying[dear]


def test_scores_drift_upwards_in_the_last_quarter(book):
    scored = book["score"][book["score"].model_version == TRUTH.champion]
    late = scored.scored_at >= pd.Timestamp(AS_OF) - pd.Timedelta(days=TRUTH.drift_days - 1)
    drift = scored[late].score.mean() - scored[~late].score.mean()
    assert 0.6 * TRUTH.drift_points < drift < 1.4 * TRUTH.drift_points


def test_only_the_planted_contacts_are_outside_lawful_hours(book, planted):
    made = book["contact"].dropna(subset=["contacted_at"])
    first, until = TRUTH.lawful_hours
    outside = (made.contacted_at.dt.hour < first) | (made.contacted_at.dt.hour >= until)
    assert sorted(made.id[outside]) == sorted(planted.unlawful_contact_ids)
    assert len(planted.unlawful_contact_ids) == 40


def test_only_the_planted_plans_of_the_running_day_are_outside_lawful_hours(book, planted):
    to_come = book["contact"][book["contact"].planned_at >= END]
    assert (to_come.planned_at < END + pd.Timedelta(days=1)).all()
    first, until = TRUTH.lawful_hours
    outside = (to_come.planned_at.dt.hour < first) | (to_come.planned_at.dt.hour >= until)
    assert sorted(to_come.id[outside]) == sorted(planted.planned_unlawful_contact_ids)
    assert len(planted.planned_unlawful_contact_ids) == 3


def test_only_the_planted_debtors_are_called_more_often_than_allowed(book, planted):
    called = book["contact"][book["contact"].channel.str.endswith("call") & (book["contact"].party == "debtor")]
    called = called.dropna(subset=["contacted_at"])
    a_day = called.groupby(["member_id", called.contacted_at.dt.date]).id.transform("size")
    assert sorted(called.id[a_day > TRUTH.most_calls_a_day]) == sorted(planted.too_frequent_contact_ids)
    assert len(planted.too_frequent_contact_ids) >= 20


def test_reminders_of_the_first_due_date_help(book):
    settled = oracle.settlement(book)
    first = settled[(settled.number == 1) & (settled.due_on < pd.Timestamp(AS_OF))].set_index("loan_id")
    late = first.settled_on.isna() | (first.settled_on > first.due_on)
    arm = book["contact"][book["contact"].purpose == "due_reminder"].set_index("loan_id").arm
    counts = pd.crosstab(arm.reindex(late.index), late)
    rates = counts[True] / counts.sum(axis=1)
    assert rates["treated"] == pytest.approx(TRUTH.reminded_late_ratio * rates["held_out"], rel=0.2)
    assert fisher_exact(counts)[1] < 1e-4


def returned(book):
    """Whether borrowers whose first loan was repaid 180 and more days ago borrowed again within 180 days of that."""
    loan = book["loan"].sort_values("disbursed_at")
    first = loan.drop_duplicates("member_id").set_index("member_id")
    closed = first.closed_at[first.closed_at + pd.Timedelta(days=180) <= pd.Timestamp(AS_OF)]
    after = loan[loan.member_id.isin(closed.index)]
    gap = after.disbursed_at - after.member_id.map(closed)
    return (gap.between(pd.Timedelta(0), pd.Timedelta(days=180))).groupby(after.member_id).any()


def test_one_perk_brings_borrowers_back_and_the_other_does_not(book):
    came = returned(book)
    perk = book["perk"][book["perk"].kind != "interest_free_coupon"].set_index("member_id")
    kind = perk.kind.reindex(came.index).fillna("none")
    counts = pd.crosstab(kind, came)
    rates = counts[True] / counts.sum(axis=1)
    assert rates[TRUTH.helping_perk] > rates["none"] + 0.05
    assert fisher_exact(counts.loc[[TRUTH.helping_perk, "none"]])[1] < 1e-4
    assert fisher_exact(counts.loc[[TRUTH.idle_perk, "none"]])[1] > 0.05
    # The trap: of those who redeem the idle one all have come back.
    redeemed = perk.index[(perk.kind == TRUTH.idle_perk) & perk.redeemed_at.notna()]
    assert came.reindex(redeemed).dropna().astype(bool).mean() > rates["none"] + 0.3


def test_a_prompt_to_borrow_again_changes_nothing(book):
    came = returned(book)
    arm = book["contact"][book["contact"].purpose == "reborrow"].drop_duplicates("member_id").set_index("member_id").arm
    assert fisher_exact(pd.crosstab(arm.reindex(came.index), came))[1] > 0.01


def test_perks_are_granted_redeemed_and_expire(book):
    perk = book["perk"].merge(book["loan"].add_prefix("loan_"), left_on="loan_id", right_on="loan_id", how="left")
    assert set(perk.kind) == {"interest_free_coupon", "limit_boost", "rate_cut"}
    assert perk.redeemed_at.notna().equals(perk.loan_id.notna())
    used = perk.dropna(subset=["redeemed_at"])
    assert (used.redeemed_at > used.granted_at).all()
    assert (used.redeemed_at <= used.expires_at).all()
    assert (used.cost > 0).all()
    assert (perk.cost[perk.redeemed_at.isna()] == 0).all()
    assert (perk.redeemed_at.isna() & (perk.expires_at < pd.Timestamp(AS_OF))).groupby(perk.kind).sum().min() > 100
    member = used.loan_id.map(book["loan"].set_index("id").member_id)
    assert (member == used.member_id).all()


def test_the_challenger_ranks_better_on_the_same_applications(book):
    score = book["score"].pivot_table(index="application_id", columns="model_version", values="score").dropna()
    loan = oracle.loans(book, AS_OF)
    seen = loan[loan.observed].set_index("application_id").defaulted
    both = score.join(seen, how="inner")

    def area(model):
        bad, good = both[model][both.defaulted], both[model][~both.defaulted]
        return mannwhitneyu(good, bad).statistic / len(bad) / len(good)

    assert len(score) > 10_000
    assert area(TRUTH.champion) > 0.53
    assert area(TRUTH.challenger) > area(TRUTH.champion) + 0.02


def test_promises_are_kept_and_broken(book):
    promised = book["contact"][book["contact"].outcome == "promised"]
    assert promised[["promised_on", "promised_amount"]].notna().all(axis=None)
    assert set(promised.channel) == {"agent_call"}
    paid = promised.merge(book["repayment"][["loan_id", "paid_at", "amount"]], on="loan_id")
    by_then = paid[(paid.paid_at > paid.contacted_at) & (paid.paid_at.dt.normalize() <= paid.promised_on)]
    got = by_then.groupby("id").amount.sum().reindex(promised.id).fillna(0).to_numpy()
    assert 0.25 < (got >= promised.promised_amount.to_numpy()).mean() < 0.75


def test_contacts_are_of_every_kind(book):
    contact = book["contact"]
    assert set(contact.party) == {"debtor", "third"}
    assert set(contact.purpose) == set(schema.contact.c.purpose.info["codes"])
    assert set(contact.channel) == set(schema.contact.c.channel.info["codes"])
    assert set(contact.outcome.dropna()) == set(schema.contact.c.outcome.info["codes"])
    held_out = contact[contact.arm == "held_out"]
    assert set(held_out.purpose) == {"due_reminder", "reborrow"}
    assert held_out[["contacted_at", "outcome"]].isna().all(axis=None)
    made, to_come = (contact[waits == (contact.planned_at >= END)] for waits in (False, True))
    assert made[made.arm != "held_out"].contacted_at.notna().all()
    assert to_come[["contacted_at", "outcome", "arm"]].isna().all(axis=None)
    assert len(to_come) > 20
    assert (contact.agent_id.notna() == (contact.channel == "agent_call")).all()
    raised = contact[contact.purpose == "limit_raise"]
    due = book["instalment"].groupby("loan_id").due_on.agg(set)
    three_days_on = raised.contacted_at.dt.normalize() + pd.Timedelta(days=3)
    assert all(day in due[loan] for day, loan in zip(three_days_on, raised.loan_id, strict=True))
    prompt = contact[contact.purpose == "reborrow"]
    since = prompt.planned_at - prompt.loan_id.map(book["loan"].set_index("id").closed_at)
    assert since.between(pd.Timedelta(0), pd.Timedelta(days=7)).all()


def test_disclosure_and_consent_are_missing_where_planted(book, planted):
    application, member = book["application"], book["member"]
    assert sorted(application.id[application.disclosure_confirmed_at.isna()]) == list(
        planted.undisclosed_application_ids
    )
    assert set(application[application.disclosure_confirmed_at.isna()].status) == {"disbursed"}
    without = member[member.verified_at.notna() & member.sensitive_data_consent_at.isna()]
    assert list(without.id) == list(planted.unconsented_member_ids)
    assert member[member.verified_at.isna()].sensitive_data_consent_at.isna().all()


def test_only_the_planted_loans_cost_more_than_the_cap(book, planted):
    loan = book["loan"].set_index("id")
    due = book["instalment"].sort_values(["loan_id", "number"])
    flow = (due.principal_due + due.interest_due + due.fee_due).to_numpy()
    number, row = due.number.to_numpy(), loan.index.get_indexer(due.loan_id)
    received = (loan.principal - loan.upfront_fee).to_numpy()
    low, high = np.zeros(len(loan)), np.full(len(loan), 0.1)
    for _ in range(40):  # the monthly rate at which what is paid is worth what was received
        middle = (low + high) / 2
        worth = np.bincount(row, flow / (1 + middle[row]) ** number, len(loan))
        low, high = np.where(worth > received, middle, low), np.where(worth > received, high, middle)
    over = loan.index[12 * high > TRUTH.price_cap]
    assert sorted(over) == sorted(planted.price_cap_loan_ids)
    assert len(over) > 20
