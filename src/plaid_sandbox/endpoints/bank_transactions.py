"""`/transactions/*`: the change log of an item, and its rows by date."""

from typing import Any

import orjson

from plaid_sandbox import cursor as cursors
from plaid_sandbox import item_history, items, refreshing
from plaid_sandbox.call import Answer, Call
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.item import Item, save
from plaid_sandbox.store import LogLine
from plaid_sandbox.wire_rows import EncodedRow, as_version_1, encoded

_COUNT_DEFAULT = 100
_NOW = "now"


def sync(call: Call) -> Answer:
    """Serve one page of what changed since the cursor."""
    item = _item_with_transactions(call)
    if not item.was_synced:
        item.was_synced = True
        save(call.sandbox, item)
    stream_ids, stream = _stream(call, item)
    text = call.body.get("cursor", "")
    at = cursors.start(item.item_id, stream)
    if text != _NOW:
        at = cursors.decode(text, item_id=item.item_id, stream=stream)
    head = item_history.published_head(call.sandbox, item)
    status = item_history.update_status(call.sandbox, item)
    if head is None:
        return _sync_answer(call, accounts=[], page=[], base=0, next_cursor="", has_more=False, status=status)
    if at.is_in_loop and at.head != head:
        raise PlaidError("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
    if text == _NOW:
        end = cursors.Cursor(item_id=item.item_id, stream=stream, base=head, position=head, head=head)
        return _sync_answer(
            call, accounts=[], page=[], base=head, next_cursor=cursors.encode(end), has_more=False, status=status
        )
    count = call.body.get("count", _COUNT_DEFAULT)
    page = call.sandbox.store.page(
        item.ordinal, base=at.base, after=at.position, head=head, limit=count + 1, account_ids=stream_ids
    )
    has_more = len(page) > count
    page = page[:count]
    # A loop that is over leaves a cursor whose next loop begins at the head.
    position, base, pages = (page[-1].position, at.base, at.pages + 1) if has_more else (head, head, 0)
    following = cursors.Cursor(
        item_id=item.item_id, stream=stream, base=base, position=position, head=head, pages=pages
    )
    touched = {line.account_id for line in page}
    accounts = [a for a in items.account_objects(call.sandbox, item) if a["account_id"] in touched]
    return _sync_answer(
        call,
        accounts=accounts,
        page=page,
        base=at.base,
        next_cursor=cursors.encode(following),
        has_more=has_more,
        status=status,
    )


def _item_with_transactions(call: Call) -> Item:
    """Return the call's item; the first call of a Transactions endpoint adds the product if Link did not."""
    item = items.healthy_item(call.sandbox, call.access_token)
    if item.initial_at is None:
        item_history.begin_transactions(call.sandbox, item, days_requested=call.options.get("days_requested"))
    return item


def _stream(call: Call, item: Item) -> tuple[list[str], str]:
    """Return the bank accounts of the stream that is asked for, and its name."""
    stream_ids = items.streaming_ids(call.sandbox, item)
    account_id = call.options.get("account_id")
    if account_id is None:
        return stream_ids, ""
    if account_id not in stream_ids:
        raise PlaidError("INVALID_ACCOUNT_ID")
    return [account_id], account_id


def _sync_answer(
    call: Call,
    *,
    accounts: list[dict[str, Any]],
    page: list[LogLine],
    base: int,
    next_cursor: str,
    has_more: bool,
    status: str,
) -> bytes:
    upserts = [line for line in page if line.kind == "upsert"]
    removed = [
        {"account_id": line.account_id, "transaction_id": line.transaction_id} for line in page if line.kind == "remove"
    ]
    rest = {
        "has_more": has_more,
        "next_cursor": next_cursor,
        "removed": removed,
        "request_id": call.request_id,
        "transactions_update_status": status,
    }
    return b"".join(
        (
            b'{"accounts":',
            orjson.dumps(accounts),
            b',"added":',
            _rows(call, [line for line in upserts if line.first_position > base]),
            b',"modified":',
            _rows(call, [line for line in upserts if line.first_position <= base]),
            b",",
            orjson.dumps(rest)[1:],
        )
    )


def _rows(call: Call, lines: list[LogLine]) -> bytes:
    """Return a JSON array of stored rows as the options want them."""
    texts = [(line.original, line.rest) for line in lines]
    if call.options.get("personal_finance_category_version") == "v1":
        texts = [_version_1(*text) for text in texts]
    if call.options.get("include_original_description"):
        joined = b",".join([b'{"original_description":' + original + b"," + rest for original, rest in texts])
    else:
        joined = b",".join([b'{"original_description":null,' + rest for _, rest in texts])
    return b"[" + joined + b"]"


def _version_1(original: bytes, rest: bytes) -> tuple[bytes, bytes]:
    row = encoded(as_version_1(EncodedRow(original, rest).decoded()))
    return row.original, row.rest


def get(call: Call) -> Answer:
    """Serve the live rows of a span of days, newest first."""
    item = _item_with_transactions(call)
    head = item_history.published_head(call.sandbox, item)
    if head is None:
        raise PlaidError("PRODUCT_NOT_READY")
    first, last = call.body["start_date"], call.body["end_date"]
    if first > last:
        raise PlaidError("INVALID_FIELD", "start_date must not be after end_date")
    account_ids = call.options.get("account_ids")
    accounts = items.account_objects(call.sandbox, item, account_ids)
    wanted = {account["account_id"] for account in accounts}
    total, lines = call.sandbox.store.rows_between(
        item.ordinal,
        head=head,
        first=first,
        last=last,
        account_ids=[account_id for account_id in items.streaming_ids(call.sandbox, item) if account_id in wanted],
        limit=call.options.get("count", _COUNT_DEFAULT),
        offset=call.options.get("offset", 0),
    )
    rest = {"item": items.item_object(item), "total_transactions": total, "request_id": call.request_id}
    return b"".join(
        (
            b'{"accounts":',
            orjson.dumps(accounts),
            b',"transactions":',
            _rows(call, lines),
            b",",
            orjson.dumps(rest)[1:],
        )
    )


def refresh(call: Call) -> Answer:
    """Ask the bank for news; what it brings shows up in a later sync, and webhooks tell of it."""
    refreshing.refresh(call.sandbox, _item_with_transactions(call))
    return {}
