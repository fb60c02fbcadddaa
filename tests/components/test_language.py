"""Every text has its Chinese, with the same blanks; the language is the link's, the cookie's, the browser's."""

import ast
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from components import language
from rules.book import Book

ROOT = Path(language.__file__).parent.parent
CATALOGUE = ROOT / "components" / "locale" / "zh_CN" / "LC_MESSAGES" / "loanboard.po"
MARKS = {"_", "N_", "ngettext"}


def extracted():
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "N_": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT, methods, options, keywords=keywords)
    return {singular(message) for _file, _line, message, *_rest in found}


def translated():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh_CN")
    return {singular(message.id): message for message in catalogue if message.id}


def singular(text):
    return text[0] if isinstance(text, tuple) else text


def blanks(text):
    return sorted(name for _text, name, _format, _conversion in string.Formatter().parse(text) if name is not None)


def test_every_text_is_in_the_catalogue_and_nothing_else():
    assert extracted() == set(translated())
    with CATALOGUE.open("rb") as file:
        assert not read_po(file, locale="zh_CN").obsolete


def test_every_text_is_translated_with_the_same_blanks():
    for text, message in translated().items():
        chinese = singular(message.string)
        assert chinese.strip(), text
        assert not message.fuzzy, text
        assert blanks(chinese) == blanks(message.id[-1] if isinstance(message.id, tuple) else text), text
        assert chinese.count("**") == text.count("**"), text


def test_no_marked_text_is_out_of_the_extraction():
    """A mark inside an f-string is not found by the extraction, nor is one that is given no literal text."""
    known = extracted()
    folders = ("rules", "loanbook", "desk", "components", "pages")
    for path in [ROOT / "app.py", *(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                text = node.args[0]
                assert not isinstance(text, ast.JoinedStr), f"{path.name}:{node.lineno}"
                assert not isinstance(text, ast.Constant) or text.value in known, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        (None, "", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "de-DE,de;q=0.9,zh;q=0.5", "zh"),
        (None, "de, en-GB;q=0.8, zh;q=0.1", "en"),
        ("en", "zh-CN", "en"),
        ("<script>", "zh-CN", "zh"),
        (None, "," * 10_000 + "zh", "zh"),
        (None, "fr", "en"),
    ],
)
def test_preferred(cookie, accepted, expected):
    assert language.preferred(cookie, {"Accept-Language": accepted} if accepted else {}) == expected


def test_outside_of_a_session_english_is_spoken_unless_told():
    assert language.current() == "en"
    with language.speaking("zh"):
        assert language._("Filters") == "筛选"
    assert language._("Filters") == "Filters"


def test_the_lenders_own_names_come_first_and_unknown_values_stay(monkeypatch):
    book = object.__new__(Book)
    object.__setattr__(book, "names", (("tier", "bronze", "Copper", "紫铜"),))
    assert language.value_label("tier", "bronze", book) == "Copper"
    assert language.value_label("tier", "bronze") == "Bronze"
    assert language.value_label("tier", "obsidian", book) == "obsidian"
    assert language.value_label("province", "unknown") == "Unknown"
    with language.speaking("zh"):
        assert language.value_label("tier", "bronze", book) == "紫铜"
        assert language.value_label("term", "12") == "12 个月"
        assert language.value_label("disbursed_month", "2026-01") == "2026年1月"
    assert language.value_label("term", "1") == "1 month"
    assert language.value_label("age_band", "18-24") == "18–24"
    assert language.value_label("disbursed_month", "2026-13x") == "2026–13x"
