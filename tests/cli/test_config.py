import base64
import secrets
from pathlib import Path

import pytest

from openledger_server.config import (
    ConfigurationError,
    Settings,
    bare_environment,
    child_environment,
    environment_name,
    load_settings,
)
from openledger_server.keyrings import load_key_ring


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(environment_name(field), raising=False)


def a_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.mark.parametrize(
    "environment",
    [
        {"PLAID_ENV": "production"},
        {"PLAID_ENV": "production", "PLAID_CLIENT_ID": "c", "PLAID_SECRET": "s3cret"},
        {"PLAID_SECRET": "s3cret"},
        {"PLAID_HOST": "https://plaid.example"},
    ],
)
def test_sandbox_beside_keys_that_may_be_live_is_refused(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match="the sandbox is on while") as caught:
        load_settings(sandbox=True)
    assert "s3cret" not in str(caught.value)
    load_settings(sandbox=False)


def test_sandbox_beside_keys_of_plaids_own_sandbox_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAID_ENV", "sandbox")
    monkeypatch.setenv("PLAID_SECRET", "s3cret")
    assert load_settings(sandbox=True).plaid_keys == ("sandbox-client-id", "sandbox-secret")


def test_command_line_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLEDGER_PORT", "9000")
    assert load_settings(port=None).port == 9000
    assert load_settings(port=9001).port == 9001


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLEDGER_DATABASE_URL", "")
    monkeypatch.setenv("OPENLEDGER_PORT", "")
    settings = load_settings()
    assert settings.database_url is None
    assert settings.port == 8080


def test_all_wrong_settings_are_named_and_none_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLEDGER_PORT", "70000")
    monkeypatch.setenv("OPENLEDGER_PUBLIC_URL", "ftp://user:pw@x")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "OPENLEDGER_PORT" in str(caught.value)
    assert "OPENLEDGER_PUBLIC_URL: must start with http" in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "https://sandbox.plaid.com"),
        ({"PLAID_ENV": "production"}, "https://production.plaid.com"),
        ({"PLAID_ENV": "production", "PLAID_HOST": "https://proxy.example/"}, "https://proxy.example"),
    ],
)
def test_address_of_plaid(environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings().plaid_base_url == expected


def test_child_gets_exactly_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENLEDGER_PORT", "9000")
    monkeypatch.setenv("OPENLEDGER_WEB_DIR", "/stale")
    settings = load_settings(
        data_dir=tmp_path, sandbox=True, web_dir=None, cors_origins=("https://a.example", "https://b.example")
    ).model_copy(update={"port": 1, "web_dir": None, "plaid_url": "http://127.0.0.1:5"})
    for name, value in child_environment(settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("OPENLEDGER_WEB_DIR")
    assert "OPENLEDGER_WEB_DIR" not in child_environment(settings)
    assert load_settings() == settings


def test_strangers_get_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLEDGER_ENCRYPTION_KEY", a_key())
    monkeypatch.setenv("PLAID_SECRET", "s3cret")
    left = bare_environment()
    assert "PATH" in left
    assert not any(name.startswith(("OPENLEDGER_", "PLAID_")) for name in left)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAID_SECRET", "s3cret")
    monkeypatch.setenv("OPENLEDGER_DATABASE_URL", "postgresql://u:hidden@h/d")
    shown = repr(load_settings()) + str(load_settings())
    assert "s3cret" not in shown
    assert "hidden" not in shown


def test_key_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "encryption.json"
    ring = load_key_ring(file, given=None, name="K")
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_key_ring(file, given=None, name="K") == ring
    assert [path.name for path in file.parent.iterdir()] == ["encryption.json"]
    assert ring.keys[ring.current_key_id].hex() not in repr(ring)


def test_given_keys_come_first_and_rotate(tmp_path: Path) -> None:
    old, new = a_key(), a_key()
    before = load_key_ring(tmp_path / "none", given=old, name="K")
    after = load_key_ring(tmp_path / "none", given=f"{new}, {old}", name="K")
    assert after.current_key_id != before.current_key_id
    assert after.keys[before.current_key_id] == base64.b64decode(old)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("given", ["not base64!", base64.b64encode(b"short").decode(), ""])
def test_unusable_key_is_told_without_showing_it(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigurationError, match="OPENLEDGER_ENCRYPTION_KEY") as caught:
        load_key_ring(tmp_path / "none", given=given, name="OPENLEDGER_ENCRYPTION_KEY")
    assert not given or given not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", '{"current": "a", "keys": {}}', '{"current": "a", "keys": {"a": "AA=="}}'])
def test_damaged_key_file_is_told_and_kept(tmp_path: Path, text: str) -> None:
    file = tmp_path / "encryption.json"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match="Restore it from a backup"):
        load_key_ring(file, given=None, name="K")
    assert file.read_text() == text
