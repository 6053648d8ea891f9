"""The errors a caller can cause or meet, by category.

OpenLedgerError
├── InvalidError            the request cannot be understood or breaks a rule
├── NotAuthenticatedError   nobody knows who is asking
├── NotAllowedError         known, but not theirs to do
├── NotFoundError           nothing there, or not theirs to see
├── ConflictError           contradicts what is already stored
├── TooLargeError           more than we accept in one piece
├── TooManyError            asked more often than allowed
└── UpstreamError           a bank, Plaid or the database did not answer as it should

Rooms define their own errors beside the code that raises them, each a subclass of exactly one category.
`api/errors.py` alone knows which HTTP status each category gets.
"""

from collections.abc import Mapping
from typing import ClassVar


class OpenLedgerError(Exception):
    """An anticipated failure with a stable code and a sentence that says what happened and what to do."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, code: str | None = None, details: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = code or self.code
        self.details = details
        """What a program needs to act upon it, ids mostly; shown to the caller."""


class InvalidError(OpenLedgerError):
    """The request cannot be understood or breaks a rule."""

    code = "INVALID_REQUEST"


class NotAuthenticatedError(OpenLedgerError):
    """The caller did not prove who they are."""

    code = "NOT_AUTHENTICATED"


class NotAllowedError(OpenLedgerError):
    """The caller is known but may not do this."""

    code = "NOT_ALLOWED"


class NotFoundError(OpenLedgerError):
    """There is no such thing, or it belongs to somebody else; the answer is the same."""

    code = "NOT_FOUND"


class ConflictError(OpenLedgerError):
    """The request contradicts what is already stored."""

    code = "CONFLICT"


class TooLargeError(OpenLedgerError):
    """The request is larger than we accept in one piece."""

    code = "TOO_LARGE"


class TooManyError(OpenLedgerError):
    """The caller asks more often than is allowed; waiting a minute helps."""

    code = "TOO_MANY_REQUESTS"


class UpstreamError(OpenLedgerError):
    """Something we depend on (a bank, Plaid, the database) failed; `is_retryable` says whether waiting helps."""

    code = "UPSTREAM_FAILED"

    def __init__(self, message: str, *, code: str | None = None, is_retryable: bool = True) -> None:
        super().__init__(message, code=code)
        self.is_retryable = is_retryable
