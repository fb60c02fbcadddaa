"""Tells whoever watches Loanboard: one POST of JSON, repeated where it is not taken."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime

import urllib3

TRIES, SECONDS, PAUSE_SECONDS = 3, 5.0, 0.5

log = logging.getLogger("loanboard.webhook")
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # its warnings repeat the address


@dataclass(frozen=True)
class Notice:
    """What is told of a refresh that has failed."""

    event: str  # "refresh_failed" or "refresh_stopped"
    source: str  # the folder of the book's snapshots: it names the book without its address
    run: int | None
    message: str
    started_at: datetime
    finished_at: datetime
    snapshot_served: str | None
    snapshot_age_seconds: int | None


@dataclass(frozen=True)
class HeadNotice:
    """The newest event of the audit chain, to be kept where nobody who can change the chain can change it too."""

    event: str  # "audit_head"
    sequence: int
    hash: str
    at: datetime  # when it was told


def send(url: str | None, notice: Notice | HeadNotice) -> bool:
    """Post a notice to the address of the settings; whether it was taken. What fails here is logged, nothing more.

    The address may hold a secret, so it is never logged.
    """
    if url is None:
        return False
    known: dict[str, object] = {"event": notice.event}
    known |= {"run": notice.run} if isinstance(notice, Notice) else {"sequence": notice.sequence}
    retries = urllib3.Retry(
        TRIES - 1, redirect=False, status_forcelist={429, *range(500, 600)}, allowed_methods=None,
        backoff_factor=PAUSE_SECONDS, respect_retry_after_header=False, raise_on_status=False,
    )  # fmt: skip
    body = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(notice).items()}
    try:
        with urllib3.PoolManager(timeout=urllib3.Timeout(total=SECONDS)) as pool:
            answer = pool.request("POST", url, json=body, retries=retries)
    except urllib3.exceptions.HTTPError as error:
        log.warning("webhook failed", extra=known | {"error": type(error).__name__})
        return False
    taken = 200 <= answer.status < 300
    if taken:
        log.info("webhook sent", extra=known | {"status": answer.status})
    else:
        log.warning("webhook refused", extra=known | {"status": answer.status})
    return taken
