"""The checks of every application: four rules, the model's cut-off, a person's review; what each saw and decided."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from loanbook.demo.applications import CUT_OFF, LARGE_FEN, MANUAL, RULE_CODES, STATUSES, Applications
from loanbook.demo.columns import Coded, table
from loanbook.demo.draw import Ints, Streams
from loanbook.demo.people import People
from loanbook.demo.scores import SECONDS_TO_SCORE
from loanbook.schema import LAYERS

_RULES, _MODEL = range(2)
_PASS, _FLAG, _FAIL = range(3)
_OUTCOMES = ("pass", "flag", "fail")
_CODES = (*RULE_CODES, "score", "review", "override")
_PROVIDERS = ("Pengyuan list", "Court register", "Credit bureau", "Own devices", "Own model")
_MOST_LENDERS = 5
_MOST_SHARED = 2
_THRESHOLDS = ("0", str(_MOST_LENDERS), str(_MOST_SHARED), str(CUT_OFF))
_THRESHOLD_OF = np.array([0, 0, 1, 2, 3, -1])  # of the four rules, the model, and a person
_GIVEN = ("income_proven", "guarantor_found", "long_standing_member")  # why a person approves
_REFUSED = ("income_not_proven", "purpose_unclear", "too_much_debt")
_BLACKLIST, _COURT, _LENDERS, _DEVICE = range(4)
_SEEN_AFTER = 3  # seconds


def check_table(
    streams: Streams, people: People, rows: Applications, *, first_id: int, first_application: int
) -> pa.Table:
    """Rules, model and review of each application, as far as it came; the layer that stops it fails."""
    rng = streams("checks")
    count = len(rows.at)
    to_model = np.flatnonzero(rows.failed_rule < 0)
    to_manual = np.flatnonzero(rows.decided_by == MANUAL)
    application = np.concatenate([np.repeat(np.arange(count), 4), to_model, to_manual])
    kinds = np.concatenate([np.tile(np.arange(4), count), np.full(len(to_model), 4)])
    seen = _seen(rng, people, rows)
    failed = rows.failed_rule[:, None] == np.arange(4)
    near = ((seen == np.array([0, 0, _MOST_LENDERS, _MOST_SHARED])) & (seen > 0)) & ~failed
    low = rows.score[to_model] < CUT_OFF
    large = rows.amount[to_model] >= LARGE_FEN
    waits = rows.status[to_model] == STATUSES.index("open")  # for a person, to whom the model has handed it
    refused = rows.status[to_manual] == STATUSES.index("declined")
    overridden = (rows.score[to_manual] < CUT_OFF) != refused  # against what the model says
    outcome = np.concatenate([
        np.where(failed, _FAIL, np.where(near, _FLAG, _PASS)).ravel(),
        np.where(low & ~waits, _FAIL, np.where(large | low, _FLAG, _PASS)),
        np.where(refused, _FAIL, _PASS),
    ])  # fmt: skip
    code = np.concatenate([kinds, np.where(overridden, 6, 5)])
    checked = np.concatenate([
        np.repeat(rows.at + _SEEN_AFTER, 4), rows.at[to_model] + SECONDS_TO_SCORE, rows.decided_at[to_manual]
    ])  # fmt: skip
    reason = np.where(refused, len(_GIVEN), 0) + rng.integers(0, 3, len(to_manual))
    numbers = np.concatenate([seen.ravel(), np.floor(rows.score[to_model]).astype(np.int64)])
    values = _texts(numbers, reason)
    order = np.argsort(application, kind="stable")
    kind = np.concatenate([kinds, np.full(len(to_manual), 5)])[order]
    layer = np.repeat(np.arange(3), [4 * count, len(to_model), len(to_manual)])
    return table("application_check", {
        "id": first_id + np.arange(len(order)), "application_id": first_application + application[order],
        "layer": Coded(layer[order], LAYERS), "provider": Coded(np.where(kind == 5, -1, kind), _PROVIDERS),
        "code": Coded(code[order], _CODES), "outcome": Coded(outcome[order], _OUTCOMES),
        "value": values.take(pa.array(order)), "threshold": Coded(_THRESHOLD_OF[kind], _THRESHOLDS),
        "checked_at": checked[order],
    })  # fmt: skip


def _seen(rng: np.random.Generator, people: People, rows: Applications) -> Ints:
    """What each of the rules saw: entries on lists, lenders borrowed from, members on the same device."""
    count = len(rows.at)
    seen = np.zeros((count, 4), dtype=np.int64)
    seen[:, _LENDERS] = np.minimum(rng.poisson(1.3, count), _MOST_LENDERS)
    shared = rows.referred & (rows.member % 3 == 0)
    seen[:, _LENDERS] = np.where(rows.referred & ~shared, _MOST_LENDERS, seen[:, _LENDERS])
    seen[:, _DEVICE] = np.where(people.in_ring[rows.member] | shared, _MOST_SHARED, 1)
    for rule, most in ((_BLACKLIST, 0), (_COURT, 0), (_LENDERS, _MOST_LENDERS), (_DEVICE, _MOST_SHARED)):
        failed = rows.failed_rule == rule
        seen[failed, rule] = most + 1 + rng.integers(0, 3, int(failed.sum()))
    return seen


def _texts(numbers: Ints, reason: Ints) -> pa.Array:
    """Numbers, then reasons, as one column of texts."""
    words: Sequence[str] = (*_GIVEN, *_REFUSED)
    written, position = np.unique(numbers, return_inverse=True)
    known = pa.array([*map(str, written.tolist()), *words])
    return known.take(pa.array(np.concatenate([position, len(written) + reason])))
