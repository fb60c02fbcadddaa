"""What was not as it should be in the month: rules of lending, decisions against rules and model, late cases, rows."""

from datetime import UTC, datetime

import pandas as pd

from components import formats
from components.compliance import words as rule_words
from components.language import _, ngettext
from components.markdown import plain
from components.pack import words
from components.pack.blocks import Block, Grid
from components.pack.read import Read
from components.rates.time.words import sentences
from components.system.findings import sentence_of
from components.tables import Column, Kind
from rules.calendar import business_date
from rules.compliance import Rule
from rules.metrics import METRICS
from rules.pack import Section
from rules.review_case import Outcome, Override
from rules.text import N_

_OUTCOMES = {
    Outcome.APPROVED: N_("Approved"),
    Outcome.APPROVED_LESS: N_("Approved for less"),
    Outcome.DECLINED: N_("Declined"),
}
_SIDES = {
    Override.LOW_SIDE: N_("Granted despite a failed check"),
    Override.HIGH_SIDE: N_("Declined though none failed"),
}
_LATE, _BROKEN = "late", "broken"


def blocks(read: Read) -> list[Block]:
    """The cards."""
    return [_breaches(read), _decisions(read), _late_cases(read), _invariants(read)]


def _breaches(read: Read) -> Block:
    rows, metric = read.table("breaches"), METRICS["rule_breaches"]
    broken = rows.loc[rows["breaches"] > 0]
    if rows.empty:
        said = _("The book holds nothing that a rule of the policy could be held against in this period.")
    elif broken.empty:
        said = _("**All {all} rules** that anything was judged by are kept.").format(all=len(rows))
    else:
        first = broken.iloc[0]
        said = _("**{count}** of {all} rules are broken; most often **{name}**: {breaches} of {judged} judged.").format(
            count=len(broken), all=len(rows), name=rule_words.name(Rule(first["rule"])),
            breaches=formats.count(int(first["breaches"])), judged=formats.count(int(first["judged"])),
        )  # fmt: skip
    ratio = (rows["breaches"] / rows["judged"]).astype("float64")
    return Block(
        key="pack-breaches",
        wide=True,  # its rows would be cut on half a page
        section=Section.EXCEPTIONS,
        title=_("Is every rule kept?"),
        of=formats.month(read.end),
        sentence=said,
        definition=_(metric.definition),
        caption=_("a breach is to be judged by a person"),
        grid=Grid(
            heads=[_("State"), _("Rule"), _("Breaches"), _("Put to the rule"), _("Share"), _("Newest")],
            rows=[
                [
                    _(":red[▲ breached]") if row.breaches else _(":green[✓ kept]"),
                    rule_words.name(Rule(row.rule)),
                    formats.count(row.breaches),
                    formats.count(row.judged),
                    words.share(share, 2),
                    "" if pd.isna(row.newest_on) else formats.day(row.newest_on),
                ]
                for row, share in zip(rows.itertuples(), ratio, strict=True)
            ],
            numbers=frozenset({2, 3, 4}),
        ),
        rows=rows.assign(name=[rule_words.name(Rule(each)) for each in rows["rule"]], ratio=ratio),
        columns={
            "name": Column(_("Rule"), pinned=True),
            "breaches": Column(_("Breaches"), Kind.COUNT),
            "judged": Column(_("Put to the rule"), Kind.COUNT),
            "ratio": Column(_("Share"), Kind.RATIO),
            "newest_on": Column(_("Newest"), Kind.DAY),
        },
    )


