"""The provider's category codes and the ledger accounts they mean by default."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class ProviderCategory:
    """What one detailed code of Plaid's personal finance categories means for a business's books."""

    code: str
    account_code: int
    is_transfer: bool
    is_personal: bool
    """On a business account this is probably the owner's private spending."""


@cache
def provider_categories() -> Mapping[str, ProviderCategory]:
    """Return the meaning of each detailed code of both versions of the taxonomy; codes may be missing at any time."""
    text = (resources.files("openledger_server.categorization") / "data" / "pfc_to_coa.csv").read_text()
    return {
        row["pfc_detailed"]: ProviderCategory(
            code=row["pfc_detailed"],
            account_code=int(row["account_number"]),
            is_transfer=row["is_transfer"] == "1",
            is_personal=row["personal_on_business_account"] == "1",
        )
        for row in csv.DictReader(text.splitlines())
        if row["account_number"]  # the catch-all code says nothing about the books
    }


def readable(code: str) -> str:
    """Return a code as words: FOOD_AND_DRINK_COFFEE is "food and drink coffee"."""
    return code.replace("_", " ").lower()
