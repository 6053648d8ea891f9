"""What people write beside a transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from openledger_server.base.errors import InvalidError, NotFoundError

AttachmentId = NewType("AttachmentId", int)
ATTACHMENTS_MAX = 50


class UnknownAttachmentError(NotFoundError):
    """The transaction has no such attachment."""

    code = "ATTACHMENT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such attachment.")


class TooManyAttachmentsError(InvalidError):
    """A transaction has at most 50 attachments."""

    code = "TOO_MANY_ATTACHMENTS"

    def __init__(self) -> None:
        super().__init__(f"A transaction has at most {ATTACHMENTS_MAX} attachments.")


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote beside a bank transaction."""

    description: str | None
    """Shown instead of the bank's own words; None: the bank's."""
    note: str


NO_NOTE = Note(description=None, note="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Where a document is and what it is like. The document itself stays with the host product."""

    id: AttachmentId
    transaction_id: int
    """Of a bank transaction or of an entry that a person wrote."""
    name: str
    url: str | None
    media_type: str
    size_bytes: int | None
    sha256: bytes | None
    external_id: str | None
    added_at: datetime

    def says_the_same(self, other: "Attachment") -> bool:
        """Return whether both are the same document of the same transaction, added once or twice."""
        if self.external_id is not None or other.external_id is not None:
            return self.external_id == other.external_id
        return (self.name, self.url, self.sha256, self.size_bytes, self.media_type) == (
            other.name,
            other.url,
            other.sha256,
            other.size_bytes,
            other.media_type,
        )
