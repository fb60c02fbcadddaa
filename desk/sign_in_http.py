"""What the browser keeps of a sign-in: where to return to, and cookies that no longer live than a session does.

Streamlit's own sign-in always returns to "/", and its cookies of identity last 30 days. This stands before it: the page
on which somebody begins to sign in is kept in a cookie until the provider has sent them back.
"""

from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desk.sign_in import SESSION

RETURN_TO, RETURN_SECONDS = "loanboard_return_to", 600
FAILED_SECONDS = 60
_LOGIN, _CALLBACK = "/auth/login", "/oauth2callback"
_OF_STREAMLIT, _IDENTITY = "_streamlit_", "_streamlit_user"
_LONGEST = 2_000
_SESSION_SECONDS = int(SESSION.total_seconds())


class SignInCookies:
    """Middleware around Streamlit's routes of sign-in and sign-out.

    `pages` are the addresses that may be returned to; `secure` says whether browsers come by HTTPS; `failed` names the
    cookie by which the page learns that a sign-in failed.
    """

    def __init__(self, app: ASGIApp, pages: Iterable[str], secure: Callable[[], bool], failed: str) -> None:
        self.app, self._pages, self._secure, self._failed = app, frozenset(pages), secure, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and change the head of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._change(scope, message)
            await send(message)

        await self.app(scope, receive, send_changed)

    def _change(self, scope: Scope, message: Message) -> None:
        asked, answer = Headers(scope=scope), MutableHeaders(scope=message)
        cookies = answer.getlist("set-cookie")
        if any(cookie.startswith(_OF_STREAMLIT) for cookie in cookies):
            del answer["set-cookie"]
            for cookie in cookies:
                answer.append("set-cookie", self._tightened(cookie) if cookie.startswith(_OF_STREAMLIT) else cookie)
        if scope["path"] == _LOGIN:
            self._leave(asked, answer, message)
        elif scope["path"] == _CALLBACK:
            self._return(scope, asked, answer, let_in=any(cookie.startswith(_IDENTITY) for cookie in cookies))

    def _leave(self, asked: Headers, answer: MutableHeaders, message: Message) -> None:
        """Keep the page from which somebody leaves for the provider; back to it where there is no getting there."""
        page = self._page(asked.get("referer", ""))
        if message["status"] >= 400:
            message["status"] = 302
            answer["location"] = page
            answer.append("set-cookie", self._cookie(self._failed, "1", FAILED_SECONDS))
        elif urlsplit(answer.get("location", "")).scheme:
            answer["location"] = _asked_anew(answer["location"])
            answer.append("set-cookie", self._cookie(RETURN_TO, quote(page, safe=""), RETURN_SECONDS))

    def _return(self, scope: Scope, asked: Headers, answer: MutableHeaders, *, let_in: bool) -> None:
        """Back to the page that was left; a provider also sends people here after a sign-out, without a word."""
        kept = cookie_parser(asked.get("cookie", "")).get(RETURN_TO)
        if kept is not None:
            answer["location"] = self._page(unquote(kept))
            answer.append("set-cookie", self._cookie(RETURN_TO, "", 0))
        if not let_in and any(word in scope["query_string"] for word in (b"state=", b"error=")):
            answer.append("set-cookie", self._cookie(self._failed, "1", FAILED_SECONDS))

    def _page(self, address: str) -> str:
        """Path and query of an address where it is a page of ours, else the start."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return "/"
        if parts.path not in self._pages or len(address) > _LONGEST:
            return "/"
        query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
        return f"{parts.path}?{query}" if query else parts.path

    def _cookie(self, name: str, value: str, seconds: int) -> str:
        cookie = f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax"
        return f"{cookie}; Secure" if self._secure() else cookie

    def _tightened(self, cookie: str) -> str:
        """A cookie of Streamlit's, by HTTPS alone where browsers do; an identity's lasts no longer than a session."""
        parts = [part.strip() for part in cookie.split(";")]
        attributes = {part.split("=")[0].lower(): part for part in parts[1:]}
        if parts[0].startswith(_IDENTITY):
            attributes |= {"samesite": "SameSite=Strict", "httponly": "HttpOnly"}
            if attributes.get("max-age") != "Max-Age=0":
                attributes["max-age"] = f"Max-Age={_SESSION_SECONDS}"
        if self._secure():
            attributes["secure"] = "Secure"
        return "; ".join([parts[0], *attributes.values()])


def _asked_anew(location: str) -> str:
    """The provider's address, told to ask who it is anew where it last did so longer ago than a session lasts."""
    parts = urlsplit(location)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if not any(name == "max_age" for name, _value in asked):
        asked.append(("max_age", str(_SESSION_SECONDS)))
    return parts._replace(query=urlencode(asked)).geturl()
