"""The log: one line an event in the form of the settings, with faults, without the values of variables."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from desk import logs
from rules.settings import LogForm

ROOT = Path(__file__).parent.parent.parent
CODE = """
import logging, sys
from desk import logs
from rules.settings import LogForm
uvicorn = logging.getLogger("uvicorn.access")
uvicorn.addHandler(logging.StreamHandler(sys.stdout))
logs.configure(LogForm(sys.argv[1]))
logging.getLogger("loanboard.refresh").info("refresh stage", extra={"run": 3, "stage": "读"})
logging.getLogger("loanboard.refresh").debug("not told")
uvicorn.info("198.51.100.7 GET /session")
logging.getLogger("other").warning("of %s", "others")
secret = "a-secret"
try:
    [][len(secret)]
except IndexError:
    logging.getLogger("loanboard.x").exception("went wrong")
raise SystemError("the end")
"""


def written(form):
    ended = subprocess.run([sys.executable, "-c", CODE, form], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.stdout == ""
    assert "198.51.100.7" not in ended.stderr
    return ended.stderr


def test_as_json_every_line_is_an_object_and_the_end_of_the_process_is_one_too():
    lines = [json.loads(line) for line in written("json").splitlines()]
    assert [(line["level"], line["logger"], line["event"]) for line in lines] == [
        ("info", "loanboard.refresh", "refresh stage"),
        ("warning", "other", "of others"),
        ("error", "loanboard.x", "went wrong"),
        ("critical", "loanboard", "process ended by a fault"),
    ]
    assert (lines[0]["run"], lines[0]["stage"], lines[0]["at"][-1]) == (3, "读", "Z")
    assert "IndexError" in lines[2]["exception"]
    assert lines[3]["exception"].endswith("SystemError: the end")


def test_as_text_faults_are_told_without_the_values_of_variables():
    text = written("text")
    assert "refresh stage" in text
    assert "stage=读" in text
    assert "IndexError: list index out of range" in text
    assert "a-secret" not in text
    assert "not told" not in text


def test_the_log_follows_standard_error(capsys):
    logger = logging.getLogger("loanboard.test")
    logs.configure(LogForm.JSON)
    try:
        logger.warning("here")
        assert json.loads(capsys.readouterr().err)["event"] == "here"
    finally:
        logs.configure(LogForm.TEXT)
        sys.excepthook = sys.__excepthook__
