"""Who can log in at the sandbox's banks, and what happens to those who cannot.

Source: Plaid's page of test credentials, and the users this sandbox adds.
"""

from dataclasses import dataclass

from plaid_sandbox.errors import ERROR_KINDS, PlaidError
from plaid_sandbox.histories.registry import profile_for
from plaid_sandbox.institutions import Institution

MFA_CODE = "1234"
_PASSWORD = "pass_good"  # noqa: S105 - a published test password
_MFA_PASSWORD = "mfa_device"  # noqa: S105 - the same
_ERROR_PREFIX = "error_"


@dataclass(frozen=True, slots=True)
class Hint:
    """A login worth trying, for the dialog."""

    username: str
    password: str
    about: str


HINTS = (
    Hint("user_studio", "pass_good", "A small design studio with two years of history"),
    Hint("user_good", "pass_good", "Plaid's twelve standard accounts"),
    Hint("user_mfa", "pass_good", "Asks for a code: 1234"),
    Hint("user_locked", "pass_good", "A login the bank has locked"),
)


def refuse_bad_login(institution: Institution, username: str, password: str) -> None:
    """Return if the bank lets this user in, perhaps after a code.

    Raises:
        PlaidError: `INVALID_CREDENTIALS`, `ITEM_LOCKED`, `INSTITUTION_DOWN`, or whatever `error_<CODE>` as
            password asks for.
    """
    if institution.health == "DOWN":
        raise PlaidError("INSTITUTION_DOWN")
    if username == "user_locked":
        raise PlaidError("ITEM_LOCKED")
    if password.startswith(_ERROR_PREFIX):
        code = password.removeprefix(_ERROR_PREFIX)
        raise PlaidError(code if code in ERROR_KINDS else "INVALID_CREDENTIALS")
    if profile_for(username) is None or password not in {_PASSWORD, _MFA_PASSWORD}:
        raise PlaidError("INVALID_CREDENTIALS")


def needs_code(username: str, password: str) -> bool:
    """Return whether the bank sends a code after the password."""
    return username == "user_mfa" or password == _MFA_PASSWORD
