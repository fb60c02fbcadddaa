from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from rules import attention, kpi, policy
from rules.attention import Acknowledged, Item, Kind, Level
from rules.default_rates import Verdict
from rules.kpi import Change, Goal, Kpi, Outlook

RULE = policy.load()[-1].attention
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
NO_ROWS = pd.DataFrame({"rows": pd.Series(dtype="int64")})
USUAL = Kpi("lent_yesterday", 5.0, Change(0.1, True, Verdict.NOISE))


def item(kind=Kind.BROKEN, size=10.0, of="", level=Level.WARNING):
    return Item(kind, level, size, of)


def test_what_presses_most_comes_first():
    items = [
        item(Kind.DRIFT, 0.2, "A3"),
        item(Kind.SEGMENT, 0.01, "tier:gold"),
        item(Kind.SEGMENT, 0.05, "province:x"),
        item(Kind.STALE, 40, level=Level.ALARM),
        item(Kind.CASES_LATE, 2, level=Level.ALARM),
    ]
    found = [each.key for each in attention.ranked(items)]
    assert found == ["cases_late", "stale", "segment:province:x", "segment:tier:gold", "drift:A3"]


def test_nothing_is_told_twice():
    loud, silent = attention.told([item(), item(), item(of="other")], {}, RULE, NOW)
    assert [each.key for each in loud] == ["broken", "broken:other"]
    assert silent == []


@pytest.mark.parametrize(
    ("days", "size", "loud"),
    [
        (1, 10.0, False),
        (RULE.silent_days, 10.0, True),  # it was told so long ago that it is told again
        (1, 10.0 * (1 + RULE.worse_ratio), False),
        (1, 10.0 * (1 + RULE.worse_ratio) + 0.1, True),  # it got worse
    ],
)
def test_what_is_acknowledged_is_silent_for_a_while_unless_it_gets_worse(days, size, loud):
    known = {"broken": Acknowledged(10.0, NOW - timedelta(days=days))}
    told, silent = attention.told([item(size=size)], known, RULE, NOW)
    assert (len(told), len(silent)) == ((1, 0) if loud else (0, 1))


def test_data_that_is_as_it_should_be():
    assert attention.of_data(timedelta(hours=RULE.stale_hours), None, USUAL, NO_ROWS, RULE) == []


def test_each_fault_of_the_data():
    low = Kpi("lent_yesterday", 1.0, Change(-0.8, True, Verdict.LOWER))
    broken = pd.DataFrame({"rows": [3, 56]})
    found = attention.of_data(timedelta(hours=RULE.stale_hours + 1), "It failed.", low, broken, RULE)
    assert [each.kind for each in found] == [Kind.REFRESH_FAILED, Kind.STALE, Kind.INCOMPLETE, Kind.BROKEN]
    assert found[-1].said == {"rows": 59, "rules": 2}


def test_cases():
    assert attention.cases(0, 0, 0, 0) == []
    late, due = attention.cases(2, 3600, 3, 60)
    assert (late.kind, late.level, late.said["cases"]) == (Kind.CASES_LATE, Level.ALARM, 2)
    assert (due.kind, due.said["seconds"]) == (Kind.CASES_DUE, 60)


def figure(value, wanted, outlook, series=(1.0, 1.1, 0.9, 1.0, 1.1, 0.9, 1.0)):
    return Kpi("reserve_cover", value, kpi.NOT_COMPARED, tuple(series), Goal(wanted, outlook))


def test_a_goal_that_is_missed_by_more_than_noise():
    assert attention.goals([figure(0.9, 1.0, Outlook.MISSED)], 0.05) == []  # months differ by as much
    (found,) = attention.goals([figure(0.3, 1.0, Outlook.MISSED)], 0.05)
    assert (found.key, found.said["goal"]) == ("goal:reserve_cover", 1.0)
    assert attention.goals([figure(0.3, 1.0, Outlook.REACHED)], 0.05) == []
    assert attention.goals([figure(0.3, 1.0, Outlook.MISSED, (1.0, 0.3))], 0.05) == []  # too short to know its noise


def test_a_goal_that_will_be_missed_is_judged_by_what_is_expected():
    running = Kpi(
        "disbursed", 10.0, kpi.NOT_COMPARED, (10.0, 11.0, 9.0, 10.0, 11.0, 10.0), Goal(30.0, Outlook.WILL_MISS, 12.0)
    )
    (found,) = attention.goals([running], 0.05)
    assert (found.said["value"], found.said["will"]) == (12.0, 1)


def test_the_worst_segment_that_stands_out():
    rows = pd.DataFrame(
        {
            "segment": ["a", "b", "c", "d"],
            "rate": [0.05, 0.09, 0.07, 0.5],
            "borrowers": [1000, 600, 700, 20],
            "stands_out": ["", "above", "above", "above"],
            "thin": [False, False, False, True],
        }
    )
    (found,) = attention.segments("province", rows, 0.05)
    assert (found.key, found.said["others"]) == ("segment:province:b", 1)
    assert found.size == pytest.approx(0.04)
    assert attention.segments("province", rows.iloc[:1], 0.05) == []


def test_suspects_that_somebody_has_judged_are_done():
    suspects = pd.DataFrame({"member_id": ["1", "2", "3"], "reward_fen": [100, 200, 400]})
    (found,) = attention.abuse(suspects, frozenset({"2"}))
    assert found.said == {"members": 2, "fen": 500}
    assert attention.abuse(suspects, frozenset({"1", "2", "3"})) == []


def scores(recent, model="A3"):
    """Counts of two bands, in the year before 5,000 each."""
    return pd.DataFrame(
        [(model, False, 500, 5000), (model, False, 600, 5000), *((model, True, band, n) for band, n in recent)],
        columns=["model", "recent", "band", "scored"],
    )


def test_a_score_that_shifted():
    assert attention.drift(scores([(500, 1020), (600, 980)]), RULE, 0.05) == []
    (found,) = attention.drift(scores([(500, 500), (600, 1500)]), RULE, 0.05)
    assert found.of == "A3"
    assert found.said["psi"] == pytest.approx(-0.25 * -0.6931472 + 0.25 * 0.4054651)
    # A handful of scores may look shifted by chance.
    assert attention.drift(scores([(500, 1), (600, 3)]), RULE, 0.05) == []


def test_the_model_that_scores_most_is_looked_at():
    both = pd.concat([scores([(500, 1000), (600, 1000)]), scores([(500, 0), (600, 900)], "B1").assign(scored=10)])
    assert attention.drift(both, RULE, 0.05) == []
    assert attention.drift(scores([]).iloc[:0], RULE, 0.05) == []


@pytest.mark.parametrize(("used", "level"), [(0.5, None), (0.95, Level.WARNING), (1.2, Level.ALARM)])
def test_a_quota_that_is_nearly_used(used, level):
    found = attention.quota(pd.Series({"funder": "Bank", "used_ratio": used}), RULE)
    assert [each.level for each in found] == ([] if level is None else [level])
    assert attention.quota(None, RULE) == []
