"""Cases in every state, for pictures of the review queue: brought there by what the desk does, on a demo book."""

import itertools
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk import audit, blind, review, review_look, review_opening, review_outbox, review_source, staff
from desk.review import Asked
from desk.staff import Role
from loanbook import books
from loanbook.evidence import ReviewBook
from loanbook.live_book import LiveBook
from rules import policy, settings
from rules.refusal import Refused
from rules.review_actions import Action, Ask, Claim, Correct, Decide, Escalate, Moment, Note, Park, Withdraw
from rules.review_case import Case, Ground, Outcome, Reason
from rules.working_time import WorkingHours

OFFICER, SENIOR = (staff.DEMO[role].email for role in (Role.RISK_OFFICER, Role.SENIOR_RISK_OFFICER))
STATES = (
    "waiting", "mine", "call", "form", "less", "missing", "check", "revealed", "changed", "held", "asked", "parked",
    "escalated", "second", "sent", "delivered", "refused", "corrected", "withdrawn",
)  # fmt: skip
_LARGE, _USUAL = 120_000, 60_000  # CNY; an officer of the demo may decide up to 80,000
_DAYS, _A_DAY = 8, 3  # of cases that were decided before, for how well is decided
_PROVEN, _DEBT = Reason(Ground.POLICY, "income_proven"), Reason(Ground.POLICY, "too_much_debt")
_WHY = "The employer confirmed the salary, and the payslips of six months agree with it"


