"""The policy file: the one that ships is good, a wrong one says each fault."""

from datetime import date

import pytest

from rules import policy


def written(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def shipped(*replacements):
    text = policy.DEFAULT_PATH.read_text(encoding="utf-8")
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    return text


def test_the_shipped_policy_is_valid():
    versions = policy.load()
    assert policy.in_force(versions, date(2026, 11, 20)).default.final_days_after_last_due == 180


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("significance = 0.05", "significance = 5", "version 1, display.significance"),
        ("age = [18, 25,", "age = [25, 18,", "version 1, bands.age: Value error, edges must rise"),
        ('definition = "90"', 'definition = "45"', "version 1, default.definition"),
        ("thin_borrowers = 120", 'thin_borrowers = "many"', "version 1, display.thin_borrowers"),
        ("keep_days = 7", "keep_dayz = 7", "version 1, snapshots.keep_dayz: Extra inputs"),
        ('opening_period = "mature12"', 'opening_period = "custom"', "choose mature12, mature6 or all"),
        ("effective_from = 2000-01-01", 'effective_from = "soon"', "version 1, effective_from"),
        ("[[version]]", "[[version]", "is not valid TOML"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, before, after, sentence):
    with pytest.raises(policy.PolicyError) as error:
        policy.load(written(tmp_path, shipped((before, after))))
    assert sentence in str(error.value)


def test_every_fault_gets_its_own_line(tmp_path):
    path = written(tmp_path, shipped(("significance = 0.05", "significance = 5"), ("keep_days = 7", "keep_days = 0")))
    with pytest.raises(policy.PolicyError) as error:
        policy.load(path)
    assert str(error.value).count("\n  version 1, ") == 2
    assert "has 2 fault(s)" in str(error.value)


def test_missing_or_empty_files_are_named(tmp_path):
    with pytest.raises(policy.PolicyError, match="can't be read: No such file"):
        policy.load(tmp_path / "nowhere.toml")
    with pytest.raises(policy.PolicyError, match="version"):
        policy.load(written(tmp_path, ""))
    with pytest.raises(policy.PolicyError, match="has no \\[\\[version\\]\\]"):
        policy.load(written(tmp_path, "version = []"))


def test_the_version_in_force_is_the_last_that_has_begun(tmp_path):
    later = shipped(("2000-01-01", "2026-08-01"), ("thin_borrowers = 120", "thin_borrowers = 50"))
    versions = policy.load(written(tmp_path, shipped() + "\n" + later))
    assert policy.in_force(versions, date(2026, 7, 31)).display.thin_borrowers == 120
    assert policy.in_force(versions, date(2026, 8, 1)).display.thin_borrowers == 50
    assert policy.in_force(versions, date(1990, 1, 1)).display.thin_borrowers == 120


def test_versions_out_of_order_are_refused(tmp_path):
    path = written(tmp_path, shipped(("2000-01-01", "2026-08-01")) + "\n" + shipped())
    with pytest.raises(policy.PolicyError, match="must be later than the one before"):
        policy.load(path)
