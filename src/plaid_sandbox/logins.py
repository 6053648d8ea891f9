"""Who can log in at the sandbox's banks, what they are asked after the password, and who is refused.

Source: Plaid's page of test credentials, and the users this sandbox adds.
"""

import re
from dataclasses import dataclass
from typing import Any

from plaid_sandbox.errors import ERROR_KINDS, PlaidError
from plaid_sandbox.histories.custom import CUSTOM_USER, custom_profile, forced_error
from plaid_sandbox.histories.plan import Mfa
from plaid_sandbox.histories.registry import ANY_PASSWORD, profile_for
from plaid_sandbox.institutions import Institution
from plaid_sandbox.item_history import bank_health
from plaid_sandbox.sandbox import Sandbox

MFA_CODE = "1234"
_PASSWORD = "pass_good"  # noqa: S105 - a published test password
_ERROR_PREFIX = "error_"
_QUESTIONS = re.compile(r"mfa_questions_([1-9])_([1-9])")
_DEVICE = Mfa(type="device")
_SELECTIONS = Mfa(type="selections")
_RIGHT_OPTION = "Yes"


@dataclass(frozen=True, slots=True)
class Hint:
    """A login worth trying, for the dialog."""

    username: str
    password: str
    about: str


HINTS = (
    Hint("user_studio", "pass_good", "A small design studio with two years of history"),
    Hint("user_good", "pass_good", "Plaid's twelve standard accounts"),
    Hint("user_freelancer", "pass_good", "A freelancer: clients, tax savings, one card"),
    Hint("user_cafe", "pass_good", "A café: daily takings, wages, suppliers"),
    Hint("user_shop", "pass_good", "An online shop: pay-outs, goods, postage"),
    Hint("user_family", "pass_good", "A household"),
    Hint("user_mfa", "pass_good", "Asks for a code: 1234"),
    Hint("user_locked", "pass_good", "A login the bank has locked"),
)


def refuse_bad_login(sandbox: Sandbox, institution: Institution, username: str, password: str) -> None:
    """Return if the bank lets this user in, perhaps after more questions.

    Raises:
        PlaidError: `INVALID_CREDENTIALS`, `ITEM_LOCKED`, `INSTITUTION_DOWN`, or whatever `error_<CODE>` as
            password asks for.
    """
    if bank_health(sandbox, institution.institution_id) == "DOWN":
        raise PlaidError("INSTITUTION_DOWN")
    if username == "user_locked":
        raise PlaidError("ITEM_LOCKED")
    if username == CUSTOM_USER:
        code = forced_error(password)
        if code is not None:
            raise PlaidError(code)
        return
    if password.startswith(_ERROR_PREFIX):
        code = password.removeprefix(_ERROR_PREFIX)
        raise PlaidError(code if code in ERROR_KINDS else "INVALID_CREDENTIALS")
    is_known = profile_for(username) is not None
    takes_any = username in ANY_PASSWORD and bool(password.strip())
    if not is_known or not (takes_any or password == _PASSWORD or _mfa_of_password(password) is not None):
        raise PlaidError("INVALID_CREDENTIALS")


def mfa_of(username: str, password: str) -> Mfa | None:
    """Return what the bank asks after the password, or `None`."""
    if username == CUSTOM_USER:
        return custom_profile(password).mfa
    return _DEVICE if username == "user_mfa" else _mfa_of_password(password)


def _mfa_of_password(password: str) -> Mfa | None:
    if password == "mfa_device":  # noqa: S105 - a published test password
        return _DEVICE
    if password == "mfa_selections":  # noqa: S105 - the same
        return _SELECTIONS
    asked = _QUESTIONS.fullmatch(password)
    return None if asked is None else Mfa(type="questions", rounds=int(asked[1]), per_round=int(asked[2]))


def challenge(mfa: Mfa, round_index: int) -> dict[str, Any]:
    """Return what is asked in a round, counted from 0, for the dialog."""
    common = {"type": mfa.type, "round": round_index + 1, "rounds": mfa.rounds}
    if mfa.type == "device":
        return {**common, "prompt": "Enter the code we sent to your phone ending in 0110"}
    if mfa.type == "selections":
        options = [_RIGHT_OPTION, "No", *(f"Option {number}" for number in range(3, mfa.options + 1))]
        question = {"question": f"Is this your account? ({round_index + 1} of {mfa.rounds})", "options": options}
        return {**common, "prompt": "Choose an answer", "questions": [question]}
    questions = [{"question": f"Security question {round_index}-{number}"} for number in range(mfa.per_round)]
    return {**common, "prompt": "Answer your bank's questions", "questions": questions}


def right_answers(mfa: Mfa, round_index: int) -> list[str]:
    """Return the answers that a round, counted from 0, wants."""
    if mfa.type == "device":
        return [MFA_CODE]
    if mfa.type == "selections":
        return [_RIGHT_OPTION]
    return [f"answer_{round_index}_{number}" for number in range(mfa.per_round)]
