"""Audits of a connection: our rows and balances compared with the bank's own, once a day."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from openledger_server.api.auth import EntityScope
from openledger_server.api.connections import ConnectionScope, Done, item_id_of, position_of
from openledger_server.api.context import Context
from openledger_server.api.errors import failures
from openledger_server.api.wire import Wire, minor_text
from openledger_server.banking import store as banking
from openledger_server.banking.audits import store as auditing
from openledger_server.banking.audits.store import DIFFERENCES_MAX, AuditRow
from openledger_server.base import db
from openledger_server.base.paging import checked_page_size, encode_cursor
from openledger_server.workflows.audit_item import request_audit

router = APIRouter(prefix="/v1/banks/connections", tags=["Connections"], responses=failures(400, 401, 404))

_CURSOR_KIND = "a"


class AuditedTransaction(Wire):
    """A bank transaction as one of the two sides has it. `amount`: positive = money into the account."""

    provider_transaction_id: str
    date: date
    amount: str
    currency: str
    is_pending: bool


class AuditDifference(Wire):
    """A row on which we and the bank do not agree."""

    kind: Literal["missing_here", "missing_there", "differs"]
    here: AuditedTransaction | None
    there: AuditedTransaction | None


class AuditedAccount(Wire):
    """One bank account's balances, the bank's view: what a credit card owes is positive."""

    bank_account_id: str
    currency: str
    reported_balance: str | None
    ledger_balance: str
    difference: str | None


class Audit(Wire):
    """One comparison with the bank. Both days belong to it."""

    id: str
    started_at: datetime
    finished_at: datetime
    first_day: date
    last_day: date
    is_clean: bool
    transactions_here: int
    transactions_there: int
    missing_here: int
    missing_there: int
    differing: int
    balances_differing: int
    reads_again: bool = Field(description="The whole history is read again because of it; the next audit shows more.")
    differences: list[AuditDifference] = Field(description=f"The first {DIFFERENCES_MAX}.")
    accounts: list[AuditedAccount]


class Audits(Wire):
    """One page of a connection's audits, newest first."""

    audits: list[Audit]
    next_cursor: str | None
    has_more: bool


@router.get("/{connection_id}/audits", summary="List a connection's audits")
async def list_connection_audits(
    context: Context,
    entity_id: EntityScope,
    connection_id: ConnectionScope,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    page_size: Annotated[int | None, Query(alias="pageSize", description="1 to 100.")] = None,
) -> Audits:
    """Return what the daily comparisons with the bank found, newest first."""
    item_id, size = item_id_of(connection_id), checked_page_size(page_size)
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        await banking.item(conn, entity_id=entity_id, item_id=item_id)
        found = await auditing.audits(
            conn, entity_id=entity_id, item_id=item_id, before_id=position_of(cursor, kind=_CURSOR_KIND), limit=size + 1
        )
    page, has_more = found[:size], len(found) > size
    return Audits(
        audits=[_audit(row) for row in page],
        next_cursor=encode_cursor(_CURSOR_KIND, str(page[-1].id)) if has_more else None,
        has_more=has_more,
    )


@router.post("/{connection_id}/audits", summary="Compare with the bank now", responses=failures(409))
async def audit_connection(context: Context, entity_id: EntityScope, connection_id: ConnectionScope) -> Done:
    """Queue a comparison of the last 60 days with the bank. It also happens by itself, once a day."""
    await request_audit(context.services, entity_id=entity_id, item_id=item_id_of(connection_id))
    return Done(success=True, message="The comparison with the bank is queued.")


def _audit(row: AuditRow) -> Audit:
    return Audit(
        id=str(row.id),
        started_at=row.started_at,
        finished_at=row.finished_at,
        first_day=row.first_day,
        last_day=row.last_day,
        is_clean=row.is_clean,
        transactions_here=row.rows_here,
        transactions_there=row.rows_there,
        missing_here=row.missing_here,
        missing_there=row.missing_there,
        differing=row.differing,
        balances_differing=row.balances_differing,
        reads_again=row.reads_again,
        differences=[
            AuditDifference(kind=one["kind"], here=_side(one["here"]), there=_side(one["there"]))
            for one in row.differences
        ],
        accounts=[_account(one) for one in row.balances],
    )


def _side(row: dict[str, Any] | None) -> AuditedTransaction | None:
    if row is None:
        return None
    return AuditedTransaction(
        provider_transaction_id=row["provider_transaction_id"],
        date=date.fromisoformat(row["dated"]),
        amount=row["amount"],
        currency=row["currency"],
        is_pending=row["is_pending"],
    )


def _account(one: dict[str, Any]) -> AuditedAccount:
    currency, reported, ledger = one["currency"], one["reported_minor"], one["ledger_minor"]
    return AuditedAccount(
        bank_account_id=one["bank_account_id"],
        currency=currency,
        reported_balance=None if reported is None else minor_text(reported, currency),
        ledger_balance=minor_text(ledger, currency),
        difference=None if reported is None else minor_text(reported - ledger, currency),
    )
