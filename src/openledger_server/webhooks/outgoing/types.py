"""What developers are told, where to, and how the telling went."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from openledger_server.base.errors import InvalidError, NotFoundError
from openledger_server.base.vault import Sealed


class EventType(StrEnum):
    """What a message can be about."""

    BANK_LINKED = "bank.linked"
    BANK_SYNC_COMPLETED = "bank.sync.completed"
    BANK_NEEDS_LOGIN = "bank.needs_login"
    BANK_EXPIRING = "bank.expiring"
    BANK_DISCONNECTED = "bank.disconnected"
    TRANSACTIONS_CREATED = "transactions.created"
    TRANSACTIONS_UPDATED = "transactions.updated"
    TRANSACTIONS_REMOVED = "transactions.removed"
    BALANCE_GAP_DETECTED = "balance.gap_detected"
    BANK_AUDIT_DIFFERS = "bank.audit.differs"
    WEBHOOK_TEST = "webhook.test"


class UnknownEndpointError(NotFoundError):
    """The developer has no such webhook endpoint."""

    code = "WEBHOOK_ENDPOINT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such webhook endpoint.")


class EndpointUrlError(InvalidError):
    """The address is not one that webhooks can be sent to."""

    code = "WEBHOOK_URL_INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRow:
    """A developer's endpoint. Its secrets are sealed."""

    developer_id: int
    id: int
    url: str
    description: str
    event_types: list[str]
    """Empty: all."""
    secret_ciphertext: bytes = field(repr=False)
    secret_key_id: str
    old_secret_ciphertext: bytes | None = field(repr=False)
    old_secret_key_id: str | None
    old_secret_until: datetime | None
    created_at: datetime
    disabled_at: datetime | None

    @property
    def secret(self) -> Sealed:
        """Return the secret that signs."""
        return Sealed(self.secret_key_id, self.secret_ciphertext)

    def old_secret(self, now: datetime) -> Sealed | None:
        """Return the secret before it, while it still signs too."""
        if self.old_secret_ciphertext is None or self.old_secret_key_id is None or self.old_secret_until is None:
            return None
        return Sealed(self.old_secret_key_id, self.old_secret_ciphertext) if now < self.old_secret_until else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One message on its way to one endpoint."""

    message_id: int
    endpoint_id: int
    entity_id: int | None
    event_type: str
    body: dict[str, Any]
    created_at: datetime
    state: str
    attempts: int
    last_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None
