"""Trying a write: everything is checked and done, then taken back."""

from typing import Annotated

from fastapi import Depends, Query


async def dry_run(
    *,
    is_wanted: Annotated[
        bool, Query(alias="dryRun", description="Check everything and say what would be done, but write nothing.")
    ] = False,
) -> bool:
    """Return whether the caller only wants to know."""
    return is_wanted


DryRun = Annotated[bool, Depends(dry_run)]
