"""Spend as marketing enters it: what a row has to say, every fault of a file named by row, and which entries count."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import chain

from rules.acquisition import SPEND
from rules.text import N_

COLUMNS = ("day", "campaign", "creator", "post", "code", "kind", "stage", "amount", "clicks")
REQUIRED = ("day", "kind", "stage", "amount")
MOST_ROWS = 20_000
FIRST_DAY = date(2000, 1, 1)
_HEADS = {
    **{name: name for name in COLUMNS},
    **dict(zip(("日期", "活动", "达人", "作品", "推荐码", "类型", "阶段", "金额", "点击"), COLUMNS, strict=True)),
}
_KINDS = {
    **{kind.value: kind.value for kind in SPEND},
    **dict(zip(("媒体", "代理", "制作", "奖金"), (kind.value for kind in SPEND), strict=True)),
}
_LENGTHS = {"campaign": 64, "creator": 100, "post": 200, "code": 64}
_MOST_CNY = 10**9  # of one entry
_MOST_CLICKS = 10**12
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?(?:\.0+)?)?")
_AMOUNT = re.compile(r"\d{1,3}(,\d{3})+(\.\d{1,2}0*)?|\d+(\.\d{1,2}0*)?")
_COUNT = re.compile(r"(\d{1,3}(,\d{3})+|\d+)(\.0+)?")


class Stage(StrEnum):
    """How sure an amount is. An invoice takes the place of its estimate, never the other way round."""

    ESTIMATED = "estimated"
    INVOICED = "invoiced"


_STAGES = {"estimated": Stage.ESTIMATED, "invoiced": Stage.INVOICED, "预估": Stage.ESTIMATED, "已开票": Stage.INVOICED}


@dataclass(frozen=True)
class Entry:
    """One row of spend. What is not named is empty."""

    day: date
    campaign: str  # its id in the book
    creator: str
    post: str
    code: str
    kind: str
    stage: Stage
    amount_fen: int
    clicks: int | None

    @property
    def key(self) -> tuple[date, str, str, str, str, str]:
        """What it is about: of two entries with one key, one takes the place of the other."""
        return self.day, self.campaign, self.creator, self.post, self.code, self.kind


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row. The sentence is English and translated where it is shown; row 0 is the whole file."""

    row: int
    sentence: str
    values: Mapping[str, str | int]


@dataclass(frozen=True)
class Upload:
    """A file that was taken in before."""

    name: str
    at: datetime
    staff_email: str
    rows: int


@dataclass(frozen=True)
class Taken:
    """What became of entries: nothing is stored where there are faults, or where `earlier` stored this very file."""

    new: int = 0
    replaced: int = 0  # in place of an estimate, or of another amount
    unchanged: int = 0  # stored already as they are
    earlier: Upload | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Kept:
    """An entry as it is stored."""

    entry: Entry
    at: datetime
    staff_email: str


@dataclass(frozen=True)
class Read:
    """What a file says: its entries with their rows, and everything that is wrong with it."""

    entries: tuple[tuple[int, Entry], ...]
    faults: tuple[Fault, ...]


