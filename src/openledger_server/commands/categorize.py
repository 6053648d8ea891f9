"""The commands `openledger categorize` and `categorize --online`: JSON lines in, JSON lines out, no database."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from openledger_server.categorization.model import Line, Model, shipped_model
from openledger_server.categorization.owner import OwnerLearner, OwnerLine

READ_BYTES = 1 << 20
LINE_BYTES_MAX = 1 << 20
"""A line longer than this is answered with an error and skipped; bank texts have a few hundred bytes."""
_DIGITS = 4

Answer = dict[str, Any]


class BadLineError(ValueError):
    """A line that cannot be answered; the message says why."""

    def __init__(self, message: str, line_id: object = None) -> None:
        super().__init__(message)
        self.line_id = line_id


@dataclass(frozen=True, slots=True)
class _Asked:
    """A well-formed question."""

    id: object
    description: str
    amount: float
    account_type: str
    bank_account: str


def categorize_stream(source: int, write: Callable[[bytes], object]) -> None:
    """Answer each line read from the file descriptor with a category, in order.

    Whatever has arrived is answered together and flushed at once, so a slow writer gets each answer at once and a fast
    one gets the speed of batches.
    """
    model = shipped_model()
    for lines in arriving_lines(source):
        write(b"".join(_answered(lines, model)))


def categorize_owner(source: int, write: Callable[[bytes], object]) -> None:
    """Serve one owner's history: `start` names the accounts, `predict` asks, `learn` tells what the owner chose."""
    desk = _Desk(shipped_model())
    for lines in arriving_lines(source):
        answers = [answer for line in lines if (answer := desk.take(line)) is not None]
        if answers:
            write(b"".join(map(_packed, answers)))


def run(*, online: bool) -> None:
    """Serve standard input until it ends. The reader going away ends it too, quietly."""
    output = sys.stdout.buffer

    def write(answers: bytes) -> None:
        output.write(answers)
        output.flush()

    try:
        (categorize_owner if online else categorize_stream)(sys.stdin.fileno(), write)
    except BrokenPipeError:
        # Python would complain once more when it closes what nobody reads.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def arriving_lines(source: int) -> Iterator[list[bytes]]:
    """Yield the lines that arrive together; a line that is too long comes out cut, which makes it a bad one."""
    rest = b""
    is_skipping = False
    while chunk := os.read(source, READ_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if is_skipping and lines:
            del lines[0]
            is_skipping = False
        if len(rest) > LINE_BYTES_MAX:
            if not is_skipping:
                lines.append(rest[:LINE_BYTES_MAX])
            rest, is_skipping = b"", True
        if lines:
            yield lines
    if rest and not is_skipping:
        yield [rest]


def _answered(lines: Sequence[bytes], model: Model) -> Iterator[bytes]:
    """Yield one answer per line that is not empty: good lines are classified together, bad ones get an error."""
    questions = [_question(line) for line in lines if line.strip()]
    asked = [question for question in questions if isinstance(question, _Asked)]
    guesses = iter(model.classify([Line(one.description, one.amount < 0, one.account_type) for one in asked]))
    for question in questions:
        if isinstance(question, BadLineError):
            yield _packed(_error(question))
            continue
        guess = next(guesses)
        yield _packed(
            {
                "id": question.id,
                "label": guess.pfc_detailed,
                "confidence": round(guess.confidence, _DIGITS),
                "reason": guess.reason,
            }
        )


def _question(line: bytes) -> _Asked | BadLineError:
    try:
        return _asked(_object(line))
    except BadLineError as error:
        return error


def _object(line: bytes) -> Answer:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadLineError(f"This line is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise BadLineError("This line is not a JSON object.")
    return found


def _asked(given: Answer) -> _Asked:
    line_id, description = given.get("id"), given.get("description")
    if not isinstance(description, str):
        raise BadLineError("The field description is missing or not a text.", line_id)
    account_type, bank_account = given.get("account_type"), given.get("account")
    return _Asked(
        id=line_id,
        description=description,
        amount=_amount(given.get("amount"), line_id),
        account_type=account_type if isinstance(account_type, str) else "",
        bank_account=bank_account if isinstance(bank_account, str) else "",
    )


def _amount(given: object, line_id: object) -> float:
    """Return the amount; it is compared and measured here, never summed, so a float will do."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    if isinstance(given, str):
        try:
            amount = Decimal(given)
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount.is_finite():
            return float(amount)
    raise BadLineError("The field amount is missing or not a number.", line_id)


def _error(error: BadLineError) -> Answer:
    return {"id": error.line_id, "error": str(error)}


def _packed(answer: Answer) -> bytes:
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)


class _Desk:
    """Serves one owner at a time; another `start` begins with another owner."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._learner = OwnerLearner((), model)

    def take(self, line: bytes) -> Answer | None:
        """Return the answer to one line, or None for a line that has none."""
        if not line.strip():
            return None
        try:
            return self._obey(_object(line))
        except BadLineError as error:
            return _error(error)

    def _obey(self, given: Answer) -> Answer | None:
        op, line_id = given.get("op"), given.get("id")
        if op == "start":
            self._start(given)
            return None
        if op not in {"predict", "learn"}:
            raise BadLineError("The field op is none of start, predict, learn.", line_id)
        asked = _asked(given)
        line = OwnerLine(asked.description, asked.amount, asked.account_type, asked.bank_account)
        if op == "predict":
            return self._predict(line, line_id)
        label = given.get("label")
        if not isinstance(label, str) or not label:
            raise BadLineError("The field label is missing or not a text.", line_id)
        self._learner.learn(line, label)
        return None

    def _start(self, given: Answer) -> None:
        accounts = given.get("accounts")
        if not isinstance(accounts, list) or not all(isinstance(account, str) for account in accounts):
            raise BadLineError("The field accounts is missing or not a list of names.", given.get("id"))
        self._learner = OwnerLearner(list(dict.fromkeys(accounts)), self._model)

    def _predict(self, line: OwnerLine, line_id: object) -> Answer:
        guess = self._learner.predict(line)
        if guess is None:
            raise BadLineError("There are no accounts to choose from yet: start with their names.", line_id)
        return {
            "id": line_id,
            "label": guess.account,
            "confidence": round(guess.confidence, _DIGITS),
            "reason": guess.reason,
        }
