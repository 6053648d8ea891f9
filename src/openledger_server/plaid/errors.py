"""Plaid's error codes, and what each of them asks for."""

import json
from collections.abc import Mapping
from typing import Final

from openledger_server.banking.feed import FeedError, FeedFault, PaginationMutatedError, PublicTokenError
from openledger_server.base.errors import OpenLedgerError

_MUTATED: Final = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
_FAULT_BY_CODE: Final[Mapping[str, FeedFault]] = {
    "INTERNAL_SERVER_ERROR": FeedFault.RETRY_SOON,
    "PLANNED_MAINTENANCE": FeedFault.RETRY_SOON,
    "PRODUCT_NOT_READY": FeedFault.NOT_READY,
    "ITEM_LOGIN_REQUIRED": FeedFault.LOGIN_REQUIRED,
    "ITEM_LOCKED": FeedFault.LOGIN_REQUIRED,
    "USER_SETUP_REQUIRED": FeedFault.LOGIN_REQUIRED,
    "PASSWORD_RESET_REQUIRED": FeedFault.LOGIN_REQUIRED,
    "NO_ACCOUNTS": FeedFault.LOGIN_REQUIRED,
    "ACCESS_NOT_GRANTED": FeedFault.LOGIN_REQUIRED,
    "ADDITIONAL_CONSENT_REQUIRED": FeedFault.LOGIN_REQUIRED,
    "ITEM_NOT_FOUND": FeedFault.GONE,
    "INVALID_ACCESS_TOKEN": FeedFault.GONE,
    "USER_PERMISSION_REVOKED": FeedFault.GONE,
    "INVALID_UPDATED_USERNAME": FeedFault.GONE,
    "INSTITUTION_NO_LONGER_SUPPORTED": FeedFault.GONE,
    "ITEM_NOT_SUPPORTED": FeedFault.GONE,
    "ITEM_CONCURRENTLY_DELETED": FeedFault.GONE,
}
_FAULT_BY_TYPE: Final[Mapping[str, FeedFault]] = {
    "RATE_LIMIT_EXCEEDED": FeedFault.RATE_LIMITED,
    "INSTITUTION_ERROR": FeedFault.BANK_DOWN,
    "INVALID_REQUEST": FeedFault.CONFIGURATION,
    "INVALID_INPUT": FeedFault.CONFIGURATION,
    "SANDBOX_ERROR": FeedFault.CONFIGURATION,
}
_SENTENCES: Final[Mapping[FeedFault, str]] = {
    FeedFault.RETRY_SOON: "Plaid did not answer as it should. We try again soon.",
    FeedFault.RATE_LIMITED: "Plaid asks us to slow down. We try again in a minute or two.",
    FeedFault.BANK_DOWN: "The bank is not answering. We try again later.",
    FeedFault.NOT_READY: "The bank's data are not ready yet. We try again soon.",
    FeedFault.LOGIN_REQUIRED: "The bank asks the account holder to log in again.",
    FeedFault.GONE: "The connection to the bank has ended. Link the bank again.",
    FeedFault.CONFIGURATION: "Plaid refused our request. Check the Plaid keys and settings.",
}


def error_from_body(status: int, body: str) -> OpenLedgerError:
    """Return our error for Plaid's answer `body` with HTTP `status`; the body may be anything, a proxy's HTML included.

    Plaid's own texts are left out: they may hold personal data.

    Source: plaid.com/docs/errors; outages come as 400, so the code decides, never the status.
    """
    error_type, error_code = _parsed(body)
    if error_code == _MUTATED:
        return changed_meanwhile()
    if error_code == "INVALID_PUBLIC_TOKEN":
        return PublicTokenError("The public token is unknown, expired or already used. Open the bank dialog again.")
    fault = fault_of(error_type, error_code)
    return FeedError(_SENTENCES[fault], fault=fault, provider_code=error_code or f"HTTP_{status}")


def fault_of(error_type: str, error_code: str) -> FeedFault:
    """Return what one of Plaid's errors asks for; one that we do not know is worth another try."""
    return _FAULT_BY_CODE.get(error_code) or _FAULT_BY_TYPE.get(error_type) or FeedFault.RETRY_SOON


def changed_meanwhile() -> PaginationMutatedError:
    """Return our error for data that changed while they were read page by page."""
    return PaginationMutatedError(
        "The bank's data changed while we read them.", fault=FeedFault.RETRY_SOON, provider_code=_MUTATED
    )


def unreachable(cause: Exception) -> FeedError:
    """Return our error for an answer that never came or could not be decoded."""
    return FeedError(
        "Plaid cannot be reached or its answer cannot be read. We try again soon.",
        fault=FeedFault.RETRY_SOON,
        provider_code=type(cause).__name__,
    )


def _parsed(body: str) -> tuple[str, str]:
    try:
        found = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    return str(found.get("error_type") or ""), str(found.get("error_code") or "")
