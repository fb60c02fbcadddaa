"""What is shown on a screen, as a page of HTML that stands alone: for printing without a browser session."""

import html
import re
import tomllib
from collections.abc import Sequence, Set
from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io
from plotly.offline import get_plotlyjs

_THEME = Path(__file__).parent.parent / ".streamlit" / "config.toml"
_DRAWN = "Plotly.newPlot"
_PLACE = re.compile(r"#0000([0-9]{2})([0-9a-f]{2})?\b")
_ESCAPED = re.compile(r"\\([^A-Za-z0-9\s])")
_BOLD, _COLOUR, _ICON = re.compile(r"\*\*(.+?)\*\*"), re.compile(r":(\w+)\[([^\]]*)\]"), re.compile(r":material/\w+:")
_STYLE = """
@page { size: A4 landscape; margin: 10mm; }
body { font: 11px/1.4 'Source Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif; color: #14181E; }
h1 { font-size: 19px; margin: 0; } h2 { font-size: 13px; margin: 0 0 4px; } p { margin: 0 0 4px; }
.muted { color: #59626E; } .cards { display: grid; grid-template-columns: repeat(6, 1fr); gap: 8px; margin: 10px 0; }
.card { border: 1px solid #DFE3E8; border-radius: 6px; padding: 8px; break-inside: avoid; }
.value { font-size: 18px; font-weight: 600; } .two { display: grid; grid-template-columns: 1.57fr 1fr; gap: 8px; }
.green { color: #07764F; } .red { color: #BF1C21; } .orange { color: #8A6100; } .gray { color: #5B6470; }
svg.spark { width: 100%; height: 30px; }
table { border-collapse: collapse; width: 100%; font-size: 10px; } thead { display: table-header-group; }
th, td { text-align: left; padding: 2px 6px; border-bottom: 1px solid #DFE3E8; vertical-align: top; }
th { font-weight: 600; color: #59626E; } .number { text-align: right; white-space: nowrap; }
tr { break-inside: avoid; } h2.section { font-size: 16px; margin: 14px 0 6px; break-after: avoid; }
.beside { display: grid; grid-template-columns: 1.1fr 1fr; gap: 10px; align-items: start; }
.beside > div { min-width: 0; } body > .card { margin-bottom: 8px; } .long { break-inside: auto; }
.comment { border-left: 3px solid #2F5BD0; padding: 2px 10px; margin: 0 0 8px; white-space: pre-wrap; }
.cover dl { columns: 1; font-size: 11px; display: grid; grid-template-columns: 13rem 1fr; gap: 3px 8px; }
.cover dd { margin: 0; overflow-wrap: anywhere; }
dl { columns: 2; font-size: 10px; } dt { font-weight: 600; break-after: avoid; } dd { margin: 0 0 4px; }
* { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
"""


def page(language: str, title: str, parts: Sequence[str]) -> str:
    """A whole page. title: plain; parts: HTML."""
    body = "".join(parts)
    draws = f"<script>{get_plotlyjs()}</script>" if _DRAWN in body else ""
    return (
        f"<!doctype html><html lang='{language}'><head><meta charset='utf-8'><title>{html.escape(title)}</title>"
        f"<style>{_STYLE}</style>{draws}</head><body>{body}</body></html>"
    )


def text(markdown: str) -> str:
    """What Markdown of ours says, as HTML: bold and coloured, icons left out."""
    said = _ICON.sub("", html.escape(markdown, quote=False))
    marked = _COLOUR.sub(r"<span class='\1'>\2</span>", _BOLD.sub(r"<b>\1</b>", said))
    return _ESCAPED.sub(r"\1", marked).strip()


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Set[int]) -> str:
    """Rows of Markdown of ours as a table; numbers: the columns that are aligned right."""

    def line(cells: Sequence[str], tag: str) -> str:
        each = (
            f"<{tag}{' class=number' if place in numbers else ''}>{text(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{''.join(each)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f"<table><thead>{line(heads, 'th')}</thead><tbody>{body}</tbody></table>"


def spark(series: Sequence[float]) -> str:
    """The course of some values as a line."""
    known = [each for each in series if each == each]  # noqa: PLR0124 (nan is not itself)
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    points = " ".join(
        f"{100 * place / (len(known) - 1):.1f},{28 - 26 * (each - low) / ((high - low) or 1):.1f}"
        for place, each in enumerate(known)
    )
    return (
        "<svg class='spark' viewBox='0 0 100 30' preserveAspectRatio='none'><polyline fill='none' stroke='#5B6470' "
        f"stroke-width='1.5' vector-effect='non-scaling-stroke' points='{points}'/></svg>"
    )


def chart(figure: go.Figure) -> str:
    """A figure with the colours of the light theme; `page` brings what draws it."""
    coloured = plotly.io.from_json(_PLACE.sub(_colour, figure.to_json()))
    made: str = plotly.io.to_html(
        coloured, full_html=False, include_plotlyjs=False, config={"displayModeBar": False, "staticPlot": True}
    )
    return made


def _colour(match: "re.Match[str]") -> str:
    colour = _palette().get(int(match[1]), "#14181E")
    return colour if match[2] is None else f"{colour}{match[2]}"


@cache
def _palette() -> dict[int, str]:
    """The colour that stands for each placeholder: see `components.theme`."""
    light: dict[str, Any] = tomllib.loads(_THEME.read_text(encoding="utf-8"))["theme"]["light"]
    listed = [
        *light["chartCategoricalColors"], *light["chartSequentialColors"], *light["chartDivergingColors"],
    ]  # fmt: skip
    others = {35: light["borderColor"], 37: light["textColor"], 38: light["backgroundColor"]}
    return dict(enumerate(listed, start=1)) | others
