"""Plaid's error bodies: one table from error code to type, status and message."""

from dataclasses import dataclass
from typing import Any

LOGIN_REQUIRED_MESSAGE = (
    "the login details of this item have changed (credentials, MFA, or required user action) and a user login is "
    "required to update this information. use Link's update mode to restore the item to a good state"
)


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """What an error code stands for."""

    error_type: str
    status: int
    message: str
    display_message: str | None = None


def _family(error_type: str, status: int, messages: dict[str, str]) -> dict[str, ErrorKind]:
    return {code: ErrorKind(error_type, status, message) for code, message in messages.items()}


_INSTITUTION_DOWN_TEXT = "This financial institution is not currently responding to requests. Please try again later."

ERROR_KINDS: dict[str, ErrorKind] = {
    **_family(
        "INVALID_REQUEST",
        400,
        {
            "INVALID_BODY": "body could not be parsed as JSON",
            "INVALID_CONFIGURATION": "please ensure that the request is properly formatted",
            "INVALID_FIELD": "a field has an invalid value",
            "INVALID_HEADERS": "the 'Content-Type' header must be 'application/json'",
            "MISSING_FIELDS": "the following required fields are missing",
            "SANDBOX_ONLY": "this route is only available in the sandbox environment",
            "UNKNOWN_FIELDS": "the following fields are not recognized by this endpoint",
        },
    ),
    **_family("INVALID_REQUEST", 404, {"NOT_FOUND": "the requested resource was not found"}),
    **_family(
        "INVALID_INPUT",
        400,
        {
            "INVALID_ACCESS_TOKEN": "could not find matching access token",
            "INVALID_ACCOUNT_ID": "failed to find requested account ID for requested item",
            "INVALID_API_KEYS": "invalid client_id or secret provided",
            "INVALID_INSTITUTION": "invalid institution_id provided",
            "INVALID_LINK_TOKEN": "the link_token is invalid or has expired. please generate a new link_token",
            "INVALID_PRODUCT": "client is not authorized to access the requested product",
            "INVALID_PUBLIC_TOKEN": "could not find matching public token",
            "INVALID_WEBHOOK_VERIFICATION_KEY_ID": "invalid key_id provided. note that key_ids are specific to "
            "Plaid environments, and verification requests must be made to the same environment that the webhook was "
            "sent from",
            "USER_PERMISSION_REVOKED": "the holder of this account has revoked their permission for your application "
            "to access it",
        },
    ),
    **_family(
        "ITEM_ERROR",
        400,
        {
            "ACCESS_NOT_GRANTED": "access to this product was not granted for the account",
            "ADDITIONAL_CONSENT_REQUIRED": "client does not have user consent to access this product",
            "INSTITUTION_NO_LONGER_SUPPORTED": "this institution is no longer supported",
            "INVALID_UPDATED_USERNAME": "the username provided to update this item does not match its original "
            "username",
            "ITEM_CONCURRENTLY_DELETED": "this item was deleted while the operation was running",
            "ITEM_LOGIN_REQUIRED": LOGIN_REQUIRED_MESSAGE,
            "ITEM_NOT_FOUND": "The Item you requested cannot be found. This Item does not exist, has been previously "
            "removed via /item/remove, or has had access removed by the user",
            "ITEM_NOT_SUPPORTED": "this account is currently not supported",
            "MFA_NOT_SUPPORTED": "this account requires a MFA type that we do not currently support",
            "NO_ACCOUNTS": "no valid accounts were found for this item",
            "PRODUCT_NOT_READY": "the requested product is not yet ready. please provide a webhook or try the request "
            "again later",
        },
    ),
    "INSUFFICIENT_CREDENTIALS": ErrorKind("ITEM_ERROR", 400, "not enough credentials were provided"),
    "INVALID_CREDENTIALS": ErrorKind(
        "ITEM_ERROR",
        400,
        "the provided credentials were not correct",
        "The username or password you entered is not correct. Please try again.",
    ),
    "INVALID_MFA": ErrorKind(
        "ITEM_ERROR", 400, "the provided MFA response was not correct", "The code you entered is not correct."
    ),
    "INVALID_SEND_METHOD": ErrorKind(
        "ITEM_ERROR", 400, "the provided MFA send method was invalid", "That way of sending a code is not available."
    ),
    "ITEM_LOCKED": ErrorKind(
        "ITEM_ERROR",
        400,
        "this item is locked due to too many failed attempts",
        "Your login is locked because of too many attempts. Please unlock it on your bank's own site, then try again.",
    ),
    "PASSWORD_RESET_REQUIRED": ErrorKind(
        "ITEM_ERROR", 400, "a password reset is required", "Please reset your password on your bank's own site."
    ),
    "USER_INPUT_TIMEOUT": ErrorKind(
        "ITEM_ERROR", 400, "user did not respond in time", "Your bank did not get an answer in time. Please try again."
    ),
    "USER_SETUP_REQUIRED": ErrorKind(
        "ITEM_ERROR",
        400,
        "the account has not been fully set up. prompt the user to visit the issuing institution's site and finish the "
        "setup process",
        "Please finish setting up your account on your bank's own site, then try again.",
    ),
    "COUNTRY_NOT_SUPPORTED": ErrorKind("ITEM_ERROR", 400, "the country is not supported"),
    "INSTITUTION_DOWN": ErrorKind(
        "INSTITUTION_ERROR", 400, "this institution is not currently responding to this request", _INSTITUTION_DOWN_TEXT
    ),
    "INSTITUTION_NOT_AVAILABLE": ErrorKind(
        "INSTITUTION_ERROR", 400, "this institution is not available at this time", _INSTITUTION_DOWN_TEXT
    ),
    "INSTITUTION_NOT_RESPONDING": ErrorKind(
        "INSTITUTION_ERROR", 400, "this institution is not currently responding to this request", _INSTITUTION_DOWN_TEXT
    ),
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": ErrorKind(
        "TRANSACTIONS_ERROR",
        400,
        "Underlying transaction data changed since last page was fetched. Please restart pagination from last update.",
    ),
    **_family(
        "SANDBOX_ERROR",
        400,
        {
            "SANDBOX_PRODUCT_NOT_ENABLED": "the item does not have the product needed for this webhook",
            "SANDBOX_WEBHOOK_INVALID": "the item has no webhook url, or the webhook cannot be fired this way",
        },
    ),
    **_family(
        "RATE_LIMIT_EXCEEDED",
        429,
        dict.fromkeys(
            (
                "ACCOUNTS_LIMIT",
                "ACCOUNTS_BALANCE_GET_LIMIT",
                "BALANCE_LIMIT",
                "CREDITS_EXHAUSTED",
                "INSTITUTIONS_GET_LIMIT",
                "INSTITUTIONS_GET_BY_ID_LIMIT",
                "INSTITUTION_RATE_LIMIT",
                "ITEM_GET_LIMIT",
                "RATE_LIMIT",
                "TRANSACTIONS_LIMIT",
                "TRANSACTIONS_REFRESH_LIMIT",
                "TRANSACTIONS_SYNC_LIMIT",
            ),
            "rate limit exceeded for this endpoint. please try again later",
        ),
    ),
    "INTERNAL_SERVER_ERROR": ErrorKind("API_ERROR", 500, "an unexpected error occurred"),
    "PLANNED_MAINTENANCE": ErrorKind("API_ERROR", 503, "the Plaid API is temporarily unavailable"),
}


class PlaidError(Exception):
    """An answer other than 200, with Plaid's error code.

    Any known code can be raised; the message may be narrowed to the case at hand.
    """

    def __init__(self, error_code: str, message: str | None = None, *, reason: str | None = None) -> None:
        self.error_code = error_code
        self.reason = reason
        self.kind = ERROR_KINDS[error_code]
        self.message = self.kind.message if message is None else message
        super().__init__(f"{error_code}: {self.message}")

    @property
    def status(self) -> int:
        """The HTTP status Plaid answers with."""
        return self.kind.status

    def body(self, *, request_id: str | None) -> dict[str, Any]:
        """Return the wire body; without `request_id` it is the form found in `item.error` and webhooks."""
        body: dict[str, Any] = {
            "display_message": self.kind.display_message,
            "documentation_url": "https://plaid.com/docs/errors/",
            "error_code": self.error_code,
            "error_message": self.message,
            "error_type": self.kind.error_type,
            "suggested_action": None,
        }
        if self.reason is not None:
            body["error_code_reason"] = self.reason
        if request_id is None:
            return {**body, "status": self.status}
        return {**body, "request_id": request_id}
