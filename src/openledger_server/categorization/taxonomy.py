"""The personal finance categories of the model: primaries, and the detailed codes below each."""

from functools import cache

PRIMARIES = (
    "INCOME",
    "TRANSFER_IN",
    "TRANSFER_OUT",
    "LOAN_PAYMENTS",
    "BANK_FEES",
    "ENTERTAINMENT",
    "FOOD_AND_DRINK",
    "GENERAL_MERCHANDISE",
    "HOME_IMPROVEMENT",
    "MEDICAL",
    "PERSONAL_CARE",
    "GENERAL_SERVICES",
    "GOVERNMENT_AND_NON_PROFIT",
    "TRANSPORTATION",
    "TRAVEL",
    "RENT_AND_UTILITIES",
)
"""Version 1 of Plaid's taxonomy, whose detailed codes the model answers with."""
_LATER = {"LOAN_DISBURSEMENTS": "TRANSFER_IN", "OTHER": "OTHER"}


@cache
def primary_of(code: str) -> str:
    """Return the primary of a detailed or primary code of either version; of an unknown code, the code itself."""
    for primary in PRIMARIES:
        if code == primary or code.startswith(f"{primary}_"):
            return primary
    for later, primary in _LATER.items():
        if code == later or code.startswith(f"{later}_"):
            return primary
    return code
