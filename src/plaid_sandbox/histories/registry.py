"""Which username has which bank accounts and history."""

import re

from plaid_sandbox.histories import bulk, good, studio
from plaid_sandbox.histories.plan import Profile

_PROFILES = {
    "user_good": good.PROFILE,
    "user_mfa": good.PROFILE,
    "user_studio": studio.PROFILE,
}
_BULK = re.compile(r"user_history_([1-9]\d{0,6})")


def profile_for(username: str) -> Profile | None:
    """Return what is behind a username, or `None` if the banks do not know it."""
    bulk_user = _BULK.fullmatch(username)
    if bulk_user is not None:
        return bulk.profile(int(bulk_user[1]))
    return _PROFILES.get(username)
