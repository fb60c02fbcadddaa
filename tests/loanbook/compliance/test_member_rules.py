"""What one borrower bears, how deep rewards go and how large trees are, on drawn books with answers by hand."""

from datetime import date

from tests.loanbook.derived import POLICY, derive

AS_OF = date(2026, 6, 30)
SIZE, LEVELS, INCOMES = (
    POLICY.reward_limits.tree_people,
    POLICY.reward_limits.tree_levels,
    POLICY.exposure.most_monthly_incomes,
)


def member(key, referrer=None, **other):
    return {"id": key, "registered_at": f"2025-01-{1 + key // 30:02} 02:00:{key % 30:02}", "referred_by_id": referrer,
            **other}  # fmt: skip


def found(rule, tables):
    """What was judged by a rule; and of what it found subject, day, observed, allowed."""
    snapshot = derive(AS_OF, tables)
    judged = snapshot.execute("SELECT sum(judged) FROM rule_month WHERE rule = ?", [rule]).fetchone()[0]
    rows = snapshot.execute(
        "SELECT subject_id, happened_on, observed, allowed FROM rule_breach WHERE rule = ? ORDER BY 1", [rule]
    )
    return judged, rows.fetchall()


def test_a_borrower_bears_what_is_owed_here_and_declared_elsewhere():
    members = [member(key, monthly_income=income) for key, income in ((1, 100), (2, 100), (3, None), (4, 100))]
    applications = [
        {"id": key, "member_id": key, "applied_at": "2026-01-09 02:00:00", "amount": 600, "existing_debt": debt}
        for key, debt in ((1, 600), (2, 601), (3, 9000), (4, None))
    ]
    loans = [
        {"id": key, "member_id": key, "application_id": key, "disbursed_at": "2026-01-10 02:00:00", "principal": owed}
        for key, owed in ((1, 600), (2, 600), (3, 600), (4, 1200))
    ]
    dues = [
        {"loan_id": row["id"], "number": 1, "due_on": "2026-12-10", "principal_due": row["principal"]} for row in loans
    ]
    tables = {"member": members, "application": applications, "loan": loans, "instalment": dues}
    assert INCOMES == 12
    # 12 monthly incomes exactly are allowed; of the member 3 no income is known.
    assert found("exposure", tables) == (3, [("2", AS_OF, 12.01, 12.0)])


def test_rewards_are_judged_by_their_level_on_the_day_they_were_accrued():
    rule = {"id": 1, "kind": "levelled", "trigger": "registered", "level": 2, "amount": 5, "starts_on": "2025-01-01"}
    rewards = [
        {"id": key, "reward_rule_id": 1, "side": "referrer", "beneficiary_id": 1, "referee_id": 2, "level": level,
         "form": "cash", "amount": 5, "accrued_at": at, **other}
        for key, level, at, other in (
            (1, 1, "2026-03-01 02:00:00", {}),
            (2, 2, "2026-03-31 16:00:00", {"reversed_at": "2026-04-02 02:00:00"}),  # on 1 April, promised all the same
            (3, 3, "2026-07-01 02:00:00", {}),  # after as_of
            (4, None, "2026-03-01 02:00:00", {}),
        )
    ]  # fmt: skip
    tables = {"member": [member(1), member(2, 1)], "reward_rule": [rule], "reward": rewards}
    assert found("reward_level", tables) == (3, [("2", date(2026, 4, 1), 2.0, 1.0)])


def tree(first, people, levels):
    """A tree of so many people on so many levels: a chain, and all others directly below its root."""
    chain = [member(first, None), *(member(first + n, first + n - 1) for n in range(1, levels))]
    return [*chain, *(member(first + n, first) for n in range(levels, people))]


def test_a_tree_is_too_large_with_so_many_people_on_so_many_levels():
    assert (SIZE, LEVELS) == (30, 3)
    members = [*tree(1, 30, 3), *tree(101, 29, 3), *tree(201, 30, 2), *tree(301, 1, 1)]
    judged, rows = found("tree_size", {"member": members})
    assert rows == [("1", AS_OF, 30.0, 30.0)]
    assert judged == 3  # one person is no tree


def test_without_members_nothing_is_judged():
    assert found("tree_size", {}) == (None, [])
    assert found("exposure", {}) == (None, [])
    assert found("reward_level", {}) == (None, [])
