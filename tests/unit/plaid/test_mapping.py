import json
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest

from openledger_server.banking.feed import FeedError, FeedFault, PaginationMutatedError, PublicTokenError
from openledger_server.plaid.errors import error_from_body
from openledger_server.plaid.mapping import bank_account, bank_transaction

ROW: dict[str, Any] = {
    "transaction_id": "t1",
    "account_id": "a1",
    "amount": 72.1,
    "iso_currency_code": "USD",
    "unofficial_currency_code": None,
    "date": "2026-03-08",
    "authorized_date": None,
    "pending": False,
    "name": "COFFEE",
}


def test_plaids_sign_is_turned() -> None:
    assert bank_transaction(ROW).amount == Decimal("-72.1")


def test_the_smallest_row_decodes_and_keeps_its_calendar_date() -> None:
    fact = bank_transaction(ROW)
    assert fact.dated == date(2026, 3, 8)
    assert fact.provider_category is None
    assert json.loads(fact.raw) == ROW


@pytest.mark.parametrize("digits", ["72.1", "23631.9805", "0.1", "1234567.89", "500"])
def test_decimals_come_out_as_they_were_written(digits: str) -> None:
    row = orjson.loads(orjson.dumps(ROW).replace(b"72.1", digits.encode()))
    assert -bank_transaction(row).amount == Decimal(digits)


def test_an_unofficial_currency_is_never_taken_for_dollars() -> None:
    assert bank_transaction(ROW | {"iso_currency_code": None, "unofficial_currency_code": "BTC"}).currency == "BTC"
    assert bank_transaction(ROW | {"iso_currency_code": None}).currency == "XXX"


def test_texts_that_no_database_can_hold_are_cleaned() -> None:
    fact = bank_transaction(ROW | {"name": "NUL\x00BYTE", "payment_meta": {"reason": "a\x00b"}})
    assert "\x00" not in fact.description
    assert b"\\u0000" not in fact.raw
    assert b"NUL" in fact.raw


def test_an_account_without_balances_has_none() -> None:
    balances = {"current": None, "available": None, "limit": None, "iso_currency_code": "EUR"}
    fact = bank_account(
        {"account_id": "a", "name": "n", "mask": None, "type": "depository", "subtype": None, "balances": balances}
    )
    assert fact.reported_balance.current is None
    assert fact.currency == "EUR"


def body(error_type: str, code: str) -> str:
    return json.dumps(
        {"error_type": error_type, "error_code": code, "error_message": "secret 4242", "display_message": None}
    )


@pytest.mark.parametrize(
    ("error_type", "code", "fault"),
    [
        ("INSTITUTION_ERROR", "INSTITUTION_DOWN", FeedFault.BANK_DOWN),
        ("ITEM_ERROR", "ITEM_LOGIN_REQUIRED", FeedFault.LOGIN_REQUIRED),
        ("RATE_LIMIT_EXCEEDED", "TRANSACTIONS_SYNC_LIMIT", FeedFault.RATE_LIMITED),
        ("INVALID_INPUT", "USER_PERMISSION_REVOKED", FeedFault.GONE),
        ("INVALID_INPUT", "INVALID_API_KEYS", FeedFault.CONFIGURATION),
        ("SOMETHING_NEW", "NEVER_SEEN", FeedFault.RETRY_SOON),
    ],
)
def test_the_code_decides_what_a_failure_asks_for(error_type: str, code: str, fault: FeedFault) -> None:
    error = error_from_body(400, body(error_type, code))
    assert isinstance(error, FeedError)
    assert error.fault is fault
    assert "4242" not in error.message


@pytest.mark.parametrize("text", ["", "<html>502</html>", "[]", "null", '{"error_code": null}'])
def test_any_other_body_is_a_passing_failure(text: str) -> None:
    error = error_from_body(502, text)
    assert isinstance(error, FeedError)
    assert error.is_retryable
    assert error.provider_code == "HTTP_502"


def test_mutation_and_public_token_errors_have_their_own_types() -> None:
    assert isinstance(
        error_from_body(400, body("TRANSACTIONS_ERROR", "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")),
        PaginationMutatedError,
    )
    assert isinstance(error_from_body(400, body("INVALID_INPUT", "INVALID_PUBLIC_TOKEN")), PublicTokenError)
