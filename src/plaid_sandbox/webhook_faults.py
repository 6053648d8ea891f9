"""What happens to webhooks on request: dropped, sent twice, held back to be sent in another order."""

from dataclasses import dataclass
from typing import Literal

Fate = Literal["drop", "duplicate", "hold"]


@dataclass(slots=True, kw_only=True)
class WebhookFault:
    """One fault. It strikes the next `times` matching messages; a negative number means always."""

    fate: Fate
    times: int = 1
    copies: int = 1
    """How many more copies `duplicate` sends."""
    item_id: str | None = None
    webhook_code: str | None = None
    fault_id: int = 0


class WebhookFaultBox:
    """The webhook faults switched on now, in the order they came."""

    def __init__(self) -> None:
        self._faults: list[WebhookFault] = []
        self._last_id = 0

    def add(self, fault: WebhookFault) -> WebhookFault:
        """Switch a fault on."""
        self._last_id += 1
        fault.fault_id = self._last_id
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Switch all of them off."""
        self._faults.clear()

    def all(self) -> list[WebhookFault]:
        """Return the faults that can still strike."""
        return list(self._faults)

    def strike(self, *, item_id: str, webhook_code: str) -> WebhookFault | None:
        """Return the first fault meant for this message and count it, or `None`."""
        for fault in self._faults:
            if fault.item_id not in {None, item_id} or fault.webhook_code not in {None, webhook_code}:
                continue
            fault.times -= 1 if fault.times > 0 else 0
            if fault.times == 0:
                self._faults.remove(fault)
            return fault
        return None
