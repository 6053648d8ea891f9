"""Faults that a test switches on: errors, broken bodies, delays, hangs, missing keys."""

from dataclasses import dataclass
from typing import Any

HANG_S = 3_600.0
"""How long a hanging answer takes: longer than any client waits."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault. It strikes the next `times` matching calls; a negative number of times means always."""

    path: str
    """An endpoint such as `/transactions/sync`, or `*` for all."""
    times: int = 1
    item_id: str | None = None
    """Strike calls for this item only."""
    page: int | None = None
    """Strike only the n-th page of a sync loop, counted from 1."""
    delay_s: float = 0.0
    """Wait before going on."""
    error_code: str | None = None
    """Answer with this Plaid error."""
    error_message: str | None = None
    status: int | None = None
    """Answer with this status: Plaid's JSON for a 4xx or 500, a proxy's HTML page for other 5xx."""
    body: str | None = None
    """Answer with this text instead, as `content_type`."""
    content_type: str = "text/html"
    hang: bool = False
    """Never answer."""
    drop: str | None = None
    """Answer normally, but without this key: a dotted path, `[]` for every member of a list."""
    skip: int = 0
    """Let this many matching calls pass first."""
    fault_id: int = 0

    def matches(self, *, path: str, item_id: str | None, page: int | None) -> bool:
        """Return whether the fault is meant for this call."""
        return (
            self.path in {path, "*"}
            and (self.item_id is None or self.item_id == item_id)
            and (self.page is None or self.page == page)
        )


class FaultBox:
    """The faults switched on now, in the order they came."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on."""
        self._last_id += 1
        fault.fault_id = self._last_id
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def all(self) -> list[Fault]:
        """Return the faults that can still strike."""
        return list(self._faults)

    def strike(self, *, path: str, item_id: str | None, page: int | None) -> Fault | None:
        """Return the first fault that strikes this call and count it, or `None`."""
        for fault in self._faults:
            if not fault.matches(path=path, item_id=item_id, page=page):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1 if fault.times > 0 else 0
            if fault.times == 0:
                self._faults.remove(fault)
            return fault
        return None


def without(body: Any, dotted: str) -> Any:
    """Return a decoded JSON body without the key at a dotted path such as `institution.name` or `added[].date`."""
    head, _, rest = dotted.partition(".")
    name = head.removesuffix("[]")
    if not isinstance(body, dict) or name not in body:
        return body
    if not rest:
        return {key: value for key, value in body.items() if key != name}
    if head.endswith("[]"):
        return {**body, name: [without(member, rest) for member in body[name]]}
    return {**body, name: without(body[name], rest)}
