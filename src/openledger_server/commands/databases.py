"""Which database a command works with: the embedded one of the data directory, or the one the settings name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from openledger_server.config import ConfigurationError, Settings, environment_name
from openledger_server.processes.embedded_postgres import EmbeddedPostgres
from openledger_server.processes.household import Household


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Connection URLs; they hold passwords."""

    owner: str = field(repr=False)
    """May change the schema."""
    app: str = field(repr=False)
    """For everything else."""


def prepare_data_directory(settings: Settings) -> None:
    """Make the data directory if it is missing.

    Raises:
        ConfigurationError: if it cannot be made, or cannot be written to.
    """
    try:
        # Others may pass through, for the user who runs PostgreSQL, but not look around.
        settings.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        is_usable = os.access(settings.data_dir, os.W_OK | os.X_OK)
    except OSError:
        is_usable = False
    if not is_usable:
        raise ConfigurationError(f"{environment_name('data_dir')}: {settings.data_dir} cannot be written to.")


def start_database(settings: Settings, household: Household) -> DatabaseUrls:
    """Make the database available for as long as the household lives.

    Raises:
        PostgresError: if the embedded one does not start.
    """
    if settings.database_url is not None:
        app = settings.database_url.get_secret_value()
        owner = settings.database_owner_url
        return DatabaseUrls(owner=app if owner is None else owner.get_secret_value(), app=app)
    server = EmbeddedPostgres(settings.data_dir, binaries_directory=settings.postgres_bin)
    household.add(server)
    facts = server.start()
    return DatabaseUrls(owner=facts.owner_dsn(), app=facts.app_dsn())


@contextmanager
def available_database(settings: Settings) -> Iterator[DatabaseUrls]:
    """Make the database available for the length of a block."""
    prepare_data_directory(settings)
    household = Household()
    try:
        yield start_database(settings, household)
    finally:
        household.stop()
