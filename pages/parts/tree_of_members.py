"""The tree of who invited whom, of Referrals."""

from components import view
from components.referrals import tree_board, tree_figures, tree_scope
from pages.parts import reading
from pages.parts.reading import Frames
from queries import tree
from queries.read import Statement

PAGE = "referrals"


def asked(shown: view.View) -> dict[str, Statement]:
    """What the part shows."""
    return tree.asked(tree_scope.shown(shown), *tree_figures.opening(shown))


def draw(shown: view.View, frames: Frames) -> None:
    """The part, with every member of the branch as files."""
    every = tree.nodes(tree_scope.shown(shown), *tree_figures.opening(shown))
    tree_board.draw(shown, frames, reading.rows(PAGE, shown, every))
