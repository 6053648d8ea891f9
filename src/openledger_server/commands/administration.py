"""`openledger migrate` and `openledger developer create`."""

from openledger_server.access.developers import create_developer
from openledger_server.base.migrate import migrate
from openledger_server.commands.databases import available_database
from openledger_server.commands.output import people, print_json, print_line, told_plainly
from openledger_server.config import Settings


def migrate_database(settings: Settings, *, as_json: bool) -> None:
    """Apply the migrations that the database lacks, and say which."""
    with told_plainly(), available_database(settings) as urls:
        applied = migrate(urls.owner)
    if as_json:
        print_json({"applied": applied})
    else:
        print_line("\n".join(applied) if applied else "The schema is up to date.")


def make_developer(settings: Settings, name: str, *, as_json: bool) -> None:
    """Make a developer and show the id and the API key, the only time the key can be seen."""
    with told_plainly(), available_database(settings) as urls:
        migrate(urls.owner)
        made = create_developer(urls.owner, name=name)
    if as_json:
        print_json({"developer_id": made.developer_id, "api_key": made.api_key})
        return
    print_line(f"developer id  {made.developer_id}\nAPI key       {made.api_key}")
    people.print("Keep the key now: only its hash is stored, and it is never shown again.")
