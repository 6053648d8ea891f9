"""The table of acceptance cases names tests that exist, and every case that was given."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "acceptance.md").read_text(encoding="utf-8")
# Numbers that were never given.
NEVER_GIVEN = {29, 33, 34, 37, 40, 43, 45, 50, 53, 55, 62, 71, 79, 82, 83, 95, 98}
LAST = 102


def test_every_python_test_of_the_table_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TABLE)
    assert len(named) > LAST / 2
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(async )?def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_every_web_test_of_the_table_exists() -> None:
    named = re.findall(r"`(packages/[\w/.-]+\.test\.tsx)`: ([^`|]+?)(?:,? (?=\|)|, (?=`))", TABLE)
    assert named
    missing = [f"{file}: {title}" for file, title in named if f"it('{title}'" not in (ROOT / file).read_text("utf-8")]
    assert missing == []


def test_every_case_is_in_the_table() -> None:
    cases = [int(number) for row in re.findall(r"^\| ([\d, ]+)\. ", TABLE, re.MULTILINE) for number in row.split(",")]
    assert sorted(cases) == sorted(set(range(1, LAST + 1)) - NEVER_GIVEN)


def test_every_named_row_has_a_proof_or_a_reason() -> None:
    rows = re.findall(r"^\| [\d, ]+\. [^|]*\|([^|]*)\|$", TABLE, re.MULTILINE)
    assert all(proof.strip() for proof in rows)
