"""`user_custom`: bank accounts and rows as the JSON in the password field says.

Source: Plaid's page on custom users and `UserCustomPassword` of its OpenAPI file.
"""

import random
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import orjson

from plaid_sandbox.errors import PlaidError
from plaid_sandbox.fields import Choice, Day, Fields, Flag, Many, Number, Text, Whole, check, needed, nullable
from plaid_sandbox.histories import describe
from plaid_sandbox.histories.plan import Details, History, HistoryOrder, Mfa, PlannedAccount, PlannedRow, Profile

CUSTOM_USER = "user_custom"
_ACCOUNTS_MOST, _ROWS_MOST = 10, 250
_GENERATED_MONTHS = 6
_GENERATED: tuple[Details, ...] = (
    describe.shop("SAFEWAY #2870", "Safeway", "FOOD_AND_DRINK_GROCERIES"),
    describe.shop("STARBUCKS STORE 05734", "Starbucks", "FOOD_AND_DRINK_COFFEE"),
    describe.web("AMZN MKTP US*2K81T", "Amazon", "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES"),
)
_ANY_OBJECT = Fields({}, is_open=True)
_FORCED = frozenset(
    [
        "INSTITUTION_NOT_RESPONDING",
        "INSTITUTION_NO_LONGER_SUPPORTED",
        "INVALID_CREDENTIALS",
        "INVALID_MFA",
        "ITEM_LOCKED",
        "ITEM_LOGIN_REQUIRED",
        "ITEM_NOT_SUPPORTED",
        "INVALID_LINK_TOKEN",
        "MFA_NOT_SUPPORTED",
        "NO_ACCOUNTS",
        "PLAID_ERROR",
        "USER_INPUT_TIMEOUT",
        "USER_SETUP_REQUIRED",
    ]
)
_ROW = Fields(
    {
        "date_transacted": needed(Day()),
        "date_posted": needed(Day()),
        "amount": needed(Number()),
        "description": needed(Text()),
        "currency": nullable(Text(3, 3)),
    }
)
_INFLOW = Fields(
    {
        "type": needed(
            Choice(frozenset({"none", "monthly-income", "monthly-balance-payment", "monthly-interest-only-payment"}))
        ),
        "income_amount": nullable(Number()),
        "transaction_name": nullable(Text(0)),
    },
    is_open=True,
)
_ACCOUNT = Fields(
    {
        "type": needed(Choice(frozenset({"depository", "credit", "loan", "investment", "other"}))),
        "subtype": needed(Text()),
        "starting_balance": nullable(Number()),
        "force_available_balance": nullable(Number()),
        "has_null_available_balance": nullable(Flag()),
        "currency": nullable(Text(3, 3)),
        "meta": nullable(
            Fields(
                {
                    "name": nullable(Text(0)),
                    "official_name": nullable(Text(0)),
                    "limit": nullable(Number()),
                    "mask": nullable(Text(0, 4)),
                },
                is_open=True,
            )
        ),
        "numbers": nullable(_ANY_OBJECT),
        "transactions": nullable(Many(_ROW, most=_ROWS_MOST)),
        "identity": nullable(_ANY_OBJECT),
        "liability": nullable(_ANY_OBJECT),
        "holdings": nullable(Many(_ANY_OBJECT)),
        "investment_transactions": nullable(_ANY_OBJECT),
        "inflow_model": nullable(_INFLOW),
    },
    is_open=True,
)
_ROUNDS = Whole(1, 10)
_CUSTOM = Fields(
    {
        "version": nullable(Choice(frozenset({"1", "2"}))),
        "seed": nullable(Text(0)),
        "override_accounts": nullable(Many(_ACCOUNT, most=_ACCOUNTS_MOST)),
        "mfa": nullable(
            Fields(
                {
                    "type": needed(Choice(frozenset({"device", "selections", "questions"}))),
                    "question_rounds": nullable(_ROUNDS),
                    "questions_per_round": nullable(_ROUNDS),
                    "selection_rounds": nullable(_ROUNDS),
                    "selections_per_question": nullable(_ROUNDS),
                }
            )
        ),
        "recaptcha": nullable(Choice(frozenset({"good", "bad"}))),
        "force_error": nullable(Choice(_FORCED)),
    }
)


def parsed(password: str) -> dict[str, Any]:
    """Return the checked description.

    Raises:
        PlaidError: `INVALID_CREDENTIALS` for what is no such JSON; the message says what is wrong.
    """
    try:
        description = orjson.loads(password)
    except orjson.JSONDecodeError as error:
        raise PlaidError("INVALID_CREDENTIALS", "the password of user_custom must be a JSON object") from error
    if not isinstance(description, dict):
        raise PlaidError("INVALID_CREDENTIALS", "the password of user_custom must be a JSON object")
    try:
        check(_CUSTOM, description)
    except PlaidError as error:
        raise PlaidError("INVALID_CREDENTIALS", f"custom user: {error.message}") from error
    return description


