"""What the served process looks after by itself, whether anybody visits or not."""

import logging
from datetime import datetime
from pathlib import Path

from filelock import Timeout
from sqlalchemy import Engine

from desk import audit, background, locks, refresh, runs, webhook
from desk.audit_file import Head
from loanbook import books, snapshots
from rules.settings import Settings

log = logging.getLogger("loanboard.refresh")


def look(settings: Settings, engine: Engine, now: datetime) -> bool:
    """Clear up after a refresh that was killed, and start the next one where it is due; whether it was started."""
    if books.url(settings) is None:
        return False
    folder = refresh.source(settings).folder
    notice_killed(settings, engine, folder, now)
    tidy(folder)
    return background.refresh_when_due(engine, folder.name, refresh.built_at(settings), now, settings.refresh_minutes)


def notice_killed(settings: Settings, engine: Engine, folder: Path, now: datetime) -> bool:
    """Record a refresh whose process has gone, and tell the webhook; whether there was one.

    Of several processes that look, one finds it.
    """
    newest = runs.newest(engine, folder.name)
    if newest is None or newest.outcome is not None or locks.is_held(folder / snapshots.LOCK):
        return False
    if not runs.stop(engine, newest.id):
        return False
    log.error("refresh stopped", extra={"source": folder.name, "run": newest.id, "stage": newest.stage})
    told = "The process of the refresh was killed; the next one starts by itself."
    stopped = refresh.notice("refresh_stopped", folder, newest.id, told, newest.started_at, now)
    webhook.send(settings.webhook_url, stopped)
    return True


def tidy(folder: Path) -> None:
    """Remove what refreshes that were killed have left, unless one runs: that one does so itself."""
    if not any(snapshots.leftovers(folder)):
        return
    try:
        with snapshots.lock(folder).acquire(timeout=refresh.LOCK_SECONDS):
            snapshots.clean(folder)
    except Timeout:
        return


def tell_head(settings: Settings, engine: Engine, now: datetime, told: Head | None) -> Head | None:
    """Tell the webhook the newest event of the audit chain, unless it was told; what has been told by now."""
    if settings.webhook_url is None:
        return told
    head = audit.newest(engine)
    if head.sequence == 0 or head == told:
        return told
    taken = webhook.send(settings.webhook_url, webhook.HeadNotice("audit_head", head.sequence, head.hash, now))
    return head if taken else told
