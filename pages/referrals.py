"""Referrals: how the tree of members grows, what they cost, whom they bring, and who is rewarded for it."""

from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd
import pyarrow as pa

from components import access, downloads, parts, states, view
from components.language import _
from components.referrals import (
    abuse_board,
    cost_board,
    cost_choices,
    growth_board,
    part,
    quality_board,
    quality_words,
    reward_choices,
    rewards_board,
    terms_editor,
    tree_board,
    tree_figures,
    tree_scope,
)
from desk import marks, operations, spend, spend_desk
from desk.mark_desk import MarkDesk
from queries import (
    abuse,
    acquisition_part,
    growth,
    quality,
    reward_limits,
    reward_part,
    reward_simulation,
    rewards,
    tree,
    worth,
)
from queries.acquisition import By
from queries.faults import ReadError
from queries.read import Statement, read, read_all, stream
from queries.rewards import Behind
from queries.running import new_run
from rules.acquisition import horizon_months
from rules.book import Book
from rules.filters import Filters
from rules.member_filters import MemberSelection, resolve_members
from rules.policy import Policy

PAGE = "referrals"
_MOST_DAYS_A_MONTH = 31


def show() -> None:
    """The page: one part of it, of which alone is read."""
    access.require(PAGE)
    shown = view.current()
    if not shown.book.members:
        states.empty(["member"])
        return
    asked, draw = {
        part.GROWTH: (_growth, growth_board.draw),
        part.COST: (_cost, _draw_cost),
        part.QUALITY: (_quality, _draw_quality),
        part.TREE: (_tree, _draw_tree),
        part.REWARDS: (_rewards, _draw_rewards),
        part.ABUSE: (_suspicion, _draw_suspicion),
    }[parts.chosen(part.PARTS)]
    try:
        frames = read_all(asked(shown), shown.book.snapshot_id, new_run(view.session(), PAGE), limit=worth.MOST_CELLS)
    except ReadError as error:
        states.error(_(error.sentence).format(**error.values))
        return
    parts.switch(part.PARTS, part.note(parts.chosen(part.PARTS)))
    draw(shown, frames)


def selection(filters: Filters, book: Book, rule: Policy) -> MemberSelection:
    """The members that the filters mean on the part that is shown: how long they must have been observed differs."""
    mature_days = {
        part.GROWTH: rule.growth.exposure_days,
        part.COST: rule.acquisition.first_loan_days,
        part.QUALITY: rule.growth.value_months * _MOST_DAYS_A_MONTH,
        part.TREE: 0,
        part.REWARDS: 0,
        part.ABUSE: 0,
    }[parts.chosen(part.PARTS)]
    return resolve_members(filters, book, mature_days)


def _growth(shown: view.View) -> dict[str, Statement]:
    return growth.asked(shown.members, as_of=shown.book.as_of, invitation_days=shown.policy.growth.invitation_days)


def _cost(shown: view.View) -> dict[str, Statement]:
    serving, rule = operations.served(), shown.policy
    days = [each.entry.day for each in spend.in_force(serving.engine, shown.source)]
    asked = acquisition_part.Asked(
        by=By(cost_choices.by()),
        inherit=cost_choices.inherits(),
        farmed=sorted(marks.farmed_members(serving.engine, shown.source)),
        definition=shown.filters.definition,
        horizon_months=horizon_months(shown.filters.horizon),
        as_of=shown.book.as_of,
        first_loan_days=rule.acquisition.first_loan_days,
        early_days=rule.acquisition.early_days,
        value_months=rule.growth.value_months,
        curve_months=rule.lifetime.months,
        entered=(min(days), max(days)) if days else None,
    )
    return acquisition_part.statements(shown.members, asked)


def _draw_cost(shown: view.View, frames: dict[str, pd.DataFrame]) -> None:
    person, serving, rows = access.require(PAGE), operations.served(), frames["campaigns"]
    campaigns = dict(zip(rows["campaign"], rows["name"], strict=True))
    desk = spend_desk.SpendDesk(serving.engine, shown.source, person.email, serving.clock, campaigns)
    may_enter = access.may_do(person.role, "enter_spend")
    cost_board.draw(shown, frames, cost_board.Entered(desk.kept(), desk, may_enter, partial(access.require, PAGE)))


def _quality(shown: view.View) -> dict[str, Statement]:
    chosen = shown.selection
    return quality.asked(shown.members, quality_words.group(shown.book), chosen.definition, chosen.horizon)


def _draw_quality(shown: view.View, frames: dict[str, pd.DataFrame]) -> None:
    chosen = shown.selection
    every = {"referrers": quality.referrers(shown.members, chosen.definition, chosen.horizon)}
    quality_board.draw(shown, frames, _streams(shown, every)["referrers"])


def _tree(shown: view.View) -> dict[str, Statement]:
    return tree.asked(tree_scope.shown(shown), *tree_figures.opening(shown))


def _draw_tree(shown: view.View, frames: dict[str, pd.DataFrame]) -> None:
    every = {"members": tree.nodes(tree_scope.shown(shown), *tree_figures.opening(shown))}
    tree_board.draw(shown, frames, _streams(shown, every)["members"])


def _rewards(shown: view.View) -> dict[str, Statement]:
    plan = terms_editor.plan(read(reward_simulation.rules(), shown.book.snapshot_id))
    return reward_part.ledger(shown.members, plan, Behind(reward_choices.behind()), shown.book, shown.policy)


def _draw_rewards(shown: view.View, frames: dict[str, pd.DataFrame]) -> None:
    members, as_of = shown.members, shown.book.as_of
    every = {
        "behind": rewards.behind(members, Behind(reward_choices.behind()), as_of),
        "hit": reward_simulation.hit(members, terms_editor.plan(frames["rules"]), as_of),
    }
    rewards_board.draw(shown, frames, _streams(shown, every))


def _suspicion(shown: view.View) -> dict[str, Statement]:
    marked = frozenset(member_id for member_id, *_rest in _mark_desk(shown).rows())
    case_no, question = reward_choices.case_no(), reward_choices.question()
    return reward_part.suspicion(shown.members, case_no, question, marked, shown.policy)


def _draw_suspicion(shown: view.View, frames: dict[str, pd.DataFrame]) -> None:
    every = {
        "suspects": abuse.suspects(shown.members),
        "flagged": reward_limits.behind(reward_choices.question(), shown.policy.reward_limits),
    }
    desk = _mark_desk(shown)
    write = desk.mark if access.may_do(access.require(PAGE).role, "mark_abuse") else None
    abuse_board.draw(shown, frames, desk.rows(), write, _streams(shown, every))


def _mark_desk(shown: view.View) -> MarkDesk:
    person, serving = access.require(PAGE), operations.served()
    return MarkDesk(serving.engine, shown.source, shown.book.snapshot_id, person.email, serving.clock)


def _streams(shown: view.View, statements: dict[str, Statement]) -> dict[str, downloads.Batches]:
    check, snapshot_id = access.guard(PAGE), shown.book.snapshot_id
    return {name: partial(_all_rows, statement, snapshot_id, check) for name, statement in statements.items()}


def _all_rows(statement: Statement, snapshot_id: str, check: Callable[[], None]) -> Iterator[pa.RecordBatch]:
    check()
    return stream(statement, snapshot_id)


if __name__ == "__main__":  # a cold deep link executes this file; hand over to the app
    from app import main

    main()
