"""Who invited whom? The tree of a member, of a campaign or of everybody; a click shows or folds a branch."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components import cards, formats, linked, states, tables
from components.charts.icicle import icicle
from components.charts.node_links import node_links
from components.language import _, ngettext
from components.rates.time import words
from components.referrals import tree_colours, tree_figures, tree_scope
from components.tables import Column, Kind
from components.view import View
from rules import trees
from rules.metrics import METRICS
from rules.text import N_
from rules.trees import MOST_NODES, NOBODY, Scope

HEIGHT = 430
_KEY = "tree"
ICICLE, LINKS = "icicle", "links"
_DRAWINGS = {ICICLE: N_("Blocks"), LINKS: N_("Dots and lines")}
_SIZES = {ICICLE: N_("width = members of the branch"), LINKS: N_("size = members of the branch")}
_MORE = {ICICLE: N_("hatched +n = so many more"), LINKS: N_("hollow +n = so many more")}
OPEN, FOLD = "open", "fold"
_CLICKS = {OPEN: N_("A click opens"), FOLD: N_("A click folds")}
_INDENT = "\u2003"


def draw(shown: View, scope: Scope, frames: tree_figures.Frames, here: pd.Series) -> None:
    """Draw the card. frames: what the statements of `queries.tree.asked` return; here: what the scope comes to."""
    metric, nodes = METRICS["branch_default"], frames["nodes"]
    card = cards.begin(_KEY, title=_("Who invited whom?"), definition=_(metric.definition))
    with card.controls:
        drawing = _choice("drawing", _DRAWINGS, ICICLE, _("Drawing"))
        colour = _choice("colour", tree_colours.NAMES, tree_colours.VALUE, _("Colour"))
        click = _choice("click", _CLICKS, OPEN, _("A click"))
    with card.frame, st.container(horizontal=True, gap="small", vertical_alignment="center", key="tree-way"):
        tree_scope.search(shown)
        tree_scope.breadcrumb(shown, scope, frames["path"])
    if nodes.empty:
        with card.frame:
            _none(scope)
        return
    rows = trees.drawn(nodes, tree_scope.folded())
    rows = trees.judged(rows, frames["whole"].iloc[0], shown.policy.display.significance)
    rows = _with_texts(tree_colours.coloured(rows, frames["whole"].iloc[0], colour))

    def figure() -> None:
        made = _icicle(rows) if drawing == ICICLE else _links(rows)
        key = f"{_KEY}-{drawing}-{colour}-{scope.member_id}-{scope.campaign}"
        cards.chart(
            made, key, on_select=partial(_clicked, click, cards.chart_key(key)), selection_mode="points"
        )  # fmt: skip

    def table(height: int) -> None:
        listed = _listed(nodes)
        tables.show(
            listed,
            _columns(shown),
            key=f"{_KEY}-rows",
            height=height,
            on_select=partial(_picked, list(listed["member_id"]), f"{_KEY}-rows"),
            selection_mode="single-row",
        )

    card.answer(
        sentence(scope, rows, here),
        height=HEIGHT,
        figure=figure,
        table=table,
        caption=_of_table(nodes) if card.tabular else _of_figure(rows, here, drawing, colour),
    )


def sentence(scope: Scope, rows: pd.DataFrame, here: pd.Series) -> str:
    """Whose branch is shown, how large it is, and how many branches of it stand out."""
    members = int(here["members"])
    if scope.member_id:
        if members == 1:
            return _("**{member}** has invited nobody.").format(member=scope.member_id)
        said = ngettext(
            "**{member}** has **{count}** member below, {direct} of them invited directly, down to {depth} levels.",
            "**{member}** has **{count}** members below, {direct} of them invited directly, down to {depth} levels.",
            members - 1,
        ).format(
            member=scope.member_id,
            count=formats.count(members - 1),
            direct=formats.count(int(here["referrals"])),
            depth=formats.count(int(here["depth"])),
        )
    elif scope.campaign:
        said = _("**{count}** members came by this campaign, or by somebody who did.").format(
            count=formats.count(members)
        )
    else:
        said = _("**{count}** members stand in {trees} trees; the largest has **{largest}**.").format(
            count=formats.count(members),
            trees=formats.count(int(here["trees"])),
            largest=formats.count(int(rows["members"].max())),
        )
    return words.sentences(said, _apart(rows))


def _apart(rows: pd.DataFrame) -> str:
    """How many of the branches drawn default more than the book."""
    if not rows["mature"].sum():
        return ""
    worse = rows.loc[(rows["stands_out"] == "above") & ~rows["more"]]
    if worse.empty:
        return _("No branch drawn defaults more than the book by more than noise.")
    return ngettext(
        "**{count} branch** defaults more than the book by more than noise.",
        "**{count} branches** default more than the book by more than noise.",
        len(worse),
    ).format(count=len(worse))


def _choice(key: str, names: dict[str, str], opening: str, label: str) -> str:
    return linked.select(key, list(names), opening=opening, label=label, named=lambda code: _(names[code]))


def _none(scope: Scope) -> None:
    if scope.member_id:
        states.error(
            _("No member has the id {id}. Type another one, or choose a campaign.").format(id=f"`{scope.member_id}`")
        )
    else:
        states.nothing(_("No member came by this campaign."))


def _with_texts(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        text=[f"+{formats.count(row.members)}" if row.more else _named(row) for row in rows.itertuples()],
        hover=[tree_figures.hover(row) for row in rows.itertuples()],
    )


def _named(row: tuple) -> str:
    return f"▸ {row.member_id}" if row.folded else str(row.member_id)


def _icicle(rows: pd.DataFrame) -> go.Figure:
    placed = rows.assign(**trees.spans(rows))
    return icicle(placed, height=HEIGHT, given=["member_id", "more"])


def _links(rows: pd.DataFrame) -> go.Figure:
    placed = rows.assign(**trees.places(rows))
    return node_links(placed, height=HEIGHT, given=["member_id", "more"])


def _listed(nodes: pd.DataFrame) -> pd.DataFrame:
    """Every member read, in preorder, further in the further down."""
    top = int(nodes["level"].min())
    judged = nodes.assign(
        default_rate=nodes["defaulted"] / nodes["mature"].where(nodes["mature"] > 0),
        name=[_INDENT * (row.level - top) + str(row.member_id) for row in nodes.itertuples()],
    )
    return judged.reset_index(drop=True)


def _of_table(nodes: pd.DataFrame) -> str:
    if len(nodes) < MOST_NODES:
        return ""
    return _("the table has the largest {count}").format(count=formats.count(MOST_NODES))


def _of_figure(rows: pd.DataFrame, here: pd.Series, drawing: str, colour: str) -> str:
    drawn, said = int((~rows["more"]).sum()), [tree_colours.legend(colour, rows), _(_SIZES[drawing])]
    if drawn < int(here["members"]):
        tops = int((rows["parent"] == NOBODY).sum())
        said += [
            ngettext("{drawn} members drawn", "{drawn} members of the {tops} largest branches drawn", tops).format(
                drawn=formats.count(drawn), tops=tops
            ),
            _(_MORE[drawing]),
        ]
    return " · ".join(said)


def _columns(shown: View) -> dict[str, Column]:
    metric = METRICS["branch_default"]
    told = {
        "value_fen": Column(_("Value"), Kind.FEN),
        "reward_fen": Column(_("Rewards"), Kind.FEN),
        "suspected": Column(_("Suspected"), Kind.COUNT),
    }
    return {
        "name": Column(_("Member"), pinned=True),
        "level": Column(_("Level"), Kind.COUNT),
        "referrals": Column(_("Invited"), Kind.COUNT),
        "members": Column(_("In the branch"), Kind.COUNT),
        "borrowers": Column(_("Borrowers"), Kind.COUNT),
        "mature": Column(_("Observed"), Kind.COUNT),
        "defaulted": Column(_("Defaulted"), Kind.COUNT),
        "default_rate": Column(_("Default rate"), Kind.RATIO, help=_(metric.definition)),
        **told,
    }


def _clicked(click: str, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    if points:
        member_id, more = points[0]["customdata"][:2]
        (tree_scope.fold if click == FOLD and not more else tree_scope.go_to)(str(member_id))


def _picked(member_ids: list[str], key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        tree_scope.go_to(str(member_ids[rows[0]]))
