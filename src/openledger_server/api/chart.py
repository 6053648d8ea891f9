"""Shaping the chart of accounts: change, archive, merge, exchange as CSV, templates."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field, StringConstraints

from openledger_server.api.auth import Acting, Caller, EntityScope
from openledger_server.api.categories import CODE_MAX, Category, category_body
from openledger_server.api.context import ApiContext, Context
from openledger_server.api.dry_run import DryRun
from openledger_server.api.entry_bodies import AccountRef, Description, ledger_account_id
from openledger_server.api.errors import failures
from openledger_server.api.wire import Name, Wire
from openledger_server.banking import store as banking
from openledger_server.base import db
from openledger_server.ledger import store as ledger
from openledger_server.ledger.accounts.interchange import exported
from openledger_server.ledger.chart import ChartTemplate, template
from openledger_server.ledger.types import LedgerAccount, LedgerAccountType
from openledger_server.workflows import change_chart as changing
from openledger_server.workflows.import_chart import import_chart
from openledger_server.workflows.manual_entries import Desk
from openledger_server.workflows.merge_accounts import merge_accounts

router = APIRouter(tags=["Chart of accounts"], responses=failures(400, 401, 404, 409))

_CSV_LENGTH_MAX = 900_000


class CategoryChange(Wire):
    """What is to be different about an account; what is left out stays. Its id and type stay for ever."""

    name: Name | None = None
    account_code: Annotated[int, Field(ge=1, le=CODE_MAX)] | None = None
    financial_type: Name | None = Field(default=None, description="Under which heading reports show it.")
    description: Description | None = None
    parent_account_id: AccountRef | None = Field(default=None, description='The account it is part of; "" for none.')


class CategoryAnswer(Wire):
    """The account as it is now."""

    category: Category


class MergeRequest(Wire):
    """Which account takes over."""

    into_category_id: AccountRef


class MergeAnswer(Wire):
    """What a merge moved."""

    category: Category = Field(description="The account that became part of the other; archived.")
    bank_transactions: int
    entries: int
    rules: int
    transfers: int = Field(description="Entries that moved what was left, the balance of closed periods above all.")
    dry_run: bool


class TemplateAccountBody(Wire):
    """An account of a template."""

    code: int
    name: str
    type: LedgerAccountType
    financial_type: str
    parent_code: int | None


class TemplateBody(Wire):
    """A chart to start with."""

    name: ChartTemplate
    description: str
    accounts: list[TemplateAccountBody]


class Templates(Wire):
    """The charts to start with."""

    templates: list[TemplateBody]


def _csv_text(text: str) -> str:
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("not text")
    return text


class ImportRequest(Wire):
    """A chart as CSV: number, name, type, and if wanted subtype, parent, description, archived."""

    csv: Annotated[str, StringConstraints(max_length=_CSV_LENGTH_MAX), AfterValidator(_csv_text)]


class ImportAnswer(Wire):
    """What a file changed; all of it or nothing."""

    added: int
    changed: int
    unchanged: int
    archived: int
    dry_run: bool


_TEMPLATE_WORDS = {
    ChartTemplate.GENERAL: "Small businesses of any kind",
    ChartTemplate.FREELANCER: "One person who sells time",
    ChartTemplate.ECOMMERCE: "Selling goods online",
    ChartTemplate.NONPROFIT: "Donations, grants and net assets",
}


@router.get("/v1/chart/templates", summary="List the charts to start with")
async def get_chart_templates(claims: Caller) -> Templates:  # noqa: ARG001 - only those with a token may ask
    """Return the templates that `chartTemplate` chooses from when an entity is created."""
    return Templates(
        templates=[
            TemplateBody(
                name=name,
                description=_TEMPLATE_WORDS[name],
                accounts=[
                    TemplateAccountBody(
                        code=row.code,
                        name=row.name,
                        type=row.type,
                        financial_type=row.subtype,
                        parent_code=row.parent_code,
                    )
                    for row in template(name)
                ],
            )
            for name in ChartTemplate
        ]
    )


@router.get(
    "/v1/chart/export",
    summary="Export the chart as CSV",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_chart(context: Context, entity_id: EntityScope) -> Response:
    """Return the whole chart with its archived accounts: what POST /v1/chart/import takes."""
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        chart = await ledger.ledger_accounts(conn, entity_id=entity_id)
    headers = {"Content-Disposition": 'attachment; filename="chart-of-accounts.csv"'}
    return Response(exported(chart), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/v1/chart/import", summary="Import a chart from CSV")
async def import_chart_file(
    body: ImportRequest, context: Context, by: Acting, entity_id: EntityScope, dry_run: DryRun
) -> ImportAnswer:
    """Add the accounts of a file, and change those whose number is there. Accounts it does not name stay as they are.

    All or nothing; the same file again changes nothing.
    """
    desk = Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run)
    done = await import_chart(context.services, body.csv, desk=desk)
    return ImportAnswer(
        added=done.added, changed=done.changed, unchanged=done.unchanged, archived=done.archived, dry_run=dry_run
    )


@router.put("/v1/categories/{category_id}", summary="Change a category")
async def change_category(
    category_id: str, body: CategoryChange, context: Context, by: Acting, entity_id: EntityScope
) -> CategoryAnswer:
    """Rename, renumber or arrange an account. Everything that names it follows."""
    parent = body.parent_account_id
    change = changing.AccountChange(
        name=body.name,
        code=body.account_code,
        subtype=body.financial_type,
        description=body.description,
        parent_id=ledger_account_id(parent) if parent else None,
        is_top_level=parent == "",
    )
    account = await changing.change_account(
        context.services,
        change,
        desk=Desk(entity_id=entity_id, by=by),
        ledger_account_id=ledger_account_id(category_id),
    )
    return await _answer(context, account, entity_id)


@router.post("/v1/categories/{category_id}/archive", summary="Archive a category")
async def archive_category(category_id: str, context: Context, by: Acting, entity_id: EntityScope) -> CategoryAnswer:
    """Let nothing new be booked to an account. What was booked stays, and so does what was decided before."""
    account = await changing.archive_account(
        context.services, desk=Desk(entity_id=entity_id, by=by), ledger_account_id=ledger_account_id(category_id)
    )
    return await _answer(context, account, entity_id)


@router.delete("/v1/categories/{category_id}/archive", summary="Take a category back into use")
async def reopen_category(category_id: str, context: Context, by: Acting, entity_id: EntityScope) -> CategoryAnswer:
    """Let an archived account be chosen again."""
    account = await changing.reopen_account(
        context.services, desk=Desk(entity_id=entity_id, by=by), ledger_account_id=ledger_account_id(category_id)
    )
    return await _answer(context, account, entity_id)


@router.post("/v1/categories/{category_id}/merge", summary="Merge a category into another")
async def merge_category(
    category_id: str, body: MergeRequest, context: Context, by: Acting, entity_id: EntityScope, dry_run: DryRun
) -> MergeAnswer:
    """Book all that was booked to this account to another one, entry by entry, and archive it.

    Categories, splits, rules and what was learned follow. Closed periods stay as they were reported.
    """
    merged = await merge_accounts(
        context.services,
        desk=Desk(entity_id=entity_id, by=by, is_rehearsal=dry_run),
        source_id=ledger_account_id(category_id),
        target_id=ledger_account_id(body.into_category_id),
    )
    return MergeAnswer(
        category=category_body(merged.account, entity_id, is_fed=False),
        bank_transactions=merged.bank_transactions,
        entries=merged.entries,
        rules=merged.rules,
        transfers=merged.transfers,
        dry_run=dry_run,
    )


async def _answer(context: ApiContext, account: LedgerAccount, entity_id: int) -> CategoryAnswer:
    async with db.read_entity(context.services.pool, entity_id=entity_id) as conn:
        fed = {row.ledger_account_id for row in await banking.bank_accounts(conn, entity_id=entity_id)}
    return CategoryAnswer(category=category_body(account, entity_id, is_fed=int(account.id) in fed))
