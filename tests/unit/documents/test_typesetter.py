"""The processes that set PDFs: bounded in number and time, alive after any failure."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from openledger_server.documents.pdf import typesetter_input
from openledger_server.documents.typesetter import PdfTimeoutError, Typesetter, TypesetterBusyError, TypesettingError
from tests.support.statements import document, small_statement

DATA = typesetter_input(document(small_statement()))


@pytest.fixture
async def typesetter() -> AsyncIterator[Typesetter]:
    opened = Typesetter(at_once=1, waiting_max=2)
    yield opened
    await opened.close()


async def test_it_sets_one_after_the_other_in_one_process(typesetter: Typesetter) -> None:
    first, second = await typesetter.pdf(DATA), await typesetter.pdf(DATA)
    assert first.startswith(b"%PDF-")
    assert len(first) == len(second)


async def test_nonsense_fails_and_the_next_one_is_fine(typesetter: Typesetter) -> None:
    for data in (b"{}", b"no json", b"\xff\xfe"):
        with pytest.raises(TypesettingError):
            await typesetter.pdf(data)
    assert (await typesetter.pdf(DATA)).startswith(b"%PDF-")


async def test_too_many_at_once_are_refused(typesetter: Typesetter) -> None:
    outcomes = await asyncio.gather(*(typesetter.pdf(DATA) for _ in range(4)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [bytes, bytes, TypesetterBusyError, TypesetterBusyError]


async def test_one_that_takes_too_long_is_ended_and_the_next_one_is_fine() -> None:
    long = typesetter_input(document(small_statement(rows=5000)))
    typesetter = Typesetter(at_once=1, time_limit_s=0.05)
    with pytest.raises(PdfTimeoutError):
        await typesetter.pdf(long)
    patient = Typesetter(at_once=1)
    assert (await patient.pdf(DATA)).startswith(b"%PDF-")
    await typesetter.close()
    await patient.close()


async def test_whoever_gives_up_does_not_leave_an_answer_to_the_next_one(typesetter: Typesetter) -> None:
    asking = asyncio.create_task(typesetter.pdf(typesetter_input(document(small_statement(rows=2000)))))
    await asyncio.sleep(0.3)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    small = await typesetter.pdf(DATA)
    assert len(small) < 100_000


async def test_a_process_that_dies_is_replaced(typesetter: Typesetter) -> None:
    await typesetter.pdf(DATA)
    typesetter._idle[0]._process.kill()
    with pytest.raises(TypesettingError):
        await typesetter.pdf(DATA)
    assert (await typesetter.pdf(DATA)).startswith(b"%PDF-")
