"""What is planted for the other pages: the ring, the dear campaign, the drift, contacts at night, fees over the cap."""

import numpy as np
import pandas as pd

from loanbook import demo
from loanbook.demo.truth import TRUTH
from tests.loanbook.demo.conftest import AS_OF


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
