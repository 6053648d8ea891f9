"""What judging needs to know about an entity: its wishes, and what its people decided before."""

from openledger_server.base.db import ReadConnection
from openledger_server.categorization.policy import Policy
from openledger_server.categorization.rules import store as rules
from openledger_server.categorization.rules.types import RuleBook


async def policy_of(conn: ReadConnection, *, entity_id: int) -> Policy:
    """Return how the entity wants its bank transactions judged."""
    return Policy(rules=RuleBook(await rules.rules(conn, entity_id=entity_id)))
