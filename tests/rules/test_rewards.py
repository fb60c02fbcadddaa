"""The ledger in figures, by hand; and the flags that a lawyer would ask about."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import policy, reward_limits, rewards
from rules.default_rates import Verdict
from rules.intervals import wilson
from rules.reward_limits import Question

LIMITS = policy.load()[-1].reward_limits
COLUMNS = [*rewards.RULE, "form", "rewards", "fen", "paid_fen", "open_fen", "reversed_fen", "taken_back_fen"]


def ledger(*rows):
    frame = pd.DataFrame(list(rows), columns=COLUMNS)
    return frame.astype({"level": "Int64", "threshold": "Int64"})


LEDGER = ledger(
    ("1", "one_off", "first_loan", 1, None, "referrer", "cash", 3, 240, 160, 80, 0, 0),
    ("1", "one_off", "first_loan", 1, None, "referrer", "points", 1, 80, 0, 0, 80, 80),
    ("2", "levelled", "first_loan", 2, None, "referrer", "cash", 2, 400, 400, 0, 0, 0),
    ("3", "one_off", "registered", None, None, "invitee", "coupon", 1, 18, 18, 0, 0, 0),
)


def test_the_ledger_by_rule_takes_forms_together_the_dearest_first():
    found = rewards.by_rule(LEDGER)
    assert list(found["rule_id"]) == ["2", "1", "3"]
    first = found.iloc[1]
    assert (first["rewards"], first["fen"], first["paid_fen"], first["open_fen"]) == (4, 320, 160, 80)
    assert first["share"] == pytest.approx(320 / 738)


def test_totals_and_what_went_beyond_the_direct_referrer():
    found = rewards.totals(LEDGER)
    assert (found.rewards, found.fen, found.paid_fen, found.open_fen, found.reversed_fen) == (7, 738, 578, 80, 80)
    assert (found.taken_back_fen, found.beyond_fen) == (80, 400)
    assert found.fen == found.paid_fen + found.open_fen + found.reversed_fen


def test_an_empty_ledger_comes_to_nothing():
    assert rewards.totals(ledger()).fen == 0
    assert rewards.by_rule(ledger()).empty


def test_what_is_owed_by_age_keeps_empty_bands():
    parts = pd.DataFrame(
        [(0, "cash", 2, 160, 1, 80), (0, "coupon", 1, 18, 0, 0), (31, "cash", 1, 80, 1, 80)],
        columns=["from_days", "form", "rewards", "fen", "overdue", "overdue_fen"],
    )
    found = rewards.by_age(parts, (0, 2, 31))
    assert found["from_days"].tolist() == [0, 2, 31]
    assert found["until_days"].tolist() == [1, 30, pd.NA]
    assert found["fen"].tolist() == [178, 0, 80]
    assert found["overdue"].tolist() == [1, 0, 1]
    assert rewards.owed(parts) == rewards.Owed(4, 258, 2, 160)


def months(*rows):
    return pd.DataFrame(list(rows), columns=["month", "due", "kept", "late", "unpaid"])


def test_what_was_not_paid_in_time_is_late_or_unpaid():
    found = rewards.promises(
        months(("2024-01", 200, 190, 4, 6), ("2024-02", 0, 0, 0, 0)), significance=0.05, thin_rewards=120
    )
    low, high = wilson(10, 200)
    assert found["rate"].iloc[0] == 0.05
    assert (found["low"].iloc[0], found["high"].iloc[0]) == (pytest.approx(float(low)), pytest.approx(float(high)))
    assert pd.isna(found["rate"].iloc[1])
    assert list(found["thin"]) == [False, True]


def test_the_newest_month_is_held_against_the_twelve_before():
    steady = [(f"2023-{month:02}", 1_000, 980, 10, 10) for month in range(1, 13)]
    parts = months(("2022-12", 1_000, 0, 0, 1_000), *steady, ("2024-01", 1_000, 900, 50, 50))
    found = rewards.promises(parts, significance=0.05, thin_rewards=120)
    month, moved = rewards.change(found, 0.05)
    assert month == "2024-01"
    assert (moved.rate, moved.before_rate, moved.months) == (0.1, 0.02, 12)  # 2022-12 is not among them
    assert moved.verdict is Verdict.HIGHER
    assert rewards.change(found.iloc[:0], 0.05) is None
    assert rewards.change(found.iloc[:1], 0.05)[1].verdict is Verdict.NOT_COMPARED


states = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))


@given(st.lists(st.tuples(st.sampled_from(["1", "2"]), st.sampled_from([None, 1, 2, 3]), states), max_size=6))
def test_the_figures_re_sum_to_the_ledger(drawn):
    rows = [
        (rule, "one_off", "first_loan", level, None, "referrer", "cash", 1, sum(state), *state, 0)
        for rule, level, state in drawn
    ]
    parts = ledger(*rows)
    found, whole = rewards.by_rule(parts), rewards.totals(parts)
    for name in ("fen", "paid_fen", "open_fen", "reversed_fen"):
        assert found[name].sum() == parts[name].sum() == getattr(whole, name)
    assert whole.beyond_fen == sum(sum(state) for _rule, level, state in drawn if level is not None and level > 1)


def counts(**given):
    zero = dict.fromkeys(("rewards", "deep_rewards", "trees", "large_trees", "inviters", "paid_inviters"), 0)
    return {**zero, **given}


def raised(**given):
    return [flag.question for flag in reward_limits.flags(counts(**given), LIMITS) if flag.is_raised]


def test_a_flag_is_raised_by_a_fact_over_the_number_and_never_without():
    assert raised() == []
    assert raised(rewards=10, trees=5, inviters=100, paid_inviters=94) == []
    assert raised(rewards=10, deep_rewards=1) == [Question.LEVELS]
    assert raised(trees=5, large_trees=1) == [Question.TREES]
    assert raised(inviters=100, paid_inviters=95) == [Question.PAID]
    assert raised(inviters=1, paid_inviters=1, deep_rewards=2, large_trees=3) == list(Question)


def test_every_flag_names_where_its_limit_stands_and_since_when():
    found = {flag.question: flag.source for flag in reward_limits.flags(counts(), LIMITS)}
    assert {source.dated.isoformat() for source in found.values()} == {"2005-08-23", "2013-11-14"}
    assert "decree 444" in found[Question.LEVELS].name_en
    assert "444" in found[Question.PAID].name_zh
    assert "2013" in found[Question.TREES].name_zh
    assert set(reward_limits.NAMES) == set(reward_limits.DEFINITIONS) == set(Question)
