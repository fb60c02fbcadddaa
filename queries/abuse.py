"""Who looks as if made to earn rewards: the suspects by case, the evidence, and how common each signal is."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, String, cast, func, literal, select

from loanbook.referrals.reward_schema import abuse_signal, reward_fact, signal_rate
from loanbook.snapshot_schema import member_journey
from queries.members import among, passing
from rules import abuse
from rules.member_filters import MemberSelection

Rows = Select[*tuple[Any, ...]]

TOPS = (1, 10, 100, 1_000)  # so many beneficiaries with the largest rewards

_signal, _member, _reward = abuse_signal.c, member_journey.c, reward_fact.c
_EVIDENCE = tuple(_signal[name] for name in abuse.SIGNALS)


def rates() -> Rows:
    """How common each signal is, over the whole book: the columns of `signal_rate`, one row per signal."""
    return select(signal_rate)


def cases(selection: MemberSelection) -> Rows:
    """The suspects of a selection, those linked by a ring or by referring each other as one case.

    Grain: one row per case, the one with the most points per member first.
    Columns: case_no; members; points (summed over them); with_<signal>: members that give it; referrals between them;
    rewards, reward_fen, reversed_fen received; first_registered_on, last_registered_on.
    Excludes: of the selection only the choices count; members who are not suspected.
    Source: metrics.md, "abuse signals"; `rules.abuse.weigh`.
    """
    counted = func.count()
    return (
        select(
            _signal.case_no,
            counted.label("members"),
            _sum(_signal.points).label("points"),
            *(
                func.count().filter(each > 0).label(f"with_{name}")
                for name, each in zip(abuse.SIGNALS, _EVIDENCE, strict=True)
            ),
            *(_sum(_signal[name]).label(name) for name in ("rewards", "reward_fen", "reversed_fen")),
            func.min(_signal.registered_on).label("first_registered_on"),
            func.max(_signal.registered_on).label("last_registered_on"),
        )
        .where(_signal.suspected, among(_signal.member_no, selection.over_all_time()))
        .group_by(_signal.case_no)
        .order_by((_sum(_signal.points) / counted).desc(), _sum(_signal.reward_fen).desc(), _signal.case_no)
    )


def of_case(selection: MemberSelection, case_no: int | None) -> Rows:
    """The suspects of one case; without a number of the one that leads `cases`. Columns: as `suspects`."""
    if case_no is None:
        leading = cases(selection).limit(1).subquery("leading")
        return suspects(selection).where(_signal.case_no.in_(select(leading.c.case_no)))
    return suspects(selection).where(_signal.case_no == case_no)


def suspects(selection: MemberSelection) -> Rows:
    """All suspects, one by one, those with the most points first.

    Grain: one row per member. Columns: case_no, ring_no, member_id, referrer_id, points, a column per signal with its
    evidence (0 where it is not given), rewards, reward_fen, reversed_fen, registered_on, last_active_on, channel,
    province, first_disbursed_on. Excludes: of the selection only the choices count.
    """
    referrer = member_journey.alias("referrer")
    return (
        select(
            _signal.case_no,
            _signal.ring_no,
            _signal.member_id,
            referrer.c.member_id.label("referrer_id"),
            _signal.points,
            *_EVIDENCE,
            _signal.rewards,
            _signal.reward_fen,
            _signal.reversed_fen,
            _member.registered_on,
            _member.last_active_on,
            cast(_member.channel, String).label("channel"),
            cast(_member.province, String).label("province"),
            _member.first_disbursed_on,
        )
        .join_from(abuse_signal, member_journey, _member.member_no == _signal.member_no)
        .outerjoin(referrer, referrer.c.member_no == _member.referrer_no)
        .where(_signal.suspected, passing(selection.over_all_time()))
        .order_by(_signal.points.desc(), _signal.reward_fen.desc(), _signal.member_no)
    )


def case_of(member_ids: Collection[str]) -> Rows:
    """The cases of some members, such as those who are marked. Columns: member_id, case_no."""
    return (
        select(_signal.member_id, _signal.case_no)
        .where(_signal.member_id.in_(sorted(member_ids)), _signal.case_no.is_not(None))
        .order_by(_signal.member_no)
    )


def concentration(selection: MemberSelection) -> Rows:
    """In how few hands the rewards lie.

    Grain: one row. Columns: beneficiaries (count); fen accrued to them; top_<n>_fen of the n with the most, and
    top_percent_fen of the hundredth part of them with the most (at least one).
    Excludes: rewards of referees whom the choices leave out, what was reversed, and the benefit of those who came.
    """
    person = (
        select(_reward.beneficiary_no, func.sum(_reward.fen).label("fen"))
        .where(
            passing(selection.over_all_time(), reward_fact),
            _reward.side != literal("invitee"),
            _reward.reversed_on.is_(None),
            _reward.beneficiary_no.is_not(None),
        )
        .group_by(_reward.beneficiary_no)
        .subquery("person")
    )
    ranked = select(func.list_reverse_sort(func.list(cast(person.c.fen, BigInteger))).label("fen")).subquery("ranked")
    fen, count = ranked.c.fen, func.coalesce(func.len(ranked.c.fen), literal(0, Integer))
    hundredth = func.greatest(count.op("//")(100), 1)
    within = {f"top_{top}_fen": literal(top, Integer) for top in TOPS} | {"top_percent_fen": hundredth}
    first = {name: func.list_slice(fen, literal(1, Integer), last) for name, last in within.items()}
    return select(
        count.label("beneficiaries"),
        *(_of_list(each).label(name) for name, each in {"fen": fen, **first}.items()),
    )


def _of_list(fen: Any) -> Any:
    return cast(func.coalesce(func.list_sum(fen), literal(0, Integer)), BigInteger)


def _sum(value: Any) -> Any:
    return cast(func.coalesce(func.sum(value), literal(0, Integer)), BigInteger)
