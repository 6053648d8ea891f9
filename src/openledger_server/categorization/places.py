"""Names of places that card networks print after a merchant's name."""

from importlib import resources

STATES = (
    "A[BKLRSZ]|BC|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ABDEINOST]|N[BCDEHJLMSVY]|O[HKNR]|P[AER]|QC|RI|S[CDK]"
    "|T[NX]|UT|V[AIT]|W[AIVY]|YT"
)
"""Two-letter codes of US states and Canadian provinces, as alternatives of a regular expression."""


def _cities() -> frozenset[str]:
    file = resources.files("openledger_server.categorization") / "data" / "cities.csv"
    return frozenset(file.read_text(encoding="utf-8").splitlines()[1:])


CITIES = _cities()
"""Cities whose name goes when a state follows it; upper case, also as cut by card networks after 13 characters."""
