"""How the app is served: `uvicorn asgi:app`. Headers, the demo staff's pass, health, refreshes, memory at the start."""

import asyncio
import gc
import logging
import os
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components import access, entrance, frame, providers, states
from desk import index_http, lending_http, logs, passes
from desk.service import Service
from desk.sign_in_http import SignInCookies
from rules import settings

STATIC = Path(st.__file__).parent / "static"
INDEX = index_http.ours(STATIC, frame.NAME, frame.STYLE.read_text(encoding="utf-8"))


def _inline_scripts() -> list[str]:
    """The hashes of the scripts that stand in the page."""
    scripts = re.findall(r"<script>(.*?)</script>", INDEX, re.DOTALL)
    return [b64encode(sha256(script.encode()).digest()).decode() for script in scripts]


CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        " ".join(["script-src 'self'", *(f"'sha256-{digest}'" for digest in _inline_scripts())]),
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}
CLOSED = ("/_stcore/metrics", "/_stcore/agent")  # what tells of the process, or drives it without a browser
_PASS_BYTES = 2000
LOOK_SECONDS = 60  # between two looks at whether a refresh is due

log = logging.getLogger("loanboard.http")
service = Service(os.environ, lambda: datetime.now(UTC))


class Shield:
    """Headers on every answer, and no answer on the paths that are closed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _value in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in present),
                ]
            await send(message)

        if scope["path"].rstrip("/").startswith(CLOSED):
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)


async def keep_pass(request: Request) -> Response:
    """Let the browser keep the pass that the page has just issued, so that a reload stays signed in."""
    local = access.is_local(request.client.host if request.client else "", request.headers)
    text = (await request.body())[:_PASS_BYTES].decode("ascii", "replace")
    secret = _secret()
    email = passes.holder(secret, access.ENTER, text, access.ENTER_SECONDS) if local else None
    if email is None:
        log.warning("pass refused", extra={"local": local})
        return PlainTextResponse("This pass is not valid.", status_code=403)
    answer = Response(status_code=204)
    answer.set_cookie(
        access.COOKIE,
        passes.issue(secret, access.STAY, email),
        max_age=access.STAY_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


async def give_up_pass(_request: Request) -> Response:
    """Take the pass out of the browser."""
    answer = Response(status_code=204)
    answer.delete_cookie(access.COOKIE, httponly=True, samesite="lax")
    return answer


def healthz(_request: Request) -> Response:
    """The process lives."""
    return JSONResponse({"alive": True})


def readyz(_request: Request) -> Response:
    """Whether pages can be shown; 503 and what is missing where they can't."""
    found = service.readiness()
    return JSONResponse(found.told(), status_code=200 if found.ready else 503, headers={"cache-control": "no-store"})


def tell(_error: Exception) -> bool:
    """Say on the page that there was a fault of ours; Streamlit has put its traceback into the log."""
    states.unexpected()
    return True


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Import what pages need, and look after refreshes while the process serves, whether anybody visits or not."""
    import app  # noqa: F401

    _write_log()  # again: Streamlit has set up loggers of its own
    _set_aside()
    with ExitStack() as until_the_end:
        await asyncio.to_thread(service.hold, until_the_end)
        watching = asyncio.create_task(_watch())
        log.info("http started", extra={"pid": os.getpid()})
        yield
        watching.cancel()
        log.info("http ended", extra={"pid": os.getpid()})


async def _watch() -> None:
    while True:
        await asyncio.to_thread(service.look)
        await asyncio.sleep(LOOK_SECONDS)
        _set_aside()


def _set_aside() -> None:
    """Leave what lives now out of the garbage collection that Streamlit does after every run (measured: 85 ms a run).

    What was left out before and has died since is collected first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _write_log() -> None:
    try:
        form = settings.read(os.environ).log
    except settings.SettingsError:  # which the pages and the command line tell
        form = settings.LogForm.TEXT
    logs.configure(form)


def _by_https() -> bool:
    try:
        return providers.configured().secure
    except settings.SettingsError:  # which the pages tell
        return False


def _secret() -> bytes:
    return passes.key(settings.read(os.environ).data_dir)


_write_log()
app = st.App(
    Path(__file__).with_name("app.py"),
    lifespan=lifespan,
    routes=[
        Route("/session", keep_pass, methods=["POST"]),
        Route("/session", give_up_pass, methods=["DELETE"]),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        *lending_http.routes(service.lending),
    ],
    middleware=[
        Middleware(Shield),
        Middleware(index_http.Index, own=STATIC / "index.html", page=INDEX),
        Middleware(
            SignInCookies,
            pages=["/", *(f"/{page}" for page in access.ROLES)],
            secure=_by_https,
            failed=entrance.FAILED,
        ),
    ],
    on_script_error=tell,
)
