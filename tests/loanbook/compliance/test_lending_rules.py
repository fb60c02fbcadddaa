"""Loans, applications and members held against the rules, on a drawn book with answers by hand."""

from datetime import date

import pytest

from rules.compliance import Rule
from tests.loanbook.derived import POLICY, derive

AS_OF = date(2026, 8, 31)

# Loan 1: 1,200 in 12 parts of 100 and 12.00 interest a month by the first balance: far over 24 %. Loan 2: 1,000 back in
# one month with 15.00: 18 % a year. Loan 3 the same, and a membership fee of 10.00 paid 5 days before: 30.3 % a year.
# Loan 4 the same as 2, shown with 17.9 %; loan 5 shown with 17.97 %, which is within 0.05 points of it.
MEMBERS = """
    id  registered_at        verified_at          sensitive_data_consent_at
    1   2026-01-01_02:00:00  2026-01-02_02:00:00  2026-01-02_02:00:00
    2   2026-01-01_03:00:00  2026-01-02_02:00:00  2026-01-02_02:00:01
    3   2026-01-01_04:00:00  2026-01-02_02:00:00  -
    4   2026-01-01_05:00:00  -                    -
    5   2021-10-01_02:00:00  2021-10-31_15:59:59  -
    """
APPLICATIONS = """
    id  member_id  applied_at           disclosed_rate  disclosure_confirmed_at  amount  term_months  status
    11  1          2026-07-31_01:00:00  0.2000          -                        1200    12           disbursed
    12  2          2026-07-31_15:00:00  0.18            2026-07-31_15:30:00      1000    1            disbursed
    13  3          2026-08-05_01:00:00  0.18            -                        1000    1            disbursed
    14  4          2026-08-06_01:00:00  0.179           2026-08-06_03:00:00      1000    1            disbursed
    15  5          2026-08-07_01:00:00  0.1797          2026-08-07_02:00:01      1000    1            disbursed
    16  5          2026-08-08_01:00:00  0.1797          -                        1000    1            declined
    """
LOANS = """
    id  application_id  member_id  tier_code  disbursed_at         principal  term_months
    1   11              1          gold       2026-07-31_15:59:59  1200       12
    2   12              2          gold       2026-07-31_16:00:00  1000       1
    3   13              3          gold       2026-08-05_02:00:00  1000       1
    4   14              4          gold       2026-08-06_03:00:00  1000       1
    5   15              5          gold       2026-08-07_02:00:00  1000       1
    """
ONE = [{"loan_id": key, "number": 1, "due_on": "2026-09-05", "principal_due": 1000, "interest_due": 15}
       for key in range(2, 6)]  # fmt: skip
TWELVE = [{"loan_id": 1, "number": number, "due_on": f"2026-{8 + number:02}-28" if number < 5 else
           f"2027-{number - 4:02}-28", "principal_due": 100, "interest_due": 36}
          for number in range(1, 13)]  # fmt: skip
BOOK = {
    "member": MEMBERS,
    "application": APPLICATIONS,
    "loan": LOANS,
    "instalment": TWELVE + ONE,
    "tier": "code  rank\ngold  1",
    "membership": """
        id  member_id  tier_code  started_at           reason  fee_paid
        1   3          gold       2026-07-31_01:00:00  paid    10
        """,
    "prime_rate": "id  starts_on   one_year_rate\n1   2026-01-01  0.045",
}


@pytest.fixture(scope="module")
def judged():
    snapshot = derive(AS_OF, BOOK)
    breaches = {rule: [] for rule in Rule}
    asked = "SELECT rule, subject_id::INTEGER FROM rule_breach ORDER BY 1, 2"
    for rule, subject in snapshot.execute(asked).fetchall():
        breaches[Rule(rule)].append(subject)
    counts = dict(snapshot.execute("SELECT rule, sum(judged)::INTEGER FROM rule_month GROUP BY 1").fetchall())
    return breaches, counts, snapshot


@pytest.mark.parametrize(
    ("rule", "subjects", "of"),
    [
        (Rule.PRICE_CAP, [1], 5),
        (Rule.REQUIRED_FEE, [3], 5),  # 1,015 for 990 after a month: 25 / 990 x 12 = 30.3 %
        (Rule.PRIME_CAP, [1, 3], 5),  # 4 x 4.5 % = 18 %: the 18.0 % of the others is not over it
        (Rule.SHOWN_PRICE, [1, 4], 5),
        (Rule.DISCLOSURE, [13, 15], 4),  # disbursed from 1 August on in Shanghai; 15 confirmed a second too late
        (Rule.CONSENT, [2, 3], 3),  # member 5 was verified on the last day before the law
        (Rule.BALANCE, [], 5),
        (Rule.CONTACT_HOURS, [], None),
    ],
)
def test_what_is_found_by_each_rule(judged, rule, subjects, of):
    breaches, counts, _ = judged
    assert (breaches[rule], counts.get(rule.value)) == (subjects, of)


def test_a_balance_is_that_of_all_loans_of_a_borrower():
    loans = [
        {"id": 1, "member_id": 1, "principal": 150_000, "disbursed_at": "2026-08-01 02:00:00"},
        {"id": 2, "member_id": 1, "principal": 50_000, "disbursed_at": "2026-08-02 02:00:00"},
        {"id": 3, "member_id": 2, "principal": 200_000.01, "disbursed_at": "2026-08-02 02:00:00"},
    ]
    dues = [
        {"loan_id": loan["id"], "number": 1, "due_on": "2026-09-05", "principal_due": loan["principal"]}
        for loan in loans
    ]
    snapshot = derive(AS_OF, {"loan": loans, "instalment": dues, "member": MEMBERS})
    found = snapshot.execute(
        "SELECT subject_id, happened_on, observed, allowed FROM rule_breach WHERE rule = 'balance'"
    )
    assert found.fetchall() == [("2", AS_OF, 200_000.01, 200_000.0)]


def test_approvals_are_counted_by_group_and_month_of_decision():
    applications = """
        id  member_id  applied_at           decided_at           monthly_income  status     amount  term_months
        1   1          2026-06-30_15:00:00  2026-06-30_16:00:00  2999.99         disbursed  1000    1
        2   1          2026-07-02_02:00:00  -                    3000            declined   1000    1
        3   2          2026-07-02_02:00:00  2026-07-03_02:00:00  -               approved   1000    1
        4   2          2026-07-02_02:00:00  2026-07-03_02:00:00  5000            withdrawn  1000    1
        5   2          2026-07-02_02:00:00  -                    5000            open       1000    1
        6   2          2026-08-31_16:00:00  2026-08-31_16:00:00  5000            declined   1000    1
        """
    members = """
        id  registered_at        gender  birth_year  monthly_income  province
        1   2026-01-01_02:00:00  female  1996        9000            Hunan
        2   2026-01-01_03:00:00  -       -           9000            -
        """
    snapshot = derive(AS_OF, {"member": members, "application": applications})
    rows = "SELECT attribute, value, month, decided, approved FROM approval_count"
    july = date(2026, 7, 1)
    assert set(snapshot.execute(rows).fetchall()) == {
        ("gender", "female", july, 2, 1),
        ("gender", "unknown", july, 1, 1),
        ("age_band", "30-34", july, 2, 1),
        ("age_band", "unknown", july, 1, 1),
        ("income_band", "0-2999", july, 1, 1),
        ("income_band", "3000-4999", july, 1, 0),
        ("income_band", "8000-11999", july, 1, 1),
        ("province", "Hunan", july, 2, 1),
        ("province", "unknown", july, 1, 1),
    }
    assert POLICY.compliance.adverse_impact.income_cny[1] == 3000
