"""Every history of the sandbox bank: hledger's and beancount's statements of our journal equal ours to the cent."""

from datetime import date

import pytest

from openledger_server.reports.types import Period
from openledger_server.workflows.link_item import HISTORY_DAYS, link_item
from openledger_server.workflows.services import Services
from openledger_server.workflows.sync_item import sync_item
from tests.support.database import Database
from tests.support.entities import open_entity
from tests.support.round_trip import far_period, round_trip_differences
from tests.sync.conftest import TODAY


@pytest.mark.parametrize(
    "username", ["user_good", "user_studio", "user_freelancer", "user_cafe", "user_shop", "user_family"]
)
async def test_three_programs_find_the_same_statements(services: Services, database: Database, username: str) -> None:
    entity_id = await open_entity(services.pool, database)
    token = await services.feed.sandbox_public_token(
        institution_id="ins_109508", username=username, days_requested=HISTORY_DAYS
    )
    [item_id] = {row.item_id for row in await link_item(services, entity_id=entity_id, public_token=token)}
    await sync_item(services, entity_id=entity_id, item_id=item_id)
    last_year = Period(since=date(TODAY.year - 1, 1, 1), until=date(TODAY.year, 1, 1))
    for period in (far_period(), last_year):
        assert await round_trip_differences(services.pool, entity_id, period) == []
