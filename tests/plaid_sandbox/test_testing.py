"""The fixtures for other people's tests, used as they would."""

from plaid_sandbox.pytest_plugin import fresh_plaid_sandbox, plaid_sandbox, plaid_webhooks
from plaid_sandbox.testing import RunningSandbox, WebhookReceiver

__all__ = ["fresh_plaid_sandbox", "plaid_sandbox", "plaid_webhooks"]


def test_fixtures_work_together(
    plaid_sandbox: RunningSandbox,
    fresh_plaid_sandbox: RunningSandbox,
    plaid_webhooks: WebhookReceiver,
) -> None:
    assert plaid_sandbox.base_url != fresh_plaid_sandbox.base_url
    token = fresh_plaid_sandbox.linked_access_token("user_freelancer", webhook=plaid_webhooks.url)
    plaid_webhooks.wait_for_code("HISTORICAL_UPDATE")
    page = fresh_plaid_sandbox.plaid("/transactions/sync", access_token=token).json()
    assert page["has_more"]
    fresh_plaid_sandbox.advance(days=3)
    told = plaid_webhooks.wait_for_code("SYNC_UPDATES_AVAILABLE")
    assert told.payload["historical_update_complete"]
    fresh_plaid_sandbox.item(fresh_plaid_sandbox.item_id_of(token), "login_required")
    plaid_webhooks.wait_for_code("ERROR")
