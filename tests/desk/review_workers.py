"""Many officers at once: processes that decide the same cases, and are started again where they are killed.

Run as a program of its own, which forks a process for each officer:
python -m tests.desk.review_workers ADDRESS FOLDER WORKERS CASES CONTENDERS
"""

import os
import random
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError

from desk import review, state
from desk.review import Asked
from rules.refusal import Refused
from rules.review import AlreadyDecided
from rules.review_actions import Claim, Decide
from rules.review_case import Outcome, State
from tests.desk import states
from tests.desk.reviewing import BOOK, DEBT, NOW, PROVEN, RULE, Lending

LEASE = timedelta(minutes=RULE.review.lease_minutes)
PATIENCE_SECONDS = 60


def officer(worker):
    """The address of a worker."""
    return f"officer{worker}@x"


def contenders(case, workers, count):
    """Which workers want a case."""
    return [(case * 7 + 5 * number) % workers for number in range(count)]


def work(url, folder, worker, cases):
    """Decide each case or be told who did; a line for each with what is known of it in the end."""
    engine = states.opened(url, folder)
    random.Random(worker).shuffle(cases)
    with (folder / f"told-{worker}").open("w", encoding="utf-8") as told:
        for case in cases:
            made = settle(engine, worker, case)
            told.write(f"{case} {made.by} {made.outcome} {made.at.isoformat()}\n")
            told.flush()
    engine.dispose()


def settle(engine, worker, case):
    """Claim and decide until it is known who decided; each time it is later, so that leases of others have run out."""
    lending, me = Lending(), officer(worker)
    for attempt in range(100):
        now = NOW + attempt * LEASE
        try:
            key, of = f"{worker}-{case}-{attempt}", (BOOK, str(case))
            held = perform(engine, Asked(f"{key}-claim", of, me, Claim()), lending, now)
            if held.state is not State.DECIDED:
                outcome = Outcome.APPROVED if worker % 2 else Outcome.DECLINED
                amount, reasons = (8_000_000, (PROVEN,)) if outcome.grants else (None, (DEBT,))
                decide = Decide(held.tokens, held.version, "h1", outcome, amount, reasons, f"So I think, {me}.")
                held = perform(
                    engine, Asked(f"{worker}-{case}-{attempt}-d", (BOOK, str(case)), me, decide), lending, now
                )
            return held.decisions[-1]
        except AlreadyDecided as lost:
            return lost.decision
        except Refused:
            time.sleep(0.02)  # somebody else holds it
    raise RuntimeError(f"{me} never learnt who decided case {case}")


def perform(engine, asked, lending, now):
    """Ask, and again with the same key where the database went away in the middle, or was busy for too long."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return review.perform(engine, asked, lending, RULE, now).case
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def main(url, folder, workers, cases, count):
    """Start all workers, and again those that are killed; how many were, and whether any failed."""
    wanted = {worker: [] for worker in range(workers)}
    for case in range(1, cases + 1):
        for worker in contenders(case, workers, count):
            wanted[worker].append(case)
    state.upgrade = lambda _engine: None  # it is migrated
    running, killed, failed = {}, 0, 0

    def start(worker):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work(url, folder, worker, wanted[worker])
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        running[pid] = worker
        (folder / f"pid-{worker}").write_text(str(pid), encoding="utf-8")

    for worker in wanted:
        start(worker)
    while running:
        pid, status = os.wait()
        worker = running.pop(pid)
        if os.WIFSIGNALED(status):
            killed += 1
            start(worker)
        else:
            failed += os.WEXITSTATUS(status) != 0
            (folder / f"pid-{worker}").unlink()
    sys.stdout.write(f"{killed} {failed}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
