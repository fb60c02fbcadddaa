"""What somebody types on a case: each field is kept once it is left, in this session and in the state database.

The session's copy is what the form shows; the database's outlives the lease, the connection, the process and the
browser. Where it can't be written just now, the session keeps the field and writes it with the next one.
"""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components import access
from components.review.desk import review_desk
from components.review.opened import Opened
from desk import review_draft, review_unreachable
from desk.review_store import Key
from desk.review_unreachable import Unreachable
from rules.review_changes import Content

PAGE = "review_queue"
_KEY, _PREFIX = "_review-draft", "draft-"
_SEEN, _SEEN_HASH = "seen", "seen_hash"  # what was on the screen when the fields were typed


@dataclass
class Draft:
    """The fields of one person on one case, as texts."""

    case: Key
    by: str
    number: str
    fields: dict[str, str]
    unsaved: set[str] = field(default_factory=set)  # fields that the database does not have yet

    def text(self, name: str) -> str:
        """What stands in a field; empty where nothing does."""
        return self.fields.get(name, "")

    @property
    def typed(self) -> dict[str, str]:
        """What somebody wrote, without what only tells where they were."""
        return {name: text for name, text in self.fields.items() if text and name not in {_SEEN, _SEEN_HASH, "doing"}}

    def put(self, name: str, text: str) -> None:
        """Keep a field. Without the database it stays in the session alone, which `unsaved` tells."""
        self.fields[name] = text
        self.unsaved.add(name)
        self.save()

    def save(self) -> None:
        """Write what the database does not have yet; what another browser of this person wrote there stays."""
        if not self.unsaved:
            return
        desk = review_desk()
        try:
            with review_unreachable.telling():
                access.require(PAGE)
                kept = review_draft.load(desk.engine, self.case, self.by)
                kept |= {name: self.fields[name] for name in (*self.unsaved, _SEEN, _SEEN_HASH) if name in self.fields}
                review_draft.save(desk.engine, self.case, self.by, kept, desk.now())
        except Unreachable:
            return
        self.unsaved.clear()

    def forget(self, *names: str) -> None:
        """Empty some fields, which have been used."""
        for name in names:
            if isinstance(st.session_state.get(self.widget(name)), str):
                st.session_state[self.widget(name)] = ""
            if self.text(name):
                self.put(name, "")

    def widget(self, name: str) -> str:
        """The key of the widget of a field; what it opens with is said to the widget itself, never by this key."""
        return f"{_PREFIX}{self.number}-{name}"

    def left(self, name: str, written: Callable[[Any], str]) -> None:
        """A field was left. For use in callbacks; one that a click has used up in the same run is gone already."""
        key = self.widget(name)
        if key in st.session_state:
            self.put(name, written(st.session_state[key]))

    def taken(self, name: str, written: Callable[[Any], str] = str) -> str:
        """A field as its widget has it at this moment, which is kept too: a click may come before its own callback."""
        key = self.widget(name)
        if key in st.session_state and written(st.session_state[key]) != self.text(name):
            self.put(name, written(st.session_state[key]))
        return self.text(name)

    def seen(self) -> tuple[str, Content] | None:
        """The hash and the content of the evidence that the fields were typed on; None before anything was seen."""
        if not self.text(_SEEN):
            return None
        packed = base64.b64decode(self.text(_SEEN))
        return self.text(_SEEN_HASH), json.loads(zlib.decompress(packed))

    def see(self, opened: Opened) -> None:
        """Take what is on the screen now for what is decided on; written with the next field."""
        packed = zlib.compress(json.dumps(opened.seen.content, ensure_ascii=False).encode())
        self.fields |= {_SEEN: base64.b64encode(packed).decode(), _SEEN_HASH: opened.seen.evidence.hash}
        if self.typed:
            self.unsaved.add(_SEEN)
            self.save()


def of(opened: Opened) -> Draft:
    """The draft of whoever looks on the case that is open."""
    there: Draft | None = st.session_state.get(_KEY)
    if there is not None and (there.case, there.by) == (opened.key, opened.person.email):
        return there
    fields = review_draft.load(review_desk().engine, opened.key, opened.person.email)
    made = Draft(opened.key, opened.person.email, opened.waiting.external_number, fields)
    st.session_state[_KEY] = made
    return made


def drop() -> None:
    """Forget the session's copy: it was decided, and the database has dropped its own."""
    there: Draft | None = st.session_state.pop(_KEY, None)
    if there is not None:
        for key in [key for key in st.session_state if str(key).startswith(f"{_PREFIX}{there.number}-")]:
            del st.session_state[key]


def text_area(draft: Draft, name: str, label: str, **options: Any) -> str:
    """A field of several lines, kept once it is left."""
    return _shown(draft, name, st.text_area(label, draft.text(name), **_kept(draft, name), **options))


def text_input(draft: Draft, name: str, label: str, **options: Any) -> str:
    """A field of one line, kept once it is left."""
    return _shown(draft, name, st.text_input(label, draft.text(name), **_kept(draft, name), **options))


def _kept(draft: Draft, name: str) -> dict[str, Any]:
    """A field opens with what was kept, said at each run: a browser that misses one would open it empty and say so."""
    return {"key": draft.widget(name), "on_change": draft.left, "args": (name, str)}


def _shown(draft: Draft, name: str, text: str | None) -> str:
    """What stands in a field. After a restart the browser knows what was left in it meanwhile, and nobody else does."""
    if (text or "") != draft.text(name):
        draft.put(name, text or "")
    return text or ""