class Cases:
    """The cases of one installation; `number` is where each state is to be found."""

    def __init__(self, folder: Path) -> None:
        drawn = folder / "policy.toml"  # so many are drawn for the blind sample that somebody is asked for certain
        usual = policy.DEFAULT_PATH.read_text(encoding="utf-8")
        drawn.write_text(re.sub(r"(blind_sample_ratio = )[0-9.]+", r"\g<1>0.4", usual), encoding="utf-8")
        given = {"LOANBOARD_DATA_DIR": str(folder), "LOANBOARD_POLICY": str(drawn)}
        self._settings = settings.read(given)
        self._engine = audit.open_state(self._settings)
        url = books.url(self._settings)
        assert url is not None
        self._file = Path(url.removeprefix("sqlite:///"))
        self._live = LiveBook(url, None)
        self._book, self._source = ReviewBook(self._live), review_source.of(self._settings)
        self._keys = itertools.count()
        staff.add_demo(self._engine)
        self.number = self._prepare()

    @property
    def _now(self) -> datetime:
        return datetime.now(UTC)

    def act(self, name: str, by: str, action: Action, at: datetime | None = None) -> Case:
        """Take an action on the case of a state."""
        now = at or self._now
        asked = Asked(f"shot {next(self._keys)}", self._key(name), by, action)
        return review.perform(self._engine, asked, self._book, review_look.in_force(self._settings, now), now).case

    def decide(self, name: str, by: str, outcome: Outcome, at: datetime | None = None) -> None:
        """Claim a case and decide it."""
        held, seen = self.act(name, by, Claim(), at), self._book.evidence(self._key(name)[1])
        amount = {Outcome.APPROVED: seen.amount_fen, Outcome.APPROVED_LESS: seen.amount_fen // 2}.get(outcome)
        reasons = (_PROVEN,) if outcome is Outcome.APPROVED else (_DEBT,)
        self.act(name, by, Decide(held.tokens, held.version, seen.hash, outcome, amount, reasons, _WHY), at)

    @contextmanager
    def held(self) -> Iterator[None]:
        """While somebody else holds a case."""
        self.act("held", SENIOR, Claim())
        yield

    def change(self, name: str) -> None:
        """Let lending change an application."""
        key = self._key(name)[1]
        other = "CASE WHEN purpose = 'travel' THEN 'car' ELSE 'travel' END"
        self._write(f"UPDATE application SET amount = amount + 1000, purpose = {other} WHERE id = ?", key)
        said = "CASE WHEN outcome = 'flag' THEN 'pass' ELSE 'flag' END"
        newest = "SELECT max(id) FROM application_check WHERE application_id = ?"
        self._write(f"UPDATE application_check SET outcome = {said} WHERE id = ({newest})", key)

    def _prepare(self) -> dict[str, str]:
        """Let applications wait that nobody has decided, and bring their cases to where they are looked at."""
        before = _DAYS * _A_DAY
        with closing(sqlite3.connect(self._file)) as book:
            found = book.execute(
                "SELECT id, external_number FROM application WHERE status = 'withdrawn' "
                "AND member_id NOT IN (SELECT member_id FROM application WHERE status = 'open') "
                "GROUP BY member_id ORDER BY id DESC LIMIT ?",
                (len(STATES) + before,),
            ).fetchall()
        names = [*STATES, *(f"before{place}" for place in range(before))]
        self._ids = {name: str(key) for name, (key, _number) in zip(names, found, strict=True)}
        for place, name in enumerate(names):
            amount = _LARGE if name in {"second", "escalated"} else _USUAL + 500 * (place % 7)
            self._open(name, amount, self._now - timedelta(minutes=10 * place))
        for day in range(_DAYS, 0, -1):
            self._day_before(day, [names[len(STATES) + (day - 1) * _A_DAY + each] for each in range(_A_DAY)])
        review_look.look(self._settings, self._engine, self._now)
        self._bring()
        number = {name: number for name, (_key, number) in zip(names, found, strict=True)}
        asked = blind.asked_of(self._engine, self._source, SENIOR)
        return number | {"blind": asked[0].external_number}

    def _bring(self) -> None:
        for name, action in (
            ("asked", lambda token: Ask(token, "Please send the payslips of the last three months")),
            ("parked", lambda token: Park(token, self._now + timedelta(hours=3), "Call back, the employer is closed")),
            ("escalated", lambda token: Escalate(token, "The income comes from abroad, and I can't read the contract")),
        ):
            self.act(name, OFFICER, action(self.act(name, OFFICER, Claim()).tokens))
        self.act("call", OFFICER, Note("Her employer, Ms Chen in the payroll office, confirmed 14,200 a month"))
        self.decide("second", OFFICER, Outcome.APPROVED)
        for name in ("sent", "delivered", "refused", "corrected"):
            self.decide(name, OFFICER, Outcome.APPROVED_LESS if name == "sent" else Outcome.APPROVED)
        self.act("corrected", SENIOR, Correct("Approved though the applicant had asked for less by telephone"))
        self.act("withdrawn", OFFICER, Withdraw("Said on the telephone that the car was sold to somebody else"))
        for each in review_outbox.pending(self._engine, self._source, 1000):
            if each.case == self._key("refused"):
                rule = review_look.in_force(self._settings, self._now).review
                said = "The credit line was closed this morning"
                review_outbox.refuse(self._engine, each.key, said, Moment(self._now, rule))
            elif each.case != self._key("sent"):
                review_outbox.acknowledge(self._engine, each.key, self._now)

    def _day_before(self, days: int, names: list[str]) -> None:
        """What two officers decided on a day before."""
        rule = review_look.in_force(self._settings, self._now)
        at = _working(rule.review.hours, self._now - timedelta(days=days))
        wanted = {self._ids[name] for name in names}
        for name in names:
            self._write("UPDATE application SET applied_at = ? WHERE id = ?", _text(at), self._ids[name])
        every = [each for each in self._book.open_applications() if each.id in wanted]
        review_opening.open_cases(self._engine, self._source, every, rule, at)
        for place, name in enumerate(names):
            by, outcome = ((OFFICER, Outcome.APPROVED), (SENIOR, Outcome.DECLINED), (SENIOR, Outcome.APPROVED_LESS))[
                place
            ]
            try:
                self.decide(name, by, outcome, at + timedelta(minutes=20 * (place + days)))
            except Refused:  # of what the policy has decided by another person
                continue

    def _open(self, name: str, amount_cny: int, at: datetime) -> None:
        self._write(
            "UPDATE application SET status = 'open', decided_at = NULL, amount = ?, applied_at = ? WHERE id = ?",
            amount_cny, _text(at), self._ids[name],
        )  # fmt: skip

    def _write(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self._file, timeout=30)) as book, book:
            book.execute(statement, values)

    def _key(self, name: str) -> tuple[str, str]:
        return self._source, self._ids[name]


def _working(hours: WorkingHours, at: datetime) -> datetime:
    """The next moment of working time."""
    return hours.add(at, timedelta(minutes=30))


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")
