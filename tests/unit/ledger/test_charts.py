"""The charts to start with, and charts as files."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openledger_server.categorization.provider_categories import provider_categories
from openledger_server.ledger.accounts.interchange import ROWS_MAX, exported, imported
from openledger_server.ledger.accounts.types import DEPTH_MAX, AccountParentError, ChartFileError, check_parent
from openledger_server.ledger.chart import BANK_CODES, CARD_CODES, LOAN_CODES, ChartTemplate, TemplateAccount, template
from openledger_server.ledger.types import LedgerAccount, LedgerAccountId, LedgerAccountType, SystemRole

AT = datetime(2026, 1, 1, tzinfo=UTC)
OWNERS = {3100, 3200}


def account(number: int, *, parent: int | None = None, name: str | None = None, **given_: object) -> LedgerAccount:
    usual: dict[str, object] = {"type": LedgerAccountType.EXPENSE, "subtype": "Expense"}
    return LedgerAccount(
        id=LedgerAccountId(number),
        code=number,
        name=name or f"Account {number}",
        parent_id=None if parent is None else LedgerAccountId(parent),
        system_role=None,
        currency=None,
        created_at=AT,
        updated_at=AT,
        **(usual | given_),  # type: ignore[arg-type] # a test's own few fields
    )


@pytest.mark.parametrize("name", list(ChartTemplate))
def test_a_template_is_a_whole_chart(name: ChartTemplate) -> None:
    rows = template(name)
    by_code = {row.code: row for row in rows}
    assert len(by_code) == len(rows) == len({row.name for row in rows})
    when_needed = {SystemRole.CURRENCY_EXCHANGE, SystemRole.EXCHANGE_GAIN_LOSS}
    assert {row.system_role for row in rows} - {None} == set(SystemRole) - when_needed
    assert {row.type for row in rows} == set(LedgerAccountType)
    assert not [row for row in rows if row.code in {*BANK_CODES, *CARD_CODES, *LOAN_CODES}]
    for row in rows:
        assert row.parent_code is None or by_code[row.parent_code].type is row.type
        assert row.code // 1000 in {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize("name", list(ChartTemplate))
def test_bank_data_find_an_account_in_each_template(name: ChartTemplate) -> None:
    """Every category of the bank data has one account; a charity has no owner, and cards bring their own accounts."""
    stands_for = [code for row in template(name) for code in row.standard_codes]
    assert len(stands_for) == len(set(stands_for))
    wanted = {category.account_code for category in provider_categories().values()} - {2100}
    assert wanted - set(stands_for) <= (OWNERS if name is ChartTemplate.NONPROFIT else set())


def test_the_templates_differ() -> None:
    names = {name: {row.name for row in template(name)} for name in ChartTemplate}
    assert "Pledges Receivable" in names[ChartTemplate.NONPROFIT] - names[ChartTemplate.GENERAL]
    assert "Inventory in Transit" in names[ChartTemplate.ECOMMERCE] - names[ChartTemplate.GENERAL]
    assert "Payroll" in names[ChartTemplate.GENERAL] - names[ChartTemplate.FREELANCER]


def test_a_parent_must_fit() -> None:
    chart = {row.id: row for row in (account(1), account(2, parent=1), account(3, parent=2))}
    check_parent(account(4), chart[LedgerAccountId(3)], chart)
    with pytest.raises(AccountParentError, match="below itself"):
        check_parent(chart[LedgerAccountId(1)], chart[LedgerAccountId(3)], chart)
    with pytest.raises(AccountParentError, match="of type"):
        check_parent(account(4, type=LedgerAccountType.ASSET), chart[LedgerAccountId(3)], chart)
    with pytest.raises(AccountParentError, match="archived"):
        check_parent(account(4), account(5, archived_at=AT), chart)


def test_a_chart_is_at_most_so_deep() -> None:
    chain = [account(number, parent=number - 1 if number > 1 else None) for number in range(1, DEPTH_MAX + 1)]
    chart = {row.id: row for row in chain}
    with pytest.raises(AccountParentError, match="levels"):
        check_parent(account(99), chain[-1], chart)
    check_parent(account(99), chain[-2], chart)
    with pytest.raises(AccountParentError, match="levels"):
        check_parent(chain[0], account(98), {**chart, LedgerAccountId(98): account(98)})


def is_name(text: str) -> bool:
    return text.isprintable() and text.strip() == text


NAMES = st.text(st.characters(categories=["L", "N", "P", "Zs"], include_characters="=+-@'\""), min_size=1, max_size=40)


@given(st.dictionaries(st.integers(1, 999_999), NAMES.filter(is_name), min_size=1))
def test_what_is_exported_is_imported_again(names: dict[int, str]) -> None:
    chart = [account(number, name=name, description=name) for number, name in sorted(names.items())]
    rows = imported(exported(chart))
    assert [(row.code, row.name, row.description, row.parent_code, row.is_archived) for row in rows] == [
        (one.code, one.name, one.description, None, False) for one in chart
    ]


def test_spreadsheets_see_no_formula() -> None:
    file = exported([account(6000, name="=HYPERLINK(1)", description="+1")])
    assert file.splitlines()[1] == "6000,'=HYPERLINK(1),EXPENSE,Expense,,'+1,"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "number,name,type",
        "name,type\nTravel,EXPENSE",
        "number,name,type\nx,Travel,EXPENSE",
        "number,name,type\n0,Travel,EXPENSE",
        "number,name,type\n1000000,Travel,EXPENSE",
        "number,name,type\n²,Travel,EXPENSE",
        "number,name,type\n1,,EXPENSE",
        "number,name,type\n1,Travel,MONEY",
        "number,name,type\n1,Travel,EXPENSE\n1,Meals,EXPENSE",
        "number,name,type,parent\n1,Travel,EXPENSE,none",
        f"number,name,type\n1,{'x' * 256},EXPENSE",
        "number,name,type\n1,Tra\x07vel,EXPENSE",
        "number,name,type\n" + "\n".join(f"{n},{n},EXPENSE" for n in range(1, ROWS_MAX + 2)),
        'number,name,type\n1,"' + "x" * 200_000 + '",EXPENSE',
    ],
)
def test_bad_files_are_refused(text: str) -> None:
    with pytest.raises(ChartFileError):
        imported(text)


@given(st.text(alphabet=string.printable, max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rows = imported(f"number,name,type\n{text}")
    except ChartFileError:
        return
    assert rows


def test_a_template_account_says_what_it_stands_for() -> None:
    found: dict[int, TemplateAccount] = {row.code: row for row in template(ChartTemplate.FREELANCER)}
    assert found[6400].standard_codes == (6400, 6420)
    assert found[6350].standard_codes == (6350,)
    assert {row.code: row for row in template(ChartTemplate.NONPROFIT)}[4200].standard_codes == ()
