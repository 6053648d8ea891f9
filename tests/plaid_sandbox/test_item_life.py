"""What banks do to items: logins that run out, consents, outages, bank accounts that come, go and change."""

from typing import Any

import pytest

from plaid_sandbox.testing import WebhookReceiver
from tests.plaid_sandbox.conftest import change, days_ago, item_id_of, new_link_token, synced
from tests.plaid_sandbox.test_webhooks import decoded
from tests.support.sandbox import RunningSandbox, running_sandbox

ADD = {"op": "add", "account": "checking", "amount": "10.00", "date": days_ago(0).isoformat(), "name": "NEW ROW"}


class Linked:
    """An item with a webhook address, synced once."""

    def __init__(self, sandbox: RunningSandbox, receiver: WebhookReceiver, username: str = "user_good") -> None:
        self.sandbox, self.receiver = sandbox, receiver
        self.token = sandbox.linked_access_token(username, webhook=receiver.url)
        receiver.wait_for_code("HISTORICAL_UPDATE")
        self.cursor = synced(sandbox, self.token)["cursor"]
        self.item_id = item_id_of(sandbox, self.token)
        receiver.received.clear()

    def do(self, deed: str, **body: Any) -> Any:
        return self.sandbox.item(self.item_id, deed, **body)

    def told(self, code: str) -> dict[str, Any]:
        return decoded(self.receiver.wait_for_code(code))

    def sync_error(self) -> str | None:
        answer = self.sandbox.plaid("/transactions/sync", access_token=self.token)
        return None if answer.status_code == 200 else str(answer.json()["error_code"])

    def item(self) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.plaid("/item/get", access_token=self.token).json()["item"]
        return found

    def accounts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.plaid("/accounts/get", access_token=self.token).json()["accounts"]
        return found

    def update(self, *, selecting: list[str] | None = None) -> dict[str, Any]:
        """Go through update mode, choosing bank accounts if some are named."""
        more = {} if selecting is None else {"update": {"account_selection_enabled": True}}
        link_token = new_link_token(self.sandbox, access_token=self.token, **more)
        username = next(
            one["username"] for one in self.sandbox.control("GET", "/items")["items"] if one["item_id"] == self.item_id
        )
        return self.sandbox.link(link_token, username=username, account_ids=selecting or [])


@pytest.fixture
def linked(sandbox: RunningSandbox, receiver: WebhookReceiver) -> Linked:
    return Linked(sandbox, receiver)


