"""Lending's own way in: it fetches decisions that wait for it and answers each, over HTTP with a token of its own.

An answer may be sent again without harm: a decision is acknowledged or refused once, by the key that it came with.
"""

import hmac
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from desk import review_outbox
from desk.review_outbox import UnknownDecision
from desk.state import StateError
from loanbook.connection import SourceError
from rules.policy import PolicyError
from rules.refusal import Refused
from rules.review_actions import Moment
from rules.review_case import Delivery
from rules.settings import SettingsError

LONGEST_BODY = 10_000  # bytes
MOST_AT_ONCE = 500
NOT_NOW = (SettingsError, StateError, SourceError, PolicyError, SQLAlchemyError, OSError)
_SECONDS = "30"  # after which to come again
_USUAL_LIMIT = 100
_KEY, _LONGEST_KEY = re.compile(r"[0-9a-f]{64}"), 64

log = logging.getLogger("loanboard.lending")


@dataclass(frozen=True)
class Lending:
    """What requests are answered with. `source`: the book whose decisions lending fetches."""

    token: str
    engine: Engine
    source: str
    moment: Callable[[], Moment]


Found = Callable[[], Lending | None]


class _TooLong(ValueError):  # noqa: N818
    """The body is longer than any that lending has to send."""


def routes(found: Found) -> list[Route]:
    """The addresses; without a token in the settings there is nothing at them."""
    at = "/lending/decisions"
    return [
        Route(at, partial(_guarded, found, _pending), methods=["GET"]),
        Route(f"{at}/{{key}}/acknowledge", partial(_guarded, found, _acknowledge), methods=["POST"]),
        Route(f"{at}/{{key}}/refuse", partial(_guarded, found, _refuse), methods=["POST"]),
    ]


async def _guarded(found: Found, answer: Callable[[Lending, Request, bytes], Response], request: Request) -> Response:
    """Answer whoever brings the token; what goes wrong is told in a sentence, with a status that says whose turn it is.

    Where a bug raises something else, the server answers with 500 and the log has it.
    """
    try:
        lending = await run_in_threadpool(found)
        if lending is None:
            return PlainTextResponse("Not found", status_code=404)
        if not _may(lending, request):
            log.warning("lending refused", extra={"reason": "token"})
            said = "Send the token of LOANBOARD_LENDING_TOKEN as: Authorization: Bearer TOKEN."
            return _error(401, said, {"www-authenticate": "Bearer"})
        return await run_in_threadpool(answer, lending, request, await _body(request))
    except _TooLong:
        return _error(413, f"Send at most {LONGEST_BODY:,} bytes.")
    except Refused as error:
        return _error(404 if isinstance(error, UnknownDecision) else 409, str(error))
    except NOT_NOW as error:
        log.warning("lending not answered", extra={"error": type(error).__name__})
        return _error(503, "Loanboard can't answer just now; send the same again later.", {"retry-after": _SECONDS})


def _may(lending: Lending, request: Request) -> bool:
    given = request.headers.get("authorization", "").encode("latin-1")
    return hmac.compare_digest(given, f"Bearer {lending.token}".encode())


def _pending(lending: Lending, request: Request, _body: bytes) -> Response:
    text = request.query_params.get("limit", str(_USUAL_LIMIT))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MOST_AT_ONCE):
        return _error(422, f"Let limit be a whole number from 1 to {MOST_AT_ONCE}.")
    listed = review_outbox.pending(lending.engine, lending.source, int(text) + 1)
    shown = [json.loads(each.body) for each in listed[: int(text)]]
    return _json({"decisions": shown, "more": len(listed) > len(shown)})


def _acknowledge(lending: Lending, request: Request, _body: bytes) -> Response:
    key = _key(request)
    review_outbox.acknowledge(lending.engine, key, lending.moment().now)
    return _json({"key": key, "state": Delivery.ACKNOWLEDGED.value})


def _refuse(lending: Lending, request: Request, body: bytes) -> Response:
    key, reason = _key(request), _reason(body)
    if reason is None:
        return _error(422, 'Say why, as JSON: {"reason": "..."}.')
    review_outbox.refuse(lending.engine, key, reason, lending.moment())
    return _json({"key": key, "state": Delivery.REFUSED.value})


def _key(request: Request) -> str:
    key: str = request.path_params["key"]
    if not _KEY.fullmatch(key):
        raise UnknownDecision(key[:_LONGEST_KEY])
    return key


def _reason(body: bytes) -> str | None:
    """The reason in a body; None where there is none that can be kept."""
    try:
        sent = json.loads(body)
    except ValueError:
        return None
    said = sent.get("reason") if isinstance(sent, dict) else None
    return said if isinstance(said, str) and said.strip() and "\x00" not in said else None


async def _body(request: Request) -> bytes:
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > LONGEST_BODY:
            raise _TooLong
    return bytes(read)


def _error(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(
        {"error": sentence}, status_code=status, headers={"cache-control": "no-store", **(headers or {})}
    )


def _json(told: dict[str, Any]) -> Response:
    return JSONResponse(told, headers={"cache-control": "no-store"})
