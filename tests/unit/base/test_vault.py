import pytest

from openledger_server.base.vault import KEY_BYTES, Sealed, Vault, VaultError, fingerprint, is_same

OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES


def test_a_sealed_secret_opens_in_its_own_context_only() -> None:
    vault = Vault({"new": NEW}, "new")
    sealed = vault.seal("access-sandbox-1", context="entity 1")
    assert b"access-sandbox-1" not in sealed.ciphertext
    assert vault.open(sealed, context="entity 1") == "access-sandbox-1"
    with pytest.raises(VaultError):
        vault.open(sealed, context="entity 2")


def test_a_changed_ciphertext_does_not_open() -> None:
    vault = Vault({"new": NEW}, "new")
    sealed = vault.seal("secret", context="c")
    with pytest.raises(VaultError):
        vault.open(Sealed(sealed.key_id, sealed.ciphertext[:-1] + bytes([sealed.ciphertext[-1] ^ 1])), context="c")


def test_old_secrets_open_after_the_keys_rotated() -> None:
    sealed = Vault({"old": OLD}, "old").seal("secret", context="c")
    rotated = Vault({"old": OLD, "new": NEW}, "new")
    assert rotated.open(sealed, context="c") == "secret"
    assert rotated.seal("secret", context="c").key_id == "new"
    with pytest.raises(VaultError):
        Vault({"new": NEW}, "new").open(sealed, context="c")


def test_a_vault_needs_its_current_key_and_keys_of_32_bytes() -> None:
    with pytest.raises(VaultError):
        Vault({"old": OLD}, "new")
    with pytest.raises(VaultError):
        Vault({"short": b"x"}, "short")


def test_the_keys_never_show_in_a_representation() -> None:
    assert "nnn" not in repr(Vault({"new": NEW}, "new"))


def test_fingerprints_tell_secrets_apart() -> None:
    assert is_same(fingerprint("a"), fingerprint("a"))
    assert not is_same(fingerprint("a"), fingerprint("b"))