def read_rows(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, campaigns: Mapping[str, str], today: date
) -> Read:
    """The entries of a table of texts, and every fault in it, all at once.

    heads: the texts of its first row, in English or Chinese, in any order. rows: those below it; empty ones are passed
    over. campaigns: the book's campaigns by id and by name. today: no later day is taken. Rows are counted as a
    spreadsheet counts them, the heads being row 1.
    """
    faults = [*_of_heads(heads)]
    if len(rows) > MOST_ROWS:
        faults.append(Fault(0, N_("The file has more than {most} rows; divide it."), {"most": MOST_ROWS}))
    if faults:
        return Read((), tuple(faults))
    places = [_HEADS[_head(head)] for head in heads]
    entries: list[tuple[int, Entry]] = []
    seen: dict[tuple[object, ...], int] = {}
    for number, row in enumerate(rows, start=2):
        cells = dict(zip(places, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        entry, wrong = _read_row(number, cells, campaigns, today)
        faults += wrong
        if entry is None:
            continue
        earlier = seen.setdefault(entry.key, number)
        if earlier != number:
            faults.append(
                Fault(
                    number,
                    N_("It is about the same as row {other}: the same day, campaign, creator, post, code and kind."),
                    {"other": earlier},
                )
            )
        entries.append((number, entry))
    if not entries and not faults:
        faults.append(Fault(0, N_("The file has no row below its heads."), {}))
    return Read(tuple(entries), tuple(sorted(faults, key=lambda fault: fault.row)))


def against_stored(
    entries: Sequence[tuple[int, Entry]], stored: Mapping[tuple[object, ...], Stage]
) -> tuple[Fault, ...]:
    """The rows that may not take the place of what is stored. stored: the stage in force by `Entry.key`."""
    return tuple(
        Fault(number, N_("It is invoiced already; an estimate can't take the place of an invoice."), {})
        for number, entry in entries
        if entry.stage is Stage.ESTIMATED and stored.get(entry.key) is Stage.INVOICED
    )


def counted(entries: Sequence[Entry], booked: Collection[tuple[str, str, date]]) -> tuple[list[Entry], list[Entry]]:
    """The entries that count beside the book's own spend, and those that don't, for the book has them.

    booked: campaign, kind and day of the spend that the book holds. An entry about a campaign, kind and day that the
    book has spend of is taken for the same money and left out; so nothing is counted twice.
    """
    known = frozenset(booked)
    own: list[Entry] = []
    double: list[Entry] = []
    for entry in entries:
        (double if (entry.campaign, entry.kind, entry.day) in known else own).append(entry)
    return own, double


def _of_heads(heads: Sequence[str]) -> list[Fault]:
    names = [_HEADS.get(_head(head)) for head in heads]
    unknown = [head for head, name in zip(heads, names, strict=True) if name is None]
    missing = [name for name in REQUIRED if name not in names]
    double = sorted({name for name in names if name is not None and names.count(name) > 1})
    known = ", ".join(COLUMNS)
    return list(
        chain(
            (Fault(1, N_("There is no column {name}; write it above the rows."), {"name": name}) for name in missing),
            (
                Fault(
                    1, N_("The column {name} is not known; known are {known}."), {"name": head or "–", "known": known}
                )
                for head in unknown
            ),
            (Fault(1, N_("The column {name} is there twice."), {"name": name}) for name in double),
        )
    )


def _head(text: str) -> str:
    return text.strip().lower().removesuffix("_cny")


def _read_row(
    number: int, cells: Mapping[str, str], campaigns: Mapping[str, str], today: date
) -> tuple[Entry | None, list[Fault]]:
    """One row; no entry where anything in it is wrong."""
    wrong: list[Fault] = []

    def fault(sentence: str, **values: str | int) -> None:
        wrong.append(Fault(number, sentence, values))

    day = _day(cells.get("day", ""))
    if day is None:
        fault(N_("The day {text} is no date; write one such as 2026-11-20."), text=_quoted(cells.get("day", "")))
    elif day > today:
        fault(N_("The day {text} has not come yet."), text=day.isoformat())
    elif day < FIRST_DAY:
        fault(N_("The day {text} is too long ago."), text=day.isoformat())
    asked = cells.get("campaign", "")
    campaign = campaigns.get(asked) if asked else ""
    if campaign is None:
        fault(N_("The book has no campaign {text}; write its id or its name."), text=_quoted(asked))
    if not asked and not cells.get("creator"):
        fault(N_("It names neither a campaign nor a creator."))
    kind = _KINDS.get(cells.get("kind", "").lower())
    if kind is None:
        fault(
            N_("The kind {text} is not known; write media, agency, production or bonus."),
            text=_quoted(cells.get("kind", "")),
        )
    stage = _STAGES.get(cells.get("stage", "").lower())
    if stage is None:
        fault(N_("The stage {text} is not known; write estimated or invoiced."), text=_quoted(cells.get("stage", "")))
    fen = _fen(cells.get("amount", ""))
    if fen is None:
        fault(
            N_("The amount {text} can't be read; write CNY with two decimals at most, 0 or more, such as 1200.50."),
            text=_quoted(cells.get("amount", "")),
        )
    clicks = _clicks(cells.get("clicks", ""))
    if clicks is None and cells.get("clicks", ""):
        fault(N_("The clicks {text} are no whole number."), text=_quoted(cells["clicks"]))
    for name, length in _LENGTHS.items():
        if len(cells.get(name, "")) > length or "\x00" in cells.get(name, ""):
            fault(N_("The {name} is longer than {length} letters."), name=name, length=length)
    if wrong or day is None or campaign is None or kind is None or stage is None or fen is None:
        return None, wrong
    texts = {name: cells.get(name, "") for name in ("creator", "post", "code")}
    return Entry(day=day, campaign=campaign, **texts, kind=kind, stage=stage, amount_fen=fen, clicks=clicks), []


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime(int(match[1]), int(match[2]), int(match[3])).date()  # noqa: DTZ001, it is a day
    except ValueError:
        return None


def _fen(text: str) -> int | None:
    plain = text.removeprefix("¥").removeprefix("￥").strip()
    if not _AMOUNT.fullmatch(plain):
        return None
    try:
        cny = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None
    return int(cny * 100) if cny <= _MOST_CNY else None


def _clicks(text: str) -> int | None:
    if not _COUNT.fullmatch(text):
        return None
    number = int(text.replace(",", "").partition(".")[0])
    return number if number <= _MOST_CLICKS else None


def _quoted(text: str) -> str:
    return f"“{text[:40]}”" if text else "“”"
