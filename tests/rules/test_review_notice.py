"""What applicants are told: principal reasons in their order and in words made for them, in both languages."""

import pytest

from rules import policy
from rules.review_case import Ground, Outcome, Reason
from rules.review_notice import notice
from tests.rules.reviewing import ASKED_FEN, DEBT, RULE

COURT = Reason(Ground.CHECK, "court_enforcement")
MONTHS = Reason(Ground.SCORE, "months_a_member")
OTHER = Reason(Ground.OTHER, "other", "The applicant shouted at me on the telephone")


def told(outcome, amount_fen, *reasons, rule=RULE):
    return notice("LA-1", outcome, ASKED_FEN, amount_fen, reasons, rule)


def test_an_approval_tells_its_amount_and_no_reason():
    made = told(Outcome.APPROVED, ASKED_FEN, Reason(Ground.POLICY, "income_proven"))
    (line,) = made.before
    assert (line.amounts_fen, line.words) == ({"asked": ASKED_FEN}, {"number": "LA-1"})
    assert line.text == "Your application {number} for {asked} was approved."
    assert (made.reasons, made.after, made.without_words) == ({"en": (), "zh": ()}, (), ())


def test_whoever_is_declined_is_told_the_principal_reasons_in_their_order():
    made = told(Outcome.DECLINED, None, DEBT, COURT, MONTHS)
    assert made.reasons["en"] == (
        "All obligations together are too high for the income",
        "A court is enforcing a claim against you",
        "You have been a member for a short time",
    )
    assert made.reasons["zh"][:2] == ("现有债务合计超出收入可承受范围", "法院正在对您强制执行")
    assert "principal reasons" in made.before[1].text
    assert told(Outcome.DECLINED, None, COURT, DEBT).reasons["en"][0] == made.reasons["en"][1]


def test_whoever_gets_less_is_told_how_much_and_why_it_is_less():
    made = told(Outcome.APPROVED_LESS, 5_000_000, DEBT)
    assert made.before[0].amounts_fen == {"asked": ASKED_FEN, "granted": 5_000_000}
    assert "less than you asked for" in made.before[1].text
    assert len(made.reasons["en"]) == len(made.reasons["zh"]) == 1


def test_what_an_officer_wrote_in_own_words_stays_inside():
    made = told(Outcome.DECLINED, None, DEBT, OTHER)
    assert len(made.reasons["en"]) == 1
    assert "shouted" not in repr(made)


def test_a_reason_without_words_is_named_and_nothing_is_told_of_it():
    odd = Reason(Ground.CHECK, "own_check")
    made = told(Outcome.DECLINED, None, odd, DEBT)
    assert (made.without_words, len(made.reasons["zh"])) == ((odd,), 1)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([{"ground": "policy", "code": "a", "name_en": "A", "name_zh": "B"}], "reasons of the policy have their own"),
        ([{"ground": "check", "code": "a", "name_en": "A", "name_zh": "B"}] * 2, "in one way each"),
    ],
)
def test_words_are_of_checks_and_of_the_score_once_each(lines, told):
    with pytest.raises(ValueError, match=told):
        type(RULE).model_validate(RULE.model_dump() | {"words": lines})


def test_the_shipped_policy_has_words_for_every_check_and_score_reason_of_the_demo_book():
    rule = policy.load()[0].review
    checks = ("blacklist", "court_enforcement", "many_lenders", "shared_device", "score")
    features = ("external_score", "debt_percent_of_income", "months_a_member")
    assert all(rule.words_for(Ground.CHECK, code) for code in checks)
    assert all(rule.words_for(Ground.SCORE, code) for code in features)
