"""Write the API's OpenAPI description to a file; no database is needed.

Usage: .venv/bin/python scripts/openapi.py FILE; `make api` also takes the types of the React package over.
"""

import json
import sys
from pathlib import Path
from typing import cast

from openledger_server.api.app import ApiSettings, create_app
from openledger_server.workflows.services import Services

_UNUSED = "unused"


def main() -> None:
    """Write the description of all routes that a server with real banks has."""
    # Routes are declared before any service is used.
    app = create_app(cast("Services", None), ApiSettings(token_keys={_UNUSED: bytes(32)}, token_key_id=_UNUSED))
    Path(sys.argv[1]).write_text(json.dumps(app.openapi(), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
