"""Which username has which bank accounts and history."""

import re

from plaid_sandbox.histories import bulk, dynamic, good, personas_business, personas_family, studio
from plaid_sandbox.histories.custom import custom_profile
from plaid_sandbox.histories.dynamic import DYNAMIC_USER
from plaid_sandbox.histories.plan import Profile

_PROFILES = {
    DYNAMIC_USER: dynamic.PROFILE,
    "user_good": good.PROFILE,
    "user_mfa": good.PROFILE,
    "user_studio": studio.PROFILE,
    "user_freelancer": personas_business.FREELANCER.profile(),
    "user_cafe": personas_business.CAFE.profile(),
    "user_shop": personas_business.SHOP.profile(),
    "user_family": personas_family.FAMILY.profile(),
    # Plaid's own personas, lived by ours; like Plaid's they take any password.
    "user_small_business": personas_business.CAFE.profile(),
    "user_yuppie": personas_business.FREELANCER.profile(),
    "user_ewa_user": personas_family.FAMILY.profile(),
}
ANY_PASSWORD = frozenset({DYNAMIC_USER, "user_small_business", "user_yuppie", "user_ewa_user"})
_BULK = re.compile(r"user_history_([1-9]\d{0,6})")


def profile_for(username: str, custom: str | None = None) -> Profile | None:
    """Return what is behind a username, or `None` if the banks do not know it.

    `custom` is the JSON that describes the bank accounts of `user_custom`.
    """
    if custom is not None:
        return custom_profile(custom)
    bulk_user = _BULK.fullmatch(username)
    if bulk_user is not None:
        return bulk.profile(int(bulk_user[1]))
    return _PROFILES.get(username)