def forced_error(password: str) -> str | None:
    """Return the error code that logging in with this description ends in, if it asks for one."""
    code: str | None = parsed(password).get("force_error")
    return "INTERNAL_SERVER_ERROR" if code == "PLAID_ERROR" else code


@lru_cache(maxsize=256)
def custom_profile(password: str) -> Profile:
    """Return the user that the description makes.

    Raises:
        PlaidError: as `parsed`.
    """
    description = parsed(password)
    found = description.get("override_accounts") or [{"type": "depository", "subtype": "checking"}]
    accounts = tuple(_account(index, one) for index, one in enumerate(found))
    first = next((planned.key for planned in accounts if planned.type == "depository"), None)
    return Profile(
        accounts=accounts,
        build=lambda order: _build(order, description.get("seed") or "", found, accounts),
        default_key=first,
        mfa=_mfa(description.get("mfa")),
    )


def _account(index: int, given: dict[str, Any]) -> PlannedAccount:
    meta = given.get("meta") or {}
    named = meta.get("name") or f"Plaid {given['subtype'].title()}"
    return PlannedAccount(
        key=f"custom {index}",
        name=named,
        official_name=meta.get("official_name") or None,
        mask=f"{index:04}" if meta.get("mask") is None else meta["mask"] or None,
        type=given["type"],
        subtype=given["subtype"],
        limit=_money(meta.get("limit")),
        has_available=not given.get("has_null_available_balance"),
        currency=given.get("currency") or "USD",
        forced_available=_money(given.get("force_available_balance")),
    )


def _money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _mfa(given: dict[str, Any] | None) -> Mfa | None:
    if given is None:
        return None
    kind: Literal["device", "questions", "selections"] = given["type"]
    if kind == "questions":
        rounds, per_round = given.get("question_rounds") or 1, given.get("questions_per_round") or 1
        return Mfa(type=kind, rounds=rounds, per_round=per_round)
    options = given.get("selections_per_question") or 2
    return Mfa(type=kind, rounds=given.get("selection_rounds") or 1, options=options)


def _build(
    order: HistoryOrder, seed: str, found: list[dict[str, Any]], accounts: tuple[PlannedAccount, ...]
) -> History:
    rows: list[PlannedRow] = []
    current = {}
    for planned, given in zip(accounts, found, strict=True):
        if planned.has_bank_transactions:
            given_rows = given.get("transactions")
            rows += _generated(order, seed, planned) if given_rows is None else _given(planned, given_rows)
            rows += _income(order, planned, given.get("inflow_model"))
        starting = _money(given.get("starting_balance"))
        current[planned.key] = Decimal(1000) if starting is None else starting
    return History(rows=[row for row in rows if row.occurred_on <= order.today], current=current)


def _given(planned: PlannedAccount, given_rows: list[dict[str, Any]]) -> Iterator[PlannedRow]:
    for index, given in enumerate(given_rows):
        yield PlannedRow(
            key=f"given {index}",
            account_key=planned.key,
            amount=Decimal(str(given["amount"])),
            occurred_on=date.fromisoformat(given["date_transacted"]),
            posted_on=date.fromisoformat(given["date_posted"]),
            details=Details(name=given["description"], category=None, confidence=None),
        )


def _generated(order: HistoryOrder, seed: str, planned: PlannedAccount) -> Iterator[PlannedRow]:
    """Yield rows drawn from the description's seed, for a bank account whose own are left out."""
    draw = random.Random(f"{order.seed}/custom/{seed}/{planned.key}")
    for index in range(_GENERATED_MONTHS * 4):
        dated = order.today - timedelta(days=7 * index + draw.randint(0, 6))
        yield PlannedRow(
            key=f"generated {index}",
            account_key=planned.key,
            amount=Decimal(draw.randint(400, 12_000)).scaleb(-2),
            occurred_on=dated,
            posted_on=dated,
            details=draw.choice(_GENERATED),
        )


def _income(order: HistoryOrder, planned: PlannedAccount, model: dict[str, Any] | None) -> Iterator[PlannedRow]:
    """Yield the monthly income of an inflow model; the other models pay nothing into a bank account of deposits."""
    if model is None or model["type"] != "monthly-income" or not model.get("income_amount"):
        return
    wanted = model.get("payment_day_of_month", 1)
    details = describe.ach(model.get("transaction_name") or "INCOME", "INCOME_SALARY")
    for back in range(25):
        months = order.today.year * 12 + order.today.month - 1 - back
        year, month = months // 12, months % 12 + 1
        last = monthrange(year, month)[1]
        dated = date(year, month, last if wanted == "last" else min(int(wanted), last))
        if dated <= order.today:
            yield PlannedRow(
                key=f"income {dated}",
                account_key=planned.key,
                amount=-Decimal(str(model["income_amount"])),
                occurred_on=dated,
                posted_on=dated,
                details=details,
            )
