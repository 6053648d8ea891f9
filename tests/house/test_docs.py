"""Every setting and command is described where people look for it."""

import re
from pathlib import Path

import pytest
import typer

from openledger_server.cli import app
from openledger_server.config import Settings, environment_name

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_described(field: str) -> None:
    assert f"| `{environment_name(field)}` |" in CONFIGURATION


def test_no_setting_is_described_that_does_not_exist() -> None:
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", CONFIGURATION, re.MULTILINE))
    assert described == {environment_name(field) for field in Settings.model_fields}


def test_every_command_says_what_it_does() -> None:
    group = typer.main.get_group(app)
    assert {name for name, command in group.commands.items() if not command.help} == set()
