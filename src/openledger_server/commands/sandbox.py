"""`openledger sandbox`: the local Plaid alone, for people who integrate Plaid themselves."""

import os
import sys
from pathlib import Path
from typing import NoReturn


def run_sandbox(*, host: str, port: int, data_dir: Path) -> NoReturn:
    """Become the sandbox bank, which is a program of its own."""
    command = [sys.executable, "-m", "plaid_sandbox", "--host", host, "--port", str(port), "--data-dir", str(data_dir)]
    os.execv(command[0], command)  # noqa: S606  # ourselves, with arguments checked by the command line
