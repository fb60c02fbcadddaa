"""The page that every address answers with: Streamlit's own, with our name and our style in it from the first paint."""

from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HAS_IT_ALREADY = (b"if-none-match", b"if-modified-since")
_FONTS = ("MaterialSymbols-Rounded",)
# What stands on every page and Streamlit loads where it is first drawn: until it came, all below stood elsewhere.
_DRAWN = ("Button", "BidiComponent", "Selectbox", "DownloadButton", "Html", "Metric", "PageLink")
_LARGE = ("PlotlyChart", "DataFrame")  # loaded early too, but read by the browser only where it is drawn


def ours(static: Path, name: str, style: str) -> str:
    """Streamlit's page with our name, our style, and what pages draw with loaded before they ask for it.

    Drawn by the script, the style came when cards already stood there, and moved them. It stands at the end, since of
    two rules as strong the later holds, and Streamlit writes its own into the head as it draws.
    """
    head = [
        '<link rel="preload" as="font" type="font/woff2" crossorigin href="{}">'.format(_file(static, "media", font))
        for font in _FONTS
    ]
    head += [f'<script type="module" crossorigin src="{_file(static, "js", drawn)}"></script>' for drawn in _DRAWN]
    head += [f'<link rel="modulepreload" crossorigin href="{_file(static, "js", large)}">' for large in _LARGE]
    page = (static / "index.html").read_text(encoding="utf-8")
    for before, after in (
        ("<title>Streamlit</title>", f"<title>{name}</title>"),
        ("</head>", "".join((*head, "</head>"))),
        ("</body>", f"<style>{style}</style></body>"),
    ):
        if page.count(before) != 1:
            raise ValueError(f"Streamlit's page does not hold {before} once: has its release changed?")
        page = page.replace(before, after)
    return page


def _file(static: Path, kind: str, name: str) -> str:
    """The address of the one file of a name, which Streamlit's build has given a further name of its own."""
    [only] = (static / "static" / kind).glob(f"{name}.*")
    return f"./{only.relative_to(static).as_posix()}"


class Index:
    """Middleware that answers with a page of ours wherever Streamlit answers with its own, which `own` names."""

    def __init__(self, app: ASGIApp, own: Path, page: str) -> None:
        self.app, self._page = app, HTMLResponse(page, headers={"cache-control": "no-cache"})
        self._tag = FileResponse(own, stat_result=own.stat()).headers["etag"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        replaced = False

        async def send_ours(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                replaced = Headers(raw=message["headers"]).get("etag") == self._tag
                if replaced:
                    await self._page(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(self._anew(scope), receive, send_ours)

    def _anew(self, scope: Scope) -> Scope:
        """A request that tells of Streamlit's page without telling of it: only its whole answer is known again."""
        if self._tag not in Headers(scope=scope).get("if-none-match", ""):
            return scope
        return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in _HAS_IT_ALREADY]}
