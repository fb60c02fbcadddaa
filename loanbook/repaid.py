"""How one member repaid, from the live rows of their loans: settled and aged as the snapshot does for a whole book."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from loanbook import ageing
from loanbook.ageing import NO_STATE, Spans, Spells
from loanbook.days import month_ends, month_numbers
from loanbook.settlement import NEVER, Dues, Ints, Payments, Settled, settle
from loanbook.snapshot_schema import STATES
from rules.ageing import PAID_OFF, WRITTEN_OFF
from rules.calendar import business_date, newest_month_end
from rules.repaid import EarlierLoan, MonthEnd, Repaid

Row = Mapping[str, Any]


def of_member(content: Mapping[str, Sequence[Row]], today: date) -> Repaid:
    """The loans of a member and their month ends by today.

    content: rows of loan, instalment, repayment and schedule_change as `LiveBook.rows` gives them.
    Formula: as `loan_state` and `loan_month` of the snapshot; of several loans the latest at a month end counts.
    Source: metrics.md, "days past due", "ageing bucket"; data-model.md, "instalment_state".
    """
    lent = [(row, _day(row["disbursed_at"])) for row in content["loan"]]
    dated = sorted(((row, day) for row, day in lent if day is not None and day <= today), key=lambda each: each[1])
    rows, disbursed = [row for row, _ in dated], [day for _, day in dated]
    places = {row["id"]: place for place, row in enumerate(rows)}
    left = [_left(row, today) for row in rows]
    dues = _dues(content["instalment"], places)
    paid_off = [day.toordinal() if state == PAID_OFF and day else NEVER for state, day in left]
    settled = settle(dues, _payments(content["repayment"], places, today), _ints(paid_off))
    spells = _spells(content.get("schedule_change", ()), places, settled, today)
    loans = tuple(
        _loan(row, disbursed[place], left[place], settled, spells, place, today) for place, row in enumerate(rows)
    )
    return Repaid(loans, _months(rows, disbursed, left, settled, spells, content["repayment"], today))


def _loan(
    row: Row, disbursed_on: date, left: tuple[str, date | None], settled: Settled, spells: Spells, place: int, day: date
) -> EarlierLoan:
    status, closed_on = left
    first, following = settled.first_due[place], settled.first_due[place + 1]
    told, dues, today = following > first, settled.dues, day.toordinal()
    of_loan = slice(first, following)
    due_on, settled_on = dues.due_on[of_loan], settled.settled_on[of_loan]
    unpaid = dues.due_fen[of_loan] - settled.paid_fen[of_loan]
    is_open, end = settled_on == NEVER, min(today, closed_on.toordinal() if closed_on else today)
    active, own = status == "active", spells.loan == place
    lasted = [(settled_on, due_on), (spells.until_on[own], spells.due_on[own])]  # on the day it ended it was settled
    late = [0, *(days for until, since in lasted for days in np.minimum(until - 1, end) - since)]
    now = due_on[is_open & (due_on < today)] if active else due_on[:0]
    upcoming = np.flatnonzero(is_open & (due_on >= today))
    return EarlierLoan(
        loan_id=row["id"], disbursed_on=disbursed_on, principal_fen=row["principal"], term_months=row["term_months"],
        annual_rate=None if row["annual_rate"] is None else float(row["annual_rate"]), status=status,
        closed_on=closed_on,
        outstanding_fen=_outstanding(row, settled, of_loan, active=active, told=bool(told)),
        overdue_fen=int(unpaid[is_open & (due_on < today)].sum()) if told and active else 0 if told else None,
        next_due_fen=(int(unpaid[upcoming[0]]) if active and len(upcoming) else 0) if told else None,
        days_past_due=int(today - now.min()) if len(now) else 0 if told else None,
        worst_days_past_due=int(max(late)) if told else None,
        rescheduled=bool(own.any()),
    )  # fmt: skip


def _outstanding(row: Row, settled: Settled, of_loan: slice, *, active: bool, told: bool) -> int | None:
    if not active:
        return 0
    if not told:
        return None
    return max(0, int(row["principal"] - settled.principal_paid_fen[of_loan].sum()))


def _months(
    rows: Sequence[Row], disbursed: Sequence[date], left: Sequence[tuple[str, date | None]], settled: Settled,
    spells: Spells, paid: Sequence[Row], today: date,
) -> tuple[MonthEnd, ...]:  # fmt: skip
    newest = newest_month_end(today).toordinal()
    first_no = month_numbers(_ints([day.toordinal() for day in disbursed]))
    left_on = _ints([day.toordinal() if day else NEVER for _, day in left])
    gone = left_on <= newest
    last_no = np.where(gone, month_numbers(np.where(gone, left_on, newest)) - 1, month_numbers(_ints([newest])))
    states = _ints([NO_STATE if state == "active" else STATES.index(state) for state, _ in left])
    taken_back: dict[str, int] = defaultdict(int)
    for row in paid:
        taken_back[row["loan_id"]] += max(0, -row["amount"])
    spans = Spans(
        first_no=first_no, last_no=last_no, exit_state=np.where(gone, states, NO_STATE), exit_on=left_on,
        principal_fen=_ints([row["principal"] for row in rows]),
        taken_back_fen=_ints([taken_back[row["id"]] for row in rows]),
    )  # fmt: skip
    aged = ageing.months(settled, spans, spells)
    worst: dict[int, tuple[int, int]] = {}
    for end, state in zip(month_ends(aged.month_no).tolist(), aged.state.tolist(), strict=True):
        if STATES[state] != PAID_OFF:  # in its last month a loan that is repaid is not late any more
            code, loans = worst.get(end, (0, 0))
            worst[end] = (max(code, state), loans + 1)
    return tuple(MonthEnd(date.fromordinal(end), STATES[code], loans) for end, (code, loans) in sorted(worst.items()))


def _left(row: Row, today: date) -> tuple[str, date | None]:
    """How and when a loan was closed by today, as `loanbook.standing` says it."""
    closed_on, written_off_on = _by(_day(row["closed_at"]), today), _by(_day(row["written_off_at"]), today)
    if row["status"] == WRITTEN_OFF and row["written_off_at"] is None:
        written_off_on = closed_on
    if row["status"] == PAID_OFF and closed_on is not None:
        return PAID_OFF, closed_on
    return (WRITTEN_OFF, written_off_on) if written_off_on is not None else ("active", None)


def _dues(instalments: Sequence[Row], places: Mapping[str, int]) -> Dues:
    rows = []
    for row in instalments:
        due_on = _day(row["due_on"])
        if row["loan_id"] in places and due_on is not None:
            parts = row["principal_due"] or 0, row["interest_due"] or 0, row["fee_due"] or 0
            rows.append((places[row["loan_id"]], due_on.toordinal(), int(row["number"]), parts))
    rows.sort()
    return Dues(
        loan=_ints([row[0] for row in rows]), number=_ints([row[2] for row in rows]),
        due_on=_ints([row[1] for row in rows]), due_fen=_ints([sum(row[3]) for row in rows]),
        principal_fen=_ints([row[3][0] for row in rows]), fee_fen=_ints([row[3][2] for row in rows]),
    )  # fmt: skip


def _payments(repayments: Sequence[Row], places: Mapping[str, int], today: date) -> Payments:
    rows = []
    for row in repayments:
        paid_on = _day(row["paid_at"])
        if row["loan_id"] in places and paid_on is not None and paid_on <= today and row["amount"] > 0:
            rows.append((places[row["loan_id"]], row["paid_at"], paid_on.toordinal(), row["amount"]))
    rows.sort()
    return Payments(_ints([row[0] for row in rows]), _ints([row[2] for row in rows]), _ints([row[3] for row in rows]))


def _spells(changes: Sequence[Row], places: Mapping[str, int], settled: Settled, today: date) -> Spells:
    """How long instalments counted from dates that they were moved away from, as `loanbook.moved_dues.spells`."""
    dues, found = settled.dues, []
    for row in changes:
        changed_on, old, new = _day(row["changed_at"]), _day(row["old_due_on"]), _day(row["new_due_on"])
        if row["loan_id"] not in places or changed_on is None or old is None or changed_on > today:
            continue
        place, until = places[row["loan_id"]], changed_on.toordinal()
        fits = (dues.loan == place) & (dues.due_on == (new.toordinal() if new else NEVER))
        if row["number"] is not None:
            fits &= dues.number == int(row["number"])
        if fits.any():
            until = min(until, int(settled.settled_on[fits].min()))
        found.append((place, old.toordinal(), until, changed_on.toordinal()))
    return Spells(*(_ints([each[number] for each in sorted(found)]) for number in range(4)))


def _day(text: str | None) -> date | None:
    """The Shanghai date of an instant in UTC, or a date as it is written."""
    if text is None:
        return None
    if len(text) <= len("2024-06-03"):
        return date.fromisoformat(text)
    return business_date(datetime.fromisoformat(text).replace(tzinfo=UTC))


def _by(day: date | None, today: date) -> date | None:
    return day if day is not None and day <= today else None


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)
