"""What speaks against this case? Its members with the evidence of each, and what was judged of them."""

import pandas as pd

from components import cards, formats, states, tables
from components.language import _, value_label
from components.referrals import abuse_words
from components.tables import Column, Kind
from components.view import View
from rules import abuse
from rules.dimensions import CHANNEL, PROVINCE
from rules.metrics import METRICS

HEIGHT = 290
_KEY = "abuse-case"
_CODES = (CHANNEL.code, PROVINCE.code)
_UNITS = {"concentrated": Kind.RATIO}


def draw(shown: View, members: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Draw the card. members: `queries.abuse.of_case`; marks: with the columns of `rules.abuse_cases.MARKED`."""
    metric = METRICS["abuse_points"]
    number = "" if members.empty else _("case {number}").format(number=int(members["case_no"].iloc[0]))
    card = cards.begin(
        _KEY, title=_("What speaks against them?"), of=number, definition=_(metric.definition), tabular=False
    )
    if members.empty:
        with card.frame:
            states.nothing(_("No case of this number passes the filters; choose one from the list."))
        return
    listed = members.merge(marks[["member_id", "verdict"]], on="member_id", how="left")
    listed = listed.assign(
        judged=[abuse_words.verdict(code) for code in listed["verdict"]],
        concentrated=listed["concentrated"] / 1000,
        **{code: [value_label(code, value, shown.book) for value in listed[code]] for code in _CODES},
    )
    card.answer(
        sentence(members),
        height=tables.tall(len(listed), HEIGHT),
        figure=lambda: tables.show(listed, _columns(members), key=f"{_KEY}-rows", height=HEIGHT),
        caption=" · ".join(
            [
                _("those with the most points first"),
                _("ids and attributes alone, nothing that names a person"),
                _("0 = the signal is not given"),
            ]
        ),
    )


def sentence(members: pd.DataFrame) -> str:
    """The evidence that most of the case shares, in numbers, and what it has received."""
    counts = {signal: int((members[signal] > 0).sum()) for signal in abuse.SIGNALS}
    given = sorted((signal for signal in abuse.SIGNALS if counts[signal]), key=lambda signal: -counts[signal])
    said = _(", ").join(f"{abuse_words.signal(signal)} {formats.count(counts[signal])}" for signal in given)
    received, undone = int(members["reward_fen"].sum()), int(members["reversed_fen"].sum())
    return _("**{members}**: {signals}. They received **{received}**, of which {reversed} was reversed.").format(
        members=abuse_words.members(len(members)),
        signals=said,
        received=formats.money(received),
        reversed=formats.money(undone),
    )


def _columns(members: pd.DataFrame) -> dict[str, Column]:
    given = [signal for signal in abuse.SIGNALS if (members[signal] > 0).any()]
    metric = METRICS["abuse_points"]
    return {
        "member_id": Column(_("Member"), pinned=True),
        "points": Column(_(metric.name), Kind.COUNT, help=_(metric.definition)),
        "judged": Column(_("Judged")),
        **{
            signal: Column(
                abuse_words.signal(signal), _UNITS.get(signal, Kind.COUNT), help=_(abuse.DEFINITIONS[signal])
            )
            for signal in given
        },
        "referrer_id": Column(_("Referrer")),
        "ring_no": Column(_("Ring"), Kind.COUNT),
        "rewards": Column(_("Rewards"), Kind.COUNT),
        "reward_fen": Column(_("Received"), Kind.FEN),
        "registered_on": Column(_("Registered on"), Kind.DAY),
        "last_active_on": Column(_("Last active on"), Kind.DAY),
        "first_disbursed_on": Column(_("First loan on"), Kind.DAY),
        CHANNEL.code: Column(_("Channel")),
        PROVINCE.code: Column(_("Province")),
    }
