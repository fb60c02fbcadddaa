"""What members cost, of Referrals."""

from functools import partial

from components import access, view
from components.referrals import cost_board, cost_choices
from desk import marks, operations, spend, spend_desk
from pages.parts import reading
from pages.parts.reading import Frames
from queries import acquisition, acquisition_part
from queries.acquisition import By
from queries.read import Statement
from rules import acquisition_cells, acquisition_return
from rules.acquisition import asked_of, horizon_months

PAGE = "referrals"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows, with the farmed part and the days that were entered at the spend desk as they stand now."""
    serving, rule = operations.served(), shown.policy
    days = [each.entry.day for each in spend.in_force(serving.engine, shown.source)]
    chosen = acquisition_part.Asked(
        by=By(cost_choices.by()),
        inherit=cost_choices.inherits(),
        farmed=sorted(marks.farmed_members(serving.engine, shown.source)),
        definition=shown.filters.definition,
        horizon_months=horizon_months(shown.filters.horizon),
        as_of=shown.book.as_of,
        early_days=rule.acquisition.early_days,
        value_months=rule.growth.value_months,
        curve_months=rule.lifetime.months,
        entered=(min(days), max(days)) if days else None,
    )
    return acquisition_part.statements(shown.members, chosen)


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with the spend desk for whoever may enter."""
    person, serving, rows = access.require(PAGE), operations.served(), frames["campaigns"]
    selection = asked_of(shown.members)
    observed = acquisition_return.valued(selection, shown.book.as_of, shown.policy.growth.value_months)
    frames = acquisition_cells.apart(frames, selection, observed, cost_choices.by())
    campaigns = dict(zip(rows["campaign"], rows["name"], strict=True))
    desk = spend_desk.SpendDesk(serving.engine, shown.source, person.email, serving.clock, campaigns)
    may_enter = access.may_do(person.role, "enter_spend")
    entered = cost_board.Entered(desk.kept(), desk, may_enter, partial(access.require, PAGE))
    farmed = sorted(marks.farmed_members(serving.engine, shown.source))
    behind = acquisition.bookings(selection, inherit=cost_choices.inherits(), farmed=farmed)
    cost_board.draw(shown, frames, entered, reading.rows(PAGE, shown, behind))
