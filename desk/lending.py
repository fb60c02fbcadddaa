"""Lending's own address: decisions are sent to it, each with a key that stays the same until it is answered."""

import urllib3

from desk.review_outbox import Answer, Post

SECONDS = 10.0
_REFUSED = frozenset({409, 410, 422})  # lending understood and can't carry it out; its answer says why
_LONGEST = 500


def posting(url: str) -> Post:
    """Sends decisions to an address, which may hold a secret and is told nobody."""

    def post(key: str, body: str) -> tuple[Answer, str]:
        headers = {"content-type": "application/json", "idempotency-key": key}
        try:
            with urllib3.PoolManager(timeout=urllib3.Timeout(total=SECONDS)) as pool:
                answer = pool.request("POST", url, body=body.encode(), headers=headers, retries=False)
        except urllib3.exceptions.HTTPError as error:
            return Answer.LATER, type(error).__name__
        said = answer.data.decode("utf-8", "replace").replace("\x00", "")[:_LONGEST].strip()
        if 200 <= answer.status < 300:
            return Answer.ACKNOWLEDGED, said
        return Answer.REFUSED if answer.status in _REFUSED else Answer.LATER, said or f"HTTP {answer.status}"

    return post
