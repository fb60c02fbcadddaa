"""What rewards come to, of Referrals."""

from components import view
from components.referrals import reward_choices, rewards_board, terms_editor
from pages.parts import reading
from pages.parts.reading import Frames
from queries import reward_part, reward_simulation, rewards
from queries.read import Statement, read
from queries.rewards import Behind

PAGE = "referrals"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows; the rules as they stand are read first, for the link names changes to them."""
    plan = terms_editor.plan(read(reward_simulation.rules(), shown.book.snapshot_id))
    return reward_part.ledger(shown.members, plan, Behind(reward_choices.behind()), shown.book, shown.policy)


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with all rewards that are listed and everybody whom other terms would have hit as files."""
    members, as_of = shown.members, shown.book.as_of
    every = {
        "behind": rewards.behind(members, Behind(reward_choices.behind()), as_of),
        "hit": reward_simulation.hit(members, terms_editor.plan(frames["rules"]), as_of),
    }
    streams = {name: reading.rows(PAGE, shown, statement) for name, statement in every.items()}
    rewards_board.draw(shown, frames, streams)
