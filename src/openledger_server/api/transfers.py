"""Transfers between own bank accounts that nobody is sure of: list what may belong together, confirm, reject."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from openledger_server.access.types import parse_id
from openledger_server.api import transaction_rows as rows_of
from openledger_server.api.auth import Acting, EntityScope
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.transactions import Transaction
from openledger_server.api.wire import Text, Wire, json_answer
from openledger_server.banking.types import BankTransactionId
from openledger_server.base import db
from openledger_server.base.paging import CursorError, checked_page_size, decode_cursor, encode_cursor
from openledger_server.categorization.pairing import store
from openledger_server.categorization.pairing.store import PossibleTransfer
from openledger_server.workflows import decide_transfers

router = APIRouter(prefix="/v1/transfers", tags=["Transfers"], responses=failures(400, 401, 404))

_OTHERS_SHOWN = 10
_CURSOR_KIND = "transfer"


class PossibleTransferModel(Wire):
    """A row of money out, and what may be its other side."""

    outflow: Transaction
    inflows: list[Transaction] = Field(description="Equal in amount, the nearest in time first; at most 10.")


class PossibleTransfers(Wire):
    """One page, newest first."""

    transfers: list[PossibleTransferModel]
    next_cursor: str | None
    has_more: bool


class PairRequest(Wire):
    """Two rows."""

    out_transaction_id: Text = Field(description="The row of money out.")
    in_transaction_id: Text = Field(description="The row of money in.")


class PairAnswer(Wire):
    """What was done, and both rows as they are now."""

    message: str
    outflow: Transaction
    inflow: Transaction


@router.get("/candidates", summary="List possible transfers", response_model=PossibleTransfers)
async def get_possible_transfers(
    context: Context,
    entity_id: EntityScope,
    cursor: Annotated[str | None, Query(description="`nextCursor` of the page before.")] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100; 50 if left out.")] = None,
) -> Response:
    """Return rows that may be two sides of one transfer, but are not alone in that or carry no sure sign of it."""
    size, after = checked_page_size(page_size), None if cursor is None else _position(cursor)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        found = await store.possible_transfers(
            conn, entity_id=entity_id, limit=size + 1, ins_max=_OTHERS_SHOWN, after=after
        )
        page, has_more = found[:size], len(found) > size
        rows = await _rows(conn, [number for one in page for number in (one.out_id, *one.in_ids)], entity_id)
    return json_answer(
        {
            "transfers": [
                {"outflow": rows[one.out_id], "inflows": [rows[number] for number in one.in_ids]} for one in page
            ],
            "nextCursor": _cursor(page[-1]) if has_more else None,
            "hasMore": has_more,
        }
    )


@router.post(
    "/confirm", summary="Confirm a transfer", response_model=PairAnswer, responses=failures(400, 401, 404, 409)
)
async def confirm_transfer(body: PairRequest, context: Context, entity_id: EntityScope, by: Acting) -> Response:
    """Book both rows as one transfer, which is neither income nor expense. Again: nothing changes."""
    out_id, in_id = _ids(body)
    await decide_transfers.confirm_transfer(context.services, entity_id=entity_id, out_id=out_id, in_id=in_id, by=by)
    return await _answer(context, body, "It is a transfer between your own accounts.", entity_id)


@router.post("/reject", summary="Reject a transfer", response_model=PairAnswer)
async def reject_transfer(body: PairRequest, context: Context, entity_id: EntityScope, by: Acting) -> Response:
    """Remember that these two are not one transfer: they are not paired or asked about again."""
    out_id, in_id = _ids(body)
    await decide_transfers.reject_transfer(context.services, entity_id=entity_id, out_id=out_id, in_id=in_id, by=by)
    return await _answer(context, body, "They are not one transfer.", entity_id)


def _ids(body: PairRequest) -> tuple[BankTransactionId, BankTransactionId]:
    return (
        BankTransactionId(parse_id(body.out_transaction_id) or 0),
        BankTransactionId(parse_id(body.in_transaction_id) or 0),
    )


async def _answer(context: Context, body: PairRequest, message: str, entity_id: int) -> Response:
    out_id, in_id = _ids(body)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        rows = await _rows(conn, [out_id, in_id], entity_id)
    return json_answer({"message": message, "outflow": rows[out_id], "inflow": rows[in_id]})


async def _rows(
    conn: db.ReadConnection, ids: list[BankTransactionId], entity_id: int
) -> Mapping[BankTransactionId, dict[str, Any]]:
    wanted = list(dict.fromkeys(ids))
    found = await rows_of.newest(conn, rows_of.Wanted(limit=len(wanted), ids=wanted), entity_id=entity_id)
    return {row.position.id: row.content for row in found}


def _cursor(last: PossibleTransfer) -> str:
    return encode_cursor(_CURSOR_KIND, last.dated.isoformat(), str(last.out_id))


def _position(cursor: str) -> tuple[date, int]:
    kind, dated, text = decode_cursor(cursor, parts=3)
    number = parse_id(text)
    try:
        day = date.fromisoformat(dated)
    except ValueError as exc:
        raise CursorError("The cursor is not one that this server gave out.") from exc
    if kind != _CURSOR_KIND or number is None:
        raise CursorError("The cursor is not one that this server gave out.")
    return day, number
