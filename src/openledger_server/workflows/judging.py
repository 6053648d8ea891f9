"""What judging needs to know about an entity: its chart, its wishes, and what its people decided before."""

from openledger_server.base.db import ReadConnection
from openledger_server.categorization import store as categorization
from openledger_server.categorization.learning import store as learning
from openledger_server.categorization.learning.learner import EntityLearner
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.rules import store as rules
from openledger_server.categorization.rules.types import RuleBook
from openledger_server.categorization.settings import store as settings
from openledger_server.categorization.types import SUGGESTION_FLOOR, Chart
from openledger_server.ledger import store as ledger


async def policy_of(conn: ReadConnection, *, entity_id: int) -> Policy:
    """Return how the entity wants its bank transactions judged."""
    floors = await settings.floors(conn, entity_id=entity_id)
    return Policy(
        rules=RuleBook(await rules.rules(conn, entity_id=entity_id)),
        learner=EntityLearner(await learning.choices(conn, entity_id=entity_id)),
        auto_post_floor=floors.auto_post,
        suggestion_floor=SUGGESTION_FLOOR if floors.suggest is None else floors.suggest,
    )


async def chart_of(conn: ReadConnection, *, entity_id: int) -> Chart:
    """Return the entity's chart with its own mapping of categories."""
    accounts = await ledger.ledger_accounts(conn, entity_id=entity_id)
    return categorization.chart_of(accounts, await settings.mapping(conn, entity_id=entity_id))
