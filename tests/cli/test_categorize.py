"""`openledger categorize` as a script sees it: a child process, a pipe each way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

COMMAND = [sys.executable, "-m", "openledger_server.cli", "categorize"]
TIMEOUT_S = 60


def answered(*lines: object, online: bool = False) -> list[dict[str, Any]]:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    done = subprocess.run(
        [*COMMAND, *(["--online"] if online else [])],
        input=text.encode(),
        capture_output=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def conversation(*options: str) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([*COMMAND, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_answers_come_in_order_and_a_bad_line_is_answered_too() -> None:
    found = answered(
        {"id": 1, "description": "STARBUCKS STORE 05517", "amount": 5.6, "account_type": "credit"},
        "not json",
        {"id": 3, "description": "ACME PAYROLL", "amount": -1500},
        {"id": 4, "amount": 3},
        {"id": "five", "description": "x", "amount": "much"},
        [1, 2],
        {"id": {"any": "thing"}, "description": "SHELL OIL", "amount": "40.10"},
    )
    assert [one["id"] for one in found] == [1, None, 3, 4, "five", None, {"any": "thing"}]
    assert ["error" in one for one in found] == [False, True, False, True, True, True, False]
    assert [one.get("label") for one in found if "label" in one] == [
        "FOOD_AND_DRINK_COFFEE",
        "INCOME_WAGES",
        "TRANSPORTATION_GAS",
    ]
    assert all(0 < one["confidence"] <= 1 and one["reason"] for one in found if "label" in one)


def test_each_line_is_answered_while_the_pipe_stays_open() -> None:
    with conversation() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "description": "SHELL OIL", "amount": 1}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number


def test_a_huge_line_is_refused_and_the_next_one_served() -> None:
    huge = json.dumps({"id": 1, "description": "A" * 3_000_000, "amount": 1})
    found = answered(huge, {"id": 2, "description": "SHELL OIL", "amount": 1})
    assert "error" in found[0]
    assert found[1]["id"] == 2


def test_many_lines_keep_their_order() -> None:
    found = answered(*({"id": number, "description": f"SHELL OIL {number}", "amount": 1} for number in range(5000)))
    assert [one["id"] for one in found] == list(range(5000))


def test_an_owners_choices_are_learned_at_once() -> None:
    shell = {"description": "SHELL OIL 57444123412", "amount": 40.0}
    found = answered(
        {"op": "predict", "id": 0, **shell},
        {"op": "start", "accounts": ["Meals", "Fuel", "Rent"]},
        {"op": "predict", "id": 1, **shell},
        {"op": "learn", "id": 1, **shell, "label": "Rent"},
        {"op": "predict", "id": 2, **shell},
        {"op": "dance", "id": 3},
        {"op": "learn", "id": 4, **shell},
        {"op": "start", "accounts": "Meals"},
        {"op": "start", "accounts": ["Meals", "Fuel", "Rent"]},
        {"op": "predict", "id": 5, **shell},
        online=True,
    )
    assert [one["id"] for one in found] == [0, 1, 2, 3, 4, None, 5]
    assert [one.get("label") for one in found] == [None, "Fuel", "Rent", None, None, None, "Fuel"]


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, error = process.communicate(b'{"id":1,"description":"SHELL","amount":1}\n' * 10_000, timeout=TIMEOUT_S)
    assert error == b""
