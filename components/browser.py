"""The one component of our own: the theme switch, and what else of the frame only the browser can do."""

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from components import language
from components.language import _

ASSETS = Path(__file__).with_name("assets")
_PROJECT, _NAME = "loanboard", "browser"
_HTML = """
<button type="button">
  <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3a9 9 0 1 0 0 18V3Z"/><circle cx="12" cy="12" r="9"/></svg>
  <span></span>
</button>
"""
_CSS = """
button {
  display: inline-flex; align-items: center; gap: 0.5rem; padding: 0.25rem 0.5rem; margin-left: -0.5rem;
  min-height: 2rem; border: 0; border-radius: var(--st-base-radius); background: none; cursor: pointer;
  color: var(--st-text-color); font: inherit; font-family: var(--st-font); font-size: 0.875rem;
}
button:hover { color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
svg { width: 1.1rem; height: 1.1rem; }
path { fill: currentColor; }
circle { fill: none; stroke: currentColor; stroke-width: 2; }
"""


def switches(paths: tuple[str, ...], pass_text: str | None) -> None:
    """Draw the theme switch and hand the browser its language and, when it has changed, its pass.

    `paths` are the addresses of all pages: Streamlit remembers the theme for each. `pass_text` None leaves the pass
    as it is, "" takes it away.
    """
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"{_PROJECT}.{_NAME}") is None:
        # The documented way to serve a component's script as a file, which the content policy asks for, is a manifest
        # in an installed package. Loanboard is not installed, so it hands over the same manifest itself.
        manifest = ComponentManifest(_PROJECT, "1", [ComponentConfig(_NAME, ASSETS.name)])
        manager.register_from_manifest(manifest, ASSETS.parent)
    spoken = language.current()
    _component()(
        key="browser",
        height="content",
        data={
            "language": spoken,
            "tag": language.TAGS[spoken],
            "cookie": language.COOKIE,
            "paths": list(paths),
            "pass": pass_text,
            "light": _("Light"),
            "dark": _("Dark"),
        },
    )


@cache
def _component() -> Any:
    return st.components.v2.component(f"{_PROJECT}.{_NAME}", html=_HTML, css=_CSS, js="browser.js")
