"""What the middleware of sign-in does to the answers of Streamlit's own routes."""

import asyncio
from urllib.parse import parse_qsl, urlsplit

import pytest

from desk.sign_in_http import RETURN_TO, SignInCookies

IDENTITY = "_streamlit_user=abc; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax"
GONE = '_streamlit_user=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=lax'
PROVIDER = "https://id.example/authorize?client_id=1&resource=a&resource=b&state=x"


def answered(path, status=302, location="/", cookies=(), query="", asked=(), secure=False):
    """Status, location and cookies of an answer that Streamlit gives so, after the middleware."""
    sent = []

    async def streamlit(_scope, _receive, send):
        headers = [(b"set-cookie", each.encode()) for each in cookies]
        headers += [(b"location", location.encode())] if location else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def collect(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "query_string": query.encode(), "headers": [
        (name.encode(), value.encode()) for name, value in asked
    ]}  # fmt: skip
    app = SignInCookies(streamlit, ["/", "/system", "/default_rates"], lambda: secure, "failed")
    asyncio.run(app(scope, None, collect))
    headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    return sent[0]["status"], dict(headers).get("location"), [value for name, value in headers if name == "set-cookie"]


def returned(cookies):
    """What is kept to be returned to."""
    return next((each.split(";")[0].split("=", 1)[1] for each in cookies if each.startswith(RETURN_TO)), None)


@pytest.mark.parametrize(
    ("referer", "kept"),
    [
        ("http://127.0.0.1/default_rates?tier=a&tier=b&lang=zh", "%2Fdefault_rates%3Ftier%3Da%26tier%3Db%26lang%3Dzh"),
        ("http://127.0.0.1/system", "%2Fsystem"),
        ("http://127.0.0.1/", "%2F"),
        ("", "%2F"),
        ("http://127.0.0.1/nowhere?x=1", "%2F"),
        ("http://127.0.0.1/system/../../etc", "%2F"),
        ("http://127.0.0.1//evil.example", "%2F"),
        ("http://127.0.0.1/system?" + "x" * 2_000, "%2F"),
        ("http://[", "%2F"),
        ("http://127.0.0.1/system?a=%0d%0aSet-Cookie:b", "%2Fsystem%3Fa%3D%250D%250ASet-Cookie%253Ab"),
    ],
)
def test_the_page_that_is_left_for_the_provider_is_kept_where_it_is_one_of_ours(referer, kept):
    status, location, cookies = answered("/auth/login", location=PROVIDER, asked=[("referer", referer)])
    assert (status, returned(cookies)) == (302, kept)
    assert "HttpOnly; SameSite=Lax" in cookies[-1]
    asked = parse_qsl(urlsplit(location).query)
    assert asked == [*parse_qsl(urlsplit(PROVIDER).query), ("max_age", "43200")]


def test_a_max_age_of_ones_own_stays():
    _, location, _ = answered("/auth/login", location=f"{PROVIDER}&max_age=60")
    assert parse_qsl(urlsplit(location).query).count(("max_age", "43200")) == 0


def test_a_login_that_never_reaches_the_provider_keeps_nothing():
    assert answered("/auth/login", location="/") == (302, "/", [])


def test_a_provider_that_is_away_leads_back_to_the_page_with_a_note():
    status, location, cookies = answered(
        "/auth/login", status=400, location="", asked=[("referer", "http://h/system?a=1")]
    )
    assert (status, location) == (302, "/system?a=1")
    assert cookies == ["failed=1; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"]


def callback(kept, cookies=(IDENTITY,), query="state=x&code=y"):
    asked = [] if kept is None else [("cookie", f"other=1; {RETURN_TO}={kept}")]
    return answered("/oauth2callback", cookies=cookies, query=query, asked=asked)


@pytest.mark.parametrize(
    ("kept", "location"),
    [
        ("%2Fsystem%3Fa%3D1", "/system?a=1"), (None, "/"), ("%2Fnowhere", "/"), ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example%2Fsystem", "/system"), ("https%3A%2F%2Fevil.example%2Fsystem", "/system"), ("%00", "/"),
    ],
)  # fmt: skip
def test_after_the_provider_only_a_page_of_ours_is_returned_to(kept, location):
    status, found, cookies = callback(kept)
    assert (status, found) == (302, location)
    assert any(each.startswith(f"{RETURN_TO}=; Max-Age=0") for each in cookies) is (kept is not None)
    assert not any(each.startswith("failed") for each in cookies)


def test_a_callback_that_lets_nobody_in_is_noted_but_not_one_after_a_sign_out():
    assert any(each.startswith("failed=1") for each in callback(None, cookies=())[2])
    assert any(each.startswith("failed=1") for each in callback(None, cookies=(), query="error=access_denied")[2])
    assert callback(None, cookies=(), query="")[2] == []


@pytest.mark.parametrize("secure", [False, True])
def test_an_identity_is_kept_no_longer_than_a_session_and_by_our_own_pages(secure):
    _, _, [identity] = answered("/oauth2callback", cookies=[IDENTITY], secure=secure)
    assert identity == "_streamlit_user=abc; HttpOnly; Max-Age=43200; Path=/; SameSite=Strict" + "; Secure" * secure
    _, _, [tokens] = answered("/oauth2callback", cookies=[IDENTITY.replace("user", "user_tokens_1")], secure=secure)
    assert "Max-Age=43200" in tokens
    _, _, [gone] = answered("/auth/logout", cookies=[GONE], secure=secure)
    assert "Max-Age=0" in gone


def test_other_cookies_of_streamlit_become_secure_and_those_of_others_stay():
    xsrf, own = "_streamlit_xsrf=1; Path=/; SameSite=Lax", "loanboard_pass=1; Path=/"
    assert answered("/", cookies=[xsrf, own], secure=True)[2] == [f"{xsrf}; Secure", own]
    assert answered("/", cookies=[xsrf, own])[2] == [xsrf, own]