def test_reset_login_tells_and_update_mode_heals_without_login_repaired(linked: Linked) -> None:
    linked.sandbox.plaid("/sandbox/item/reset_login", access_token=linked.token)
    body = linked.receiver.wait_for_code("ERROR").payload
    assert body["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert (body["error"]["status"], "request_id" in body["error"]) == (400, False)
    linked.told("ERROR")
    change(linked.sandbox, linked.token, ADD)
    assert linked.sync_error() == "ITEM_LOGIN_REQUIRED"
    linked.update()
    loop = synced(linked.sandbox, linked.token, linked.cursor)
    assert [row["name"] for row in loop["added"]] == ["NEW ROW"]
    assert "LOGIN_REPAIRED" not in linked.receiver.codes


@pytest.mark.parametrize(
    ("deed", "body", "code"),
    [
        ("login_required", {"reason": "OAUTH_INVALID_TOKEN"}, "ITEM_LOGIN_REQUIRED"),
        ("locked", {}, "ITEM_LOCKED"),
        ("error", {"error_code": "USER_SETUP_REQUIRED"}, "USER_SETUP_REQUIRED"),
        ("error", {"error_code": "PASSWORD_RESET_REQUIRED"}, "PASSWORD_RESET_REQUIRED"),
        ("error", {"error_code": "ACCESS_NOT_GRANTED"}, "ACCESS_NOT_GRANTED"),
    ],
)
def test_states_that_need_the_user_and_a_repair_elsewhere(
    linked: Linked, deed: str, body: dict[str, Any], code: str
) -> None:
    linked.do(deed, **body)
    told = linked.told("ERROR")
    assert told["error"]["error_code"] == code
    assert linked.receiver.received[-1].payload["error"].get("error_code_reason") == body.get("reason")
    assert (linked.sync_error(), linked.item()["error"]["error_code"]) == (code, code)
    linked.do("repair")
    linked.told("LOGIN_REPAIRED")
    assert (linked.sync_error(), linked.item()["error"]) == (None, None)


def test_missing_bank_accounts_are_healed_by_a_choice_only(linked: Linked) -> None:
    linked.do("error", error_code="NO_ACCOUNTS")
    assert (linked.sync_error(), linked.item()["error"]) == ("NO_ACCOUNTS", None)
    linked.update()
    assert linked.sync_error() == "NO_ACCOUNTS"
    chosen = linked.sandbox.control("GET", "/items")["items"][-1]["accounts"][0]["account_id"]
    linked.update(selecting=[chosen])
    assert linked.sync_error() is None


@pytest.mark.parametrize("error_type", ["ITEM_ERROR", "INVALID_INPUT"])
def test_revoked_permission(linked: Linked, error_type: str) -> None:
    linked.do("revoke_permission", error_type=error_type)
    assert linked.told("USER_PERMISSION_REVOKED")["error"]["error_code"] == "USER_PERMISSION_REVOKED"
    assert linked.receiver.received[-1].payload["error"]["error_type"] == error_type
    assert linked.sync_error() == "USER_PERMISSION_REVOKED"


def test_revoked_bank_account_returns_under_a_new_id(linked: Linked) -> None:
    before = linked.accounts()
    revoked = linked.do("revoke_account", account="0000")["account_id"]
    assert linked.told("USER_ACCOUNT_REVOKED")["account_id"] == revoked
    assert revoked not in {a["account_id"] for a in linked.accounts()}
    assert len(linked.accounts()) == len(before) - 1
    everyone = [a["account_id"] for a in linked.sandbox.control("GET", "/items")["items"][-1]["accounts"]]
    linked.update(selecting=everyone)
    again = next(a for a in linked.accounts() if a["mask"] == "0000")
    assert again["account_id"] != revoked
    assert again["balances"]["current"] == next(a for a in before if a["mask"] == "0000")["balances"]["current"]


def test_new_account_is_offered_and_brings_its_history_with_both_updates(linked: Linked) -> None:
    opened = linked.do("new_account", name="Rainy Day", balance="500.00")["account_id"]
    linked.told("NEW_ACCOUNTS_AVAILABLE")
    assert opened not in {a["account_id"] for a in linked.accounts()}
    linked.receiver.received.clear()
    kept = [a["account_id"] for a in linked.accounts()]
    finished = linked.update(selecting=[*kept, opened])
    assert len(finished["metadata"]["accounts"]) == len(kept) + 1
    linked.receiver.wait_for_count(4)
    assert linked.told("INITIAL_UPDATE")["new_transactions"] > 20
    assert linked.told("HISTORICAL_UPDATE")["new_transactions"] > 20
    loop = synced(linked.sandbox, linked.token, linked.cursor)
    assert {row["account_id"] for row in loop["added"]} == {opened}
    shown = next(a for a in linked.accounts() if a["account_id"] == opened)
    assert (shown["name"], shown["type"], shown["mask"]) == ("Rainy Day", "depository", "9101")
    facts = next(
        a for a in linked.sandbox.control("GET", "/items")["items"][-1]["accounts"] if a["name"] == "Rainy Day"
    )
    assert shown["balances"]["current"] == float(facts["opening"]) - float(facts["posted_sum"])


@pytest.mark.parametrize("removed", [False, True])
def test_renumbered_account_comes_again_under_new_ids(linked: Linked, removed: bool) -> None:  # noqa: FBT001 - a case
    before = {a["mask"]: a for a in linked.accounts()}
    old_rows = synced(linked.sandbox, linked.token)["added"]
    old_id = before["0000"]["account_id"]
    ids = linked.do("renumber", account="0000", removed=removed)["account_ids"]
    loop = synced(linked.sandbox, linked.token, linked.cursor)
    assert {row["account_id"] for row in loop["added"]} == {ids[old_id]}
    mine = {row["transaction_id"] for row in old_rows if row["account_id"] == old_id}
    assert len(loop["added"]) == len(mine)
    assert not mine & {row["transaction_id"] for row in loop["added"]}
    assert {row["transaction_id"] for row in loop["removed"]} == (mine if removed else set())
    after = next(a for a in linked.accounts() if a["mask"] == "0000")
    assert after["account_id"] == ids[old_id]
    assert after["balances"] == before["0000"]["balances"]
    assert len(synced(linked.sandbox, linked.token)["added"]) == len(old_rows)


def test_renumbered_account_goes_on_growing() -> None:
    with running_sandbox(seed=3, options=("--login-days", "0")) as sandbox:
        token = sandbox.linked_access_token("user_studio")
        first = synced(sandbox, token)
        sandbox.item(item_id_of(sandbox, token), "renumber")
        sandbox.advance(days=12)
        loop = synced(sandbox, token)
        pendings = {row["transaction_id"] for row in loop["added"] if row["pending"]}
        assert len(loop["added"]) > len(first["added"])
        assert len(pendings) < 20
        plain = sandbox.linked_access_token("user_studio")
        shown = [
            [a["balances"] for a in sandbox.plaid("/accounts/get", access_token=one).json()["accounts"]]
            for one in (token, plain)
        ]
        assert shown[0] == shown[1]


def test_renamed_and_closed(linked: Linked) -> None:
    linked.do("rename_account", account="0000", name="Everyday", official_name=None, mask="4321")
    shown = linked.accounts()[0]
    assert (shown["name"], shown["official_name"], shown["mask"]) == ("Everyday", None, "4321")
    closed = linked.do("close_account", account="Everyday")["account_id"]
    assert closed not in {a["account_id"] for a in linked.accounts()}
    facts = linked.sandbox.control("GET", "/items")["items"][-1]["accounts"][0]
    assert (facts["is_closed"], facts["is_selected"]) == (True, False)
    unknown = linked.sandbox.http.post(
        f"{linked.sandbox.base_url}/_control/items/{linked.item_id}/close_account", json={"account": "nobody"}
    )
    assert unknown.json()["error_code"] == "INVALID_ACCOUNT_ID"


def test_not_ready_for_a_while(timed: RunningSandbox, receiver: WebhookReceiver) -> None:
    linked = Linked(timed, receiver)
    linked.do("not_ready", for_s=600)
    page = timed.plaid("/transactions/sync", access_token=linked.token).json()
    assert (page["transactions_update_status"], page["next_cursor"]) == ("NOT_READY", "")
    timed.advance(seconds=601)
    linked.told("HISTORICAL_UPDATE")
    assert synced(timed, linked.token, linked.cursor)["status"] == "HISTORICAL_UPDATE_COMPLETE"


def test_warnings_then_the_end_then_renewal(receiver: WebhookReceiver) -> None:
    with running_sandbox(options=("--login-days", "0")) as sandbox:
        linked = Linked(sandbox, receiver)
        linked.do("pending_disconnect", reason="INSTITUTION_MIGRATION")
        told = linked.told("PENDING_DISCONNECT")
        assert (told["reason"], linked.sync_error()) == ("INSTITUTION_MIGRATION", None)
        sandbox.advance(days=7.1)
        assert linked.told("ERROR")["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
        linked.update()
        linked.receiver.received.clear()
        linked.do("consent", expires_in_s=10 * 86_400)
        assert linked.item()["consent_expiration_time"] is not None
        sandbox.advance(days=3.1)
        linked.told("PENDING_EXPIRATION")
        assert linked.sync_error() is None
        sandbox.advance(days=7)
        linked.told("ERROR")
        assert linked.receiver.received[-1].payload["error"]["error_code_reason"] == "OAUTH_CONSENT_EXPIRED"
        linked.update()
        assert linked.sync_error() is None
        linked.do("pending_expiration")
        linked.told("PENDING_EXPIRATION")


def test_login_runs_out_after_thirty_days_and_the_missed_time_arrives_later(receiver: WebhookReceiver) -> None:
    with running_sandbox(seed=3) as sandbox:
        linked = Linked(sandbox, receiver, "user_studio")
        sandbox.advance(days=29)
        assert linked.sync_error() is None
        cursor = synced(sandbox, linked.token, linked.cursor)["cursor"]
        sandbox.advance(days=10)
        assert linked.told("ERROR")["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
        linked.receiver.received.clear()
        linked.update()
        linked.told("DEFAULT_UPDATE")
        days = {row["date"] for row in synced(sandbox, linked.token, cursor)["added"]}
        assert max(days) > days_ago(-35).isoformat()


def test_bank_that_is_down_or_degraded(receiver: WebhookReceiver) -> None:
    with running_sandbox(seed=3) as sandbox:
        linked = Linked(sandbox, receiver, "user_studio")
        path = "/institutions/ins_109508"
        sandbox.control("POST", path, health="DOWN")
        sandbox.advance(days=2)
        assert linked.sync_error() == "INSTITUTION_DOWN"
        assert linked.item()["error"] is None
        status = sandbox.plaid("/item/get", access_token=linked.token).json()["status"]
        assert status["transactions"]["last_failed_update"] is not None
        shown = sandbox.plaid(
            "/institutions/get_by_id",
            institution_id="ins_109508",
            country_codes=["US"],
            options={"include_status": True},
        ).json()
        assert shown["institution"]["status"]["item_logins"]["status"] == "DOWN"
        sandbox.control("POST", path, health="DEGRADED")
        assert linked.sync_error() is None
        refused = sandbox.plaid("/transactions/refresh", access_token=linked.token).json()
        assert refused["error_code"] == "INSTITUTION_NOT_RESPONDING"
        sandbox.control("POST", path, health="HEALTHY")
        linked.told("DEFAULT_UPDATE")


def test_rate_limits_of_plaids_tables() -> None:
    with running_sandbox(options=("--rate-limits", "sandbox")) as sandbox:
        token, other = sandbox.linked_access_token("user_good"), sandbox.linked_access_token("user_good")
        answers = [sandbox.plaid("/accounts/balance/get", access_token=token) for _ in range(26)]
        assert [one.status_code for one in answers] == [200] * 25 + [429]
        assert answers[-1].json()["error_code"] == "BALANCE_LIMIT"
        assert sandbox.plaid("/accounts/balance/get", access_token=other).status_code == 200
        sandbox.advance(seconds=61)
        assert sandbox.plaid("/accounts/balance/get", access_token=token).status_code == 200
        sandbox.control("POST", "/settings", rate_limits="production")
        for _ in range(6):
            last = sandbox.plaid("/accounts/balance/get", access_token=token)
        assert last.json()["error_code"] == "BALANCE_LIMIT"
        sandbox.control("POST", "/settings", rate_limits="none")
        assert sandbox.plaid("/accounts/balance/get", access_token=token).status_code == 200


def test_removed_item_may_answer_either_way() -> None:
    with running_sandbox() as sandbox:
        token = sandbox.linked_access_token("user_good")
        sandbox.plaid("/item/remove", access_token=token)
        for code in ("ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN"):
            sandbox.control("POST", "/settings", removed_item_error=code)
            assert sandbox.plaid("/item/get", access_token=token).json()["error_code"] == code


def test_unknown_deed_is_not_found(sandbox: RunningSandbox, linked: Linked) -> None:
    answer = sandbox.http.post(f"{sandbox.base_url}/_control/items/{linked.item_id}/dance", json={})
    assert (answer.status_code, answer.json()["error_code"]) == (404, "NOT_FOUND")