def _decisions(read: Read) -> Block:
    rows, metric = read.table("decisions").set_index("kind"), METRICS["override_rate"]
    listed = read.table("overrides")
    said = []
    for side in Override:
        one = rows.loc[side.value]
        if one["n"]:
            said.append(
                _("{what}: **{k}** of {n} ({rate}, {interval}).").format(
                    what=_(_SIDES[side]), k=formats.count(int(one["k"])), n=formats.count(int(one["n"])),
                    rate=words.share(one["rate"]), interval=words.interval(one["low"], one["high"]),
                )
            )  # fmt: skip
    teller = (
        _("as the loan database tells, for nothing was decided in Loanboard")
        if read.pack.about["decided_in"] == "book"
        else _("decided in Loanboard")
    )
    count = int(rows.loc[[side.value for side in Override], "k"].sum())
    caption = [teller, _("first decisions")]
    if len(listed) < count:
        caption.append(_("the largest {count} are named").format(count=len(listed)))
    return Block(
        key="pack-overrides",
        wide=True,  # its rows would be cut on half a page
        section=Section.EXCEPTIONS,
        title=_("What was decided against rules and model?"),
        of=formats.month(read.end),
        sentence=sentences(*said) or _("Nothing was decided by a person in this month."),
        definition=_(metric.definition),
        caption=" · ".join(caption),
        grid=Grid(
            heads=[_("Application"), _("Decided"), _("Override"), _("Outcome"), _("Asked for")],
            rows=[
                [plain(str(row.number)), formats.day(business_date(_local(row.decided_at))),
                 _(_SIDES[Override(row.override)]), _(_OUTCOMES[Outcome(row.outcome)]), formats.money(row.amount_fen)]
                for row in listed.itertuples()
            ],
            numbers=frozenset({4}),
        )
        if len(listed)
        else None,
        rows=listed.assign(
            side=[_(_SIDES[Override(each)]) for each in listed["override"]],
            decision=[_(_OUTCOMES[Outcome(each)]) for each in listed["outcome"]],
        ),
        columns={
            "number": Column(_("Application"), pinned=True),
            "decided_at": Column(_("Decided"), Kind.INSTANT),
            "side": Column(_("Override")),
            "decision": Column(_("Outcome")),
            "amount_fen": Column(_("Asked for"), Kind.FEN),
        },
    )  # fmt: skip


def _late_cases(read: Read) -> Block:
    rows, metric = read.table("late_cases"), METRICS["decided_late"]
    count = int(str(read.pack.about["late_cases"]))
    known = read.table("decisions").set_index("kind").loc[_LATE]
    said = ngettext("**{count}** case was late.", "**{count}** cases were late.", count).format(
        count=formats.count(count)
    ) if count else _("No case in Loanboard was late.")  # fmt: skip
    if known["n"]:
        rate = _("After the deadline: {k} of {n} decisions ({rate}, {interval}).").format(
            k=formats.count(int(known["k"])), n=formats.count(int(known["n"])), rate=words.share(known["rate"]),
            interval=words.interval(known["low"], known["high"]),
        )  # fmt: skip
        said = sentences(said, rate)
    caption = [_("decided after the deadline in the month, or past it at the month end")]
    if len(rows) < count:
        caption.append(_("the first {count} are named").format(count=len(rows)))
    return Block(
        key="pack-late-cases",
        section=Section.EXCEPTIONS,
        title=_("Which cases were late?"),
        of=formats.month(read.end),
        sentence=said,
        definition=_(metric.definition),
        caption=" · ".join(caption),
        grid=Grid(
            heads=[_("Application"), _("Due"), _("Decided")],
            rows=[
                [plain(str(row.number)), formats.moment(_local(row.due_at)),
                 _("not by the month end") if pd.isna(row.decided_at) else formats.moment(_local(row.decided_at))]
                for row in rows.itertuples()
            ],
        )
        if len(rows)
        else None,
        rows=rows,
        columns={
            "number": Column(_("Application"), pinned=True),
            "due_at": Column(_("Due"), Kind.INSTANT),
            "decided_at": Column(_("Decided"), Kind.INSTANT),
        },
    )  # fmt: skip


def _invariants(read: Read) -> Block:
    rows = read.table("invariants")
    told = [sentence_of(read.findings[row.kind], row) for row in rows.itertuples()]
    count = int((rows["severity"] == _BROKEN).sum())
    said = ngettext("**{count}** rule is broken.", "**{count}** rules are broken.", count).format(count=count)
    return Block(
        key="pack-invariants",
        section=Section.EXCEPTIONS,
        title=_("Which rules do rows of the loan database break?"),
        sentence=said if count else _("None: every row keeps the contract."),
        definition=_("What the check of the loan database has found in the copy that the figures are from."),
        caption=_("of the whole copy, whatever the month"),
        grid=Grid(heads=[_("Finding"), _("Rows")], rows=[
            [plain(said), formats.count(row.rows)] for said, row in zip(told, rows.itertuples(), strict=True)
        ], numbers=frozenset({1})) if len(rows) else None,
        rows=rows.assign(finding=told),
        columns={"finding": Column(_("Finding"), pinned=True), "rows": Column(_("Rows"), Kind.COUNT)},
    )  # fmt: skip


def _local(instant: pd.Timestamp) -> datetime:
    """A UTC instant without a zone as the formats take it."""
    moment: datetime = instant.to_pydatetime().replace(tzinfo=UTC)
    return moment
