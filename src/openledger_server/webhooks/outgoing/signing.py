"""Signatures of webhooks to developers, as standardwebhooks.com has them."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

_SECRET_BYTES = 32
_PREFIX = "whsec_"


def new_secret() -> str:
    """Return a fresh signing secret in the form that the receivers' libraries take."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers_of(body: str, *, message_id: str, secrets_: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the headers that prove `body`, signed with each of the secrets; `now` is aware, UTC."""
    signatures = [Webhook(secret).sign(message_id, now, body) for secret in secrets_]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
