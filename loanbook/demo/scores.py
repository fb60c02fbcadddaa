"""Scores of applications: by the model that decides, and by the one that is tried beside it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loanbook.demo.applications import AVERAGE_SCORE, Applications
from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import DAY, Floats, Ints, Streams, Window
from loanbook.demo.people import People
from loanbook.demo.reference import PRODUCTS
from loanbook.demo.truth import TRUTH

SECONDS_TO_SCORE = 8
_MODELS = (TRUTH.champion, TRUTH.challenger)
_CHALLENGER_SEES, _CHALLENGER_NOISE = 0.95, 0.31  # of the risk; the champion sees 0.75 of it, with a noise of 0.66
_PURCHASE_SEEN, _USUAL = 0.7, 0.28  # purchases default less, which the champion does not know; so much on average
_POINTS_PER_RISK = 70


def score_table(
    streams: Streams, people: People, rows: Applications, window: Window, *, first_id: int, first_application: int
) -> pa.Table:
    """One row per application that the rules let pass and model; the challenger is done before the champion."""
    scored = np.flatnonzero(rows.failed_rule < 0)
    tried = scored[rows.at[scored] >= window.end - TRUTH.challenger_days * DAY]
    application = np.concatenate([scored, tried])
    model = np.repeat([0, 1], [len(scored), len(tried)])
    score = np.concatenate([rows.score[scored], _challenger(streams, people, rows, tried)])
    at = rows.at[application] + SECONDS_TO_SCORE - 3 * model
    order = np.argsort(at, kind="stable")
    application, score = application[order], score[order]
    return table("score", {
        "id": first_id + np.arange(len(order)), "application_id": first_application + application,
        "model_version": Coded(model[order], _MODELS), "score": score,
        "default_probability": default_probability(score),
        "reasons": _reasons(people, rows, application, score), "scored_at": at[order],
    })  # fmt: skip


def default_probability(score: Floats) -> Floats:
    """What the models say of a score: within twelve months."""
    result: Floats = 1 / (1 + np.exp(2.95 + (score - AVERAGE_SCORE) / 135))
    return result


def _challenger(streams: Streams, people: People, rows: Applications, tried: Ints) -> Floats:
    noise = streams("challenger").normal(size=len(tried))
    seen = _CHALLENGER_SEES * people.risk[rows.member[tried]] + _CHALLENGER_NOISE * noise
    seen += _USUAL - _PURCHASE_SEEN * (rows.product[tried] == PRODUCTS.index("instalment"))
    result: Floats = np.rint(10 * (AVERAGE_SCORE - _POINTS_PER_RISK * seen)).clip(3000, 8500) / 10
    return result


def _reasons(people: People, rows: Applications, application: Ints, score: Floats) -> pa.Array:
    """What moved each score from the average, as JSON; the contributions sum to the difference."""
    member = rows.member[application]
    months = (rows.at[application] - people.registered[member]) // (30 * DAY)
    burden = rows.debt[application].clip(0) * 100 // (people.income[member] * 12)
    from_burden, from_months = np.rint(8 - burden * 0.4).astype(np.int64), np.minimum(months, 12)
    rest = np.rint(score).astype(np.int64) - AVERAGE_SCORE - from_burden - from_months
    parts = []
    for feature, value, contribution in (
        ("external_score", rest + 600, rest), ("debt_percent_of_income", burden, from_burden),
        ("months_a_member", months, from_months),
    ):  # fmt: skip
        parts += [
            f'{{"feature": "{feature}", "value": ',
            _text(value),
            ', "contribution": ',
            _text(contribution),
            "}, ",
        ]
    return pc.binary_join_element_wise("[", *parts[:-1], "}]", "")


def _text(numbers: Ints) -> pa.Array:
    return pa.array(numbers).cast(pa.string())
