"""`python -m tests.bench.load`: fifty people who click through a demo book, each over a websocket of their own.

Each waits some seconds after an answer and then opens another view: a page with filters of their own choosing. A click
lasts from the message that asks until the one that says that the script has finished. Two rounds: as people look (what
one has asked is there for the next), and with nothing kept, so that every statement runs.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from components.access import COOKIE, STAY
from desk import passes
from desk.staff import DEMO, Role
from rules.filters import Definition
from tests.bench import counting
from tests.browser import serving

_OFFICER, _SENIOR, _MANAGER, _MARKETING = Role.RISK_OFFICER, Role.SENIOR_RISK_OFFICER, Role.MANAGER, Role.MARKETING
PEOPLE = (*[_OFFICER] * 15, *[_SENIOR] * 5, *[_MANAGER] * 15, *[_MARKETING] * 15)
VIEWS = {
    _OFFICER: ("default_rates", "default_rates?part=time", "review_queue", "overview"),
    _SENIOR: ("review_queue", "default_rates", "review_queue?sort=risk"),
    _MANAGER: ("overview", "default_rates", "membership", "referrals?part=cost", "review_queue"),
    _MARKETING: ("overview", "membership", "referrals?part=cost", "referrals?part=quality", "referrals?part=growth"),
}
FILTERS = {
    "tier": ("ordinary", "bronze", "silver", "gold"),
    "channel": ("advertising", "offline", "organic", "partner", "referral"),
    "province": ("Henan", "Sichuan", "Guangdong", "Zhejiang", "Hunan", "Hebei"),
    "definition": tuple(each.value for each in Definition),
}
MIBI = 1024 * 1024


@dataclass
class Round:
    """What people waited, and where they came to nothing."""

    name: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    failed: int = 0
    kept: str = ""
    memory_mib: float = 0

    def note(self, view: str, seconds: float) -> None:
        """One click."""
        self.seconds.setdefault(view.partition("?")[0], []).append(seconds)

    def rows(self) -> list[str]:
        """The lines of the table: by page, and all."""
        everything = [each for page in self.seconds.values() for each in page]
        by_page = [*sorted(self.seconds.items()), ("**all**", everything)]
        return [f"| {self.name} | {page} | {_quantiles(each)} |" for page, each in by_page if len(each) > 1]


def _quantiles(seconds: list[float]) -> str:
    cut = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"{len(seconds)} | {1000 * cut[49]:.0f} | {1000 * cut[94]:.0f} | {1000 * cut[98]:.0f}"


def main() -> None:
    """Build the book, serve it, click, print."""
    chosen = _options()
    with _folder(chosen.keep) as folder:
        if not (folder / "books").exists():
            serving.manage(folder, "demo", "--members", str(chosen.members)).check_returncode()
        rounds = [_round(folder, name, chosen) for name in ("as people look", "nothing kept")]
    lines = [
        f"{len(PEOPLE)} people, {chosen.pause:g} s between clicks, {chosen.members:,} members, {os.cpu_count()} cores:",
        "",
        "| round | page | clicks | median ms | p95 ms | p99 ms |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        *(line for each in rounds for line in each.rows()),
        "",
        *(
            f"{each.name}: {each.kept}; {each.failed} clicks failed; server {each.memory_mib:,.0f} MiB"
            for each in rounds
        ),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if any(each.failed for each in rounds):
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load", description=__doc__)
    parser.add_argument("--members", type=int, default=870_000)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between an answer and the next click")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long each round lasts")
    parser.add_argument("--keep", type=Path, help="keep the book in this folder; one that is already there is used")
    return parser.parse_args()


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="loanboard-bench-") as made:
        yield Path(made)


def _round(folder: Path, name: str, chosen: argparse.Namespace) -> Round:
    port, counts = serving.free_port(), folder / "counts.json"
    told = {counting.PORT: str(port), counting.FILE: str(counts)}
    if name == "nothing kept":
        told["LOANBOARD_BENCH_UNCACHED"] = "1"
    here = Round(name)
    with serving.served_by(("-m", "tests.bench.counting"), folder, port, **told) as server:
        asyncio.run(_people(folder, port, chosen, here))
        here.memory_mib = psutil.Process(server.pid).memory_info().rss / MIBI
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
    read = json.loads(counts.read_text(encoding="utf-8"))
    here.kept = f"{read['found']:,} of {read['asked']:,} reads were kept ({read['found'] / max(read['asked'], 1):.0%})"
    return here


async def _people(folder: Path, port: int, chosen: argparse.Namespace, here: Round) -> None:
    secret, until = passes.key(folder), time.monotonic() + chosen.seconds
    await asyncio.gather(
        *(_person(number, role, secret, port, chosen.pause, until, here) for number, role in enumerate(PEOPLE))
    )


async def _person(number: int, role: Role, secret: bytes, port: int, pause: float, until: float, here: Round) -> None:
    choose = random.Random(number)
    cookie = {"Cookie": f"{COOKIE}={passes.issue(secret, STAY, DEMO[role].email)}"}
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    await asyncio.sleep(choose.uniform(0, pause))
    async with connect(
        address,
        subprotocols=["streamlit"],
        additional_headers=cookie,
        max_size=None,
        open_timeout=None,
        ping_interval=None,
    ) as socket:
        first = True
        while time.monotonic() < until:
            view = _view(role, choose)
            started = time.perf_counter()
            done = await _click(socket, view)
            if not first:  # which opens the session
                here.note(view, time.perf_counter() - started)
            first = False
            here.failed += not done
            await asyncio.sleep(pause)


def _view(role: Role, choose: random.Random) -> str:
    page = choose.choice(VIEWS[role])
    if page.startswith("review_queue"):
        return page
    chosen = [f"{name}={choose.choice(FILTERS[name])}" for name in choose.sample(sorted(FILTERS), choose.randint(0, 2))]
    return "?".join([page, "&".join(chosen)]) if "?" not in page else "&".join([page, *chosen])


async def _click(socket: ClientConnection, view: str) -> bool:
    """Open a view and wait until it is drawn whole; whether it was, without an error on it."""
    page, _, query = view.partition("?")
    asked = BackMsg()
    asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
    asked.rerun_script.context_info.locale = "en-GB"
    await socket.send(asked.SerializeToString())
    well = True
    while True:
        told = ForwardMsg()
        told.ParseFromString(await socket.recv(decode=False))
        if told.HasField("delta") and told.delta.HasField("new_element"):
            well = well and not told.delta.new_element.HasField("exception")
        if told.HasField("script_finished"):
            if told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return well
            if told.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                return False


if __name__ == "__main__":
    main()
