"""Lending's own requests, over real HTTP: who may ask, what waits, each answer once, and what is told of mistakes."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
import uvicorn
from sqlalchemy import create_engine
from starlette.applications import Starlette

from desk import audit_chain, lending_http, review_outbox
from desk.lending_http import LONGEST_BODY, Lending
from rules.review_actions import Moment
from rules.review_case import State
from rules.settings import SettingsError
from tests.desk import states
from tests.desk.reviewing import BOOK, NOW, OFFICER, OTHER, RULE, Desk, kinds, opened

TOKEN = "t" * 40


class Served:
    """A server of these routes on a port of this machine."""

    def __init__(self, lending):
        self.lending = lending
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        app = Starlette(routes=lending_http.routes(self._found))
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="error"))
        self.thread = threading.Thread(target=self.server.run)

    def _found(self):
        if isinstance(self.lending, Exception):
            raise self.lending
        return self.lending

    def ask(self, path="", body=None, token=TOKEN, method=None, headers=()):
        """Status and JSON of an answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/lending/decisions{path}", data=body, method=method
        )
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in headers:
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read()
            return error.code, json.loads(said)["error"] if said.startswith(b"{") else said.decode()


@pytest.fixture
def served(both):
    server = Served(Lending(TOKEN, both, BOOK, lambda: Moment(NOW, RULE.review)))
    server.thread.start()
    while not server.server.started:
        time.sleep(0.02)
    yield server
    server.server.should_exit = True
    server.thread.join()


@pytest.fixture
def decided(both):
    """A decided case."""
    desk = Desk(opened(both, 2))
    desk.decide(OFFICER)
    return desk


@pytest.fixture
def key(decided):
    [waiting] = review_outbox.pending(decided.engine, BOOK)
    return waiting.key


def test_what_waits_is_fetched_and_acknowledged_once(served, both, key, tmp_path):
    status, told = served.ask()
    assert (status, told["more"]) == (200, False)
    [waiting] = told["decisions"]
    assert (waiting["key"], waiting["outcome"]) == (key, "approved")
    for _again in range(2):
        assert served.ask(f"/{key}/acknowledge", b"") == (200, {"key": key, "state": "acknowledged"})
    assert served.ask() == (200, {"decisions": [], "more": False})
    status, said = served.ask(f"/{key}/refuse", b'{"reason": "closed account"}')
    assert (status, said) == (409, "This decision is not to be carried out: it is acknowledged.")
    assert kinds(both).count("decision.acknowledged") == 1
    assert audit_chain.verify(both, states.keeper(tmp_path)).broken is None


def test_a_refusal_reopens_the_case_once(served, decided, key):
    body = json.dumps({"reason": "the account is closed"}).encode()
    for _again in range(2):
        assert served.ask(f"/{key}/refuse", body) == (200, {"key": key, "state": "refused"})
    assert decided.now().state is State.WAITING
    assert kinds(decided.engine).count("decision.refused") == 1


@pytest.mark.parametrize("token", [None, "", "t" * 39, "t" * 41, "T" * 40, "ü" * 40])
def test_nobody_without_the_token_learns_or_does_anything(served, both, key, token):
    before = kinds(both)
    for path, body in (("", None), (f"/{key}/acknowledge", b""), ("/nonsense/acknowledge", b"")):
        status, said = served.ask(path, body, token=token)
        assert status == 401
        assert said.startswith("Send the token of LOANBOARD_LENDING_TOKEN")
    assert kinds(both) == before


def test_without_a_token_in_the_settings_there_is_nothing_there(served):
    served.lending = None
    assert served.ask() == (404, "Not found")
    assert served.ask("/x/acknowledge", b"") == (404, "Not found")


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"{}", b'{"reason": ""}', b'{"reason": " "}',
                                  b'{"reason": 1}', b'{"reason": "a\\u0000b"}', b"\xff"])  # fmt: skip
def test_a_refusal_without_a_reason_is_no_refusal(served, both, key, body):
    status, said = served.ask(f"/{key}/refuse", body)
    assert (status, said) == (422, 'Say why, as JSON: {"reason": "..."}.')
    assert "decision.refused" not in kinds(both)


@pytest.mark.parametrize("unknown", ["unknown", "%00", "..%2f..", "f" * 64])
def test_an_unknown_decision_is_told_as_such(served, decided, unknown):
    assert served.ask(f"/{unknown}/acknowledge", b"")[0] == 404


def test_bodies_have_a_limit_however_they_are_sent(served, key):
    long = b"x" * (LONGEST_BODY + 1)
    assert served.ask(f"/{key}/refuse", long) == (413, "Send at most 10,000 bytes.")
    parts = (b"x" * 1_000 for _ in range(11))  # in chunks, without a length
    assert served.ask(f"/{key}/refuse", parts, method="POST")[0] == 413


@pytest.mark.parametrize(("limit", "status"), [("1", 200), ("500", 200), ("0", 422), ("501", 422), ("-1", 422),
                                               ("x", 422), ("9" * 400, 422), ("%D9%A1", 422)])  # fmt: skip
def test_how_many_are_fetched_is_bounded(served, decided, limit, status):
    assert served.ask(f"?limit={limit}")[0] == status


def test_more_than_are_fetched_are_told_of(served, decided):
    Desk(decided.engine, 2).decide(OTHER)
    status, told = served.ask("?limit=1")
    assert (status, len(told["decisions"]), told["more"]) == (200, 1, True)


def test_what_can_not_be_reached_is_to_be_asked_again(served, tmp_path):
    served.lending = SettingsError("LOANBOARD_AS_OF is wrong")
    assert served.ask() == (503, "Loanboard can't answer just now; send the same again later.")
    served.lending = replace_engine(tmp_path)
    assert served.ask()[0] == 503


def replace_engine(tmp_path):
    """A state database that has no tables."""
    empty = create_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    return replace(Lending(TOKEN, empty, "drawn", lambda: None))
