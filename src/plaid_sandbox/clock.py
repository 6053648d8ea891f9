"""The sandbox's clock: real time plus an offset that tests move."""

from datetime import UTC, date, datetime, timedelta


class Clock:
    """A clock that runs with real time, `offset_s` seconds ahead of it."""

    def __init__(self, offset_s: float = 0.0) -> None:
        self.offset_s = offset_s

    def now(self) -> datetime:
        """Return the sandbox's present instant, UTC-aware."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_s)

    def today(self) -> date:
        """Return the sandbox's present day in UTC."""
        return self.now().date()

    def advance(self, seconds: float) -> None:
        """Move the clock; negative moves it back."""
        self.offset_s += seconds


def iso(instant: datetime) -> str:
    """Return the instant as Plaid writes it: UTC, seconds, `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
