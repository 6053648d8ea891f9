"""Delivers webhooks as Plaid does: in the background, each attempt signed anew, failures tried again for a day.

Source: Plaid's page on webhooks. Retries follow the sandbox's clock: when it is moved, those due by then come at once.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from plaid_sandbox import webhook_keys
from plaid_sandbox.sandbox import Sandbox
from plaid_sandbox.webhook_store import Attempt, Message

OK = 200
TOO_MANY = 429
FIRST_RETRY_S = 30
RETRY_FACTOR = 4
RETRIES_END_S = 86_400
RETRY_AFTER_MOST_S = 4 * 3_600
REJECTED_SHARE_MOST = 0.9
REJECTED_OF_LEAST = 10
"""Fewer attempts than this say nothing about the share that an address rejects."""
_AT_ONCE_MOST = 16
_IDLE_S = 3_600.0


class Sender:
    """The background task. Messages of one item go out one after the other, those of different items side by side."""

    def __init__(self, sandbox: Sandbox, tick: Callable[[Sandbox], float | None]) -> None:
        """`tick` does what the clock has made due and returns when it wants to be called again."""
        self._sandbox = sandbox
        self._tick = tick
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._at_once = asyncio.Semaphore(_AT_ONCE_MOST)

    async def run(self) -> None:
        """Run until cancelled."""
        async with httpx.AsyncClient(follow_redirects=False) as client:
            try:
                while True:
                    self._sandbox.wake.clear()
                    ticked = self._tick(self._sandbox)
                    self._open_lanes(client)
                    await self._sleep(ticked)
            finally:
                for task in self._lanes.values():
                    task.cancel()
                await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _sleep(self, ticked: float | None) -> None:
        """Wait until something is due, or somebody has changed what is."""
        waiting = self._sandbox.store.webhooks.next_due_at()
        now = self._sandbox.clock.now().timestamp()
        # Messages already due are in a lane, which wakes this task when it is through.
        instants = [at for at in (ticked, waiting if not self._lanes else None) if at is not None]
        pause = min([_IDLE_S, *(max(0.01, at - now) for at in instants)])
        try:
            await asyncio.wait_for(self._sandbox.wake.wait(), pause)
        except TimeoutError:
            return

    def _open_lanes(self, client: httpx.AsyncClient) -> None:
        for message in self._sandbox.store.webhooks.due(self._sandbox.clock.now().timestamp()):
            if message.item_id not in self._lanes:
                task = asyncio.create_task(self._lane(client, message.item_id))
                self._lanes[message.item_id] = task

    async def _lane(self, client: httpx.AsyncClient, item_id: str) -> None:
        try:
            while due := self._sandbox.store.webhooks.due(self._sandbox.clock.now().timestamp(), item_id=item_id):
                async with self._at_once:
                    await self._attempt(client, due[0])
        finally:
            del self._lanes[item_id]
            self._sandbox.wake.set()

    async def _attempt(self, client: httpx.AsyncClient, message: Message) -> None:
        store = self._sandbox.store
        signed = webhook_keys.sign(store, message.body, message.forgery)
        signature = message.forgery.get("replay", signed.signature)
        headers = {"Content-Type": "application/json", "User-Agent": "plaid-sandbox"}
        if signature is not None:
            headers["Plaid-Verification"] = signature
        begun, status, error, retry_after = time.monotonic(), None, None, None
        try:
            async with asyncio.timeout(self._sandbox.settings.webhook_timeout_s):
                answer = await client.post(message.url, content=signed.body, headers=headers, timeout=None)
            status, retry_after = answer.status_code, answer.headers.get("retry-after")
        except TimeoutError:
            error = "no answer in time"
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = f"{type(failure).__name__}: {failure}"
        made = len(store.webhooks.attempts(message.webhook_id)) + 1
        now = self._sandbox.clock.now()
        store.webhooks.add_attempt(
            Attempt(
                webhook_id=message.webhook_id,
                attempt=made,
                at=now.timestamp(),
                url=message.url,
                status=status,
                error=error,
                key_id=signed.key_id,
                signature=signature,
                duration_s=round(time.monotonic() - begun, 4),
            )
        )
        if status == OK:
            store.webhooks.put_state(message.webhook_id, "delivered", due_at=message.due_at)
            return
        self._plan_retry(message, made, now, retry_after if status == TOO_MANY else None)

    def _plan_retry(self, message: Message, made: int, now: datetime, retry_after: str | None) -> None:
        webhooks = self._sandbox.store.webhooks
        # Counted from when this attempt was due, so that a jump of the clock brings all retries it has passed.
        due_at = message.due_at + FIRST_RETRY_S * RETRY_FACTOR ** (made - 1)
        asked = None if retry_after is None else retry_after_s(retry_after, now)
        if asked is not None:
            due_at = now.timestamp() + min(asked, RETRY_AFTER_MOST_S)
        tried, rejected = webhooks.attempts_and_rejections(message.url, since=now.timestamp() - RETRIES_END_S)
        if tried >= REJECTED_OF_LEAST and rejected > REJECTED_SHARE_MOST * tried:
            note = "the address rejected more than 90 % of the last day's webhooks"
            webhooks.put_state(message.webhook_id, "given_up", due_at=due_at, note=note)
        elif due_at - message.created_at > RETRIES_END_S:
            webhooks.put_state(message.webhook_id, "given_up", due_at=due_at, note="not accepted within 24 hours")
        else:
            webhooks.put_state(message.webhook_id, "waiting", due_at=due_at)


def retry_after_s(text: str, now: datetime) -> float | None:
    """Return the wait that a `Retry-After` asks for: seconds, an HTTP date or an ISO time; `None` for anything else."""
    stripped = text.strip()
    if stripped.isdecimal():
        return float(stripped)
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            instant = parse(stripped)
        except ValueError:
            continue
        aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())
    return None
