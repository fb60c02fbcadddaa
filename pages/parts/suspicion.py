"""Who farms rewards and what a lawyer would ask about, of Referrals."""

from components import access, view
from components.referrals import abuse_board, reward_choices
from desk import operations
from desk.mark_desk import MarkDesk
from pages.parts import reading
from pages.parts.reading import Frames
from queries import abuse, reward_limits, reward_part
from queries.read import Statement

PAGE = "referrals"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows, with what was judged as it stands now."""
    marked = frozenset(member_id for member_id, *_rest in _mark_desk(shown).rows())
    case_no, question = reward_choices.case_no(), reward_choices.question()
    return reward_part.suspicion(shown.members, case_no, question, marked, shown.policy)


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with all suspects and all rows of the flag that is listed as files; marking for whoever may."""
    every = {
        "suspects": abuse.suspects(shown.members),
        "flagged": reward_limits.behind(reward_choices.question(), shown.policy.reward_limits),
    }
    streams = {name: reading.rows(PAGE, shown, statement) for name, statement in every.items()}
    desk = _mark_desk(shown)
    write = desk.mark if access.may_do(access.require(PAGE).role, "mark_abuse") else None
    abuse_board.draw(shown, frames, desk.rows(), write, streams)


def _mark_desk(shown: view.View) -> MarkDesk:
    person, serving = access.require(PAGE), operations.served()
    since = shown.policy.effective_from
    return MarkDesk(serving.engine, shown.source, shown.book.snapshot_id, person.email, serving.clock, since)
