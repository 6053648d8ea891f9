"""How an entity wants its bank transactions judged: its rules, and from how sure on a machine's choice is booked."""

from dataclasses import dataclass, field

from openledger_server.categorization.learning.learner import EntityLearner
from openledger_server.categorization.rules.types import RuleBook
from openledger_server.categorization.types import (
    BOOKING_FLOOR,
    BOOKING_FLOOR_MEMORY,
    BOOKING_FLOOR_MODEL,
    SUGGESTION_FLOOR,
    DecidedBy,
    Guess,
)

_FLOORS = {DecidedBy.MEMORY: BOOKING_FLOOR_MEMORY, DecidedBy.MODEL: BOOKING_FLOOR_MODEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One entity's wishes; as it stands, those of an entity that has none."""

    rules: RuleBook = field(default_factory=RuleBook)
    learner: EntityLearner = field(default_factory=lambda: EntityLearner(()))
    auto_post_floor: float | None = None
    """From this confidence on any machine's choice is booked; None: the floors that were measured for each."""
    suggestion_floor: float = SUGGESTION_FLOOR

    def booking_floor(self, guess: Guess) -> float:
        """Return from which confidence on a guess like this is booked without anybody's look."""
        if self.auto_post_floor is not None:
            return self.auto_post_floor
        return _FLOORS.get(guess.decided_by, BOOKING_FLOOR) if guess.floor is None else guess.floor
