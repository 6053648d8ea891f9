"""The conversation behind the Link dialog: start, institutions, login, code, accounts, finish.

Used by the dialog and by scripts that link without a browser. A session is a document; its id is the only key to it.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from plaid_sandbox import item_deeds, item_history, items, link_oauth, logins, webhooks
from plaid_sandbox.clock import iso
from plaid_sandbox.errors import PlaidError
from plaid_sandbox.fields import Choice, Fields, Many, Text, needed, nullable
from plaid_sandbox.histories.custom import CUSTOM_USER
from plaid_sandbox.histories.plan import Mfa, PlannedAccount
from plaid_sandbox.histories.registry import profile_for
from plaid_sandbox.institutions import BY_ID, Institution, institution_by_id, institutions_in, matching
from plaid_sandbox.item import Item
from plaid_sandbox.public_tokens import issue
from plaid_sandbox.sandbox import Sandbox

_LISTED_MOST = 20
_CLIENT_NAME_LONGEST = 30
"""Plaid shows a longer name as "This Application"."""
_TEXT = Text()
_OF_STATE = {"oauth_state_id": needed(_TEXT)}
_OF_SESSION = {"link_session_id": needed(_TEXT)}

REQUESTS: dict[str, Fields] = {
    "start": Fields({"link_token": needed(Text(0)), "received_redirect_uri": nullable(Text(0))}),
    "oauth_start": Fields({**_OF_SESSION, "institution_id": needed(_TEXT)}),
    "oauth_result": Fields(_OF_SESSION),
    "oauth_show": Fields(_OF_STATE),
    "oauth_login": Fields({**_OF_STATE, "username": needed(Text(0, 200)), "password": needed(Text(0, 60_000))}),
    "oauth_cancel": Fields(_OF_STATE),
    "institutions": Fields({**_OF_SESSION, "query": needed(Text(0, 200))}),
    "login": Fields(
        {
            **_OF_SESSION,
            "institution_id": needed(_TEXT),
            "username": needed(Text(0, 200)),
            "password": needed(Text(0, 60_000)),
        }
    ),
    "mfa": Fields({**_OF_SESSION, "answers": needed(Many(Text(0, 200), fewest=1, most=10))}),
    "finish": Fields({**_OF_SESSION, "account_ids": needed(Many(_TEXT))}),
    "exit": Fields(
        {
            **_OF_SESSION,
            "status": nullable(
                Choice(
                    frozenset(
                        [
                            "requires_questions",
                            "requires_selections",
                            "requires_code",
                            "choose_device",
                            "requires_credentials",
                            "requires_account_selection",
                            "requires_oauth",
                            "institution_not_found",
                            "institution_not_supported",
                        ]
                    )
                )
            ),
            "error": nullable(Fields({}, is_open=True)),
            "institution_id": nullable(_TEXT),
        }
    ),
}


def answer(sandbox: Sandbox, step: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one step whose body has been checked.

    Raises:
        PlaidError: `INVALID_LINK_TOKEN` for an expired token or session, errors of the bank otherwise.
    """
    if step == "start":
        received = body.get("received_redirect_uri")
        if received is not None:
            return _resume(sandbox, body["link_token"], received)
        return _start(sandbox, body["link_token"])
    if "oauth_state_id" in body:
        body = {**body, "link_session_id": link_oauth.session_id_of(sandbox, body["oauth_state_id"])}
    session = _session(sandbox, body["link_session_id"])
    return _STEPS[step](sandbox, session, body)


def _start(sandbox: Sandbox, link_token: str) -> dict[str, Any]:
    document = _link_token(sandbox, link_token)
    session_id = str(uuid.uuid4())
    is_update = document["update_item_id"] is not None
    session = {
        "link_session_id": session_id,
        "link_token": link_token,
        "mode": "update" if is_update else "create",
        "started_text": iso(sandbox.clock.now()),
    }
    _save(sandbox, session)
    document["link_session_ids"].append(session_id)
    sandbox.store.put_document("link_token", link_token, document)
    return _started(sandbox, session, document)


def _started(sandbox: Sandbox, session: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    started = {
        "link_session_id": session["link_session_id"],
        "mode": session["mode"],
        "client_name": _client_name(document["request"]["client_name"]),
        "institutions": [_listed(one) for one in _choices(sandbox, document)[:_LISTED_MOST]],
        "expires_at": document["expires_text"],
        "hints": [asdict(hint) for hint in logins.HINTS],
        "account_selection_enabled": _selects_accounts(document),
        "redirects": document["request"].get("redirect_uri") is not None,
    }
    username = _username_to_update(sandbox, document)
    return started if username is None else {**started, "username": username}


def _username_to_update(sandbox: Sandbox, document: dict[str, Any]) -> str | None:
    return None if document["update_item_id"] is None else _item_to_update(sandbox, document).username


def _resume(sandbox: Sandbox, link_token: str, received_redirect_uri: str) -> dict[str, Any]:
    """Go on with the session that went to the bank's own page, after the redirect back."""
    document = _link_token(sandbox, link_token)
    state_id = link_oauth.returned_state_id(received_redirect_uri, document["request"].get("redirect_uri"))
    session = _session(sandbox, link_oauth.session_id_of(sandbox, state_id))
    if session["link_token"] != link_token:
        raise PlaidError("INVALID_FIELD", "the oauth_state_id belongs to another link_token")
    return {**_started(sandbox, session, document), "oauth": _oauth_result(sandbox, session, {})}


def _oauth_start(sandbox: Sandbox, session: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    document = _link_token(sandbox, session["link_token"])
    institution = institution_by_id(body["institution_id"])
    if institution not in _choices(sandbox, document) or not institution.oauth:
        raise PlaidError("INVALID_INSTITUTION")
    redirect_uri = document["request"].get("redirect_uri")
    url = link_oauth.begin(sandbox, session, institution, redirect_uri)
    _save(sandbox, session)
    return {"url": url, "oauth_state_id": session["oauth_state_id"], "is_redirect": redirect_uri is not None}


def _oauth_show(sandbox: Sandbox, session: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    document = _link_token(sandbox, session["link_token"])
    name = _client_name(document["request"]["client_name"])
    return link_oauth.shown(session, name, _username_to_update(sandbox, document))


def _oauth_login(sandbox: Sandbox, session: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    document = _link_token(sandbox, session["link_token"])
    username = body["username"].strip()
    if _username_to_update(sandbox, document) not in {None, username}:
        raise PlaidError("INVALID_UPDATED_USERNAME")
    link_oauth.grant(sandbox, session, username, body["password"])
    _save(sandbox, session)
    return {"redirect_to": link_oauth.way_back(session)}


def _oauth_cancel(sandbox: Sandbox, session: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    session["oauth"] = "cancelled"
    _save(sandbox, session)
    return {"redirect_to": link_oauth.way_back(session)}


def _oauth_result(sandbox: Sandbox, session: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    """Return how the visit at the bank's page stands: `started`, `cancelled`, or `granted` with the bank accounts."""
    institution = BY_ID.get(session.get("institution_id", ""))
    result = {"state": session.get("oauth"), "institution": None if institution is None else _listed(institution)}
    if result["state"] == "granted":
        result |= _logged_in(sandbox, session, _link_token(sandbox, session["link_token"]))
    return result


def _client_name(name: str) -> str:
    return name if len(name) <= _CLIENT_NAME_LONGEST else "This Application"


def _link_token(sandbox: Sandbox, link_token: str) -> dict[str, Any]:
    document = sandbox.store.document("link_token", link_token)
    if document is None or sandbox.clock.now() >= datetime.fromisoformat(document["expires_at"]):
        raise PlaidError("INVALID_LINK_TOKEN")
    return document


def _session(sandbox: Sandbox, session_id: str) -> dict[str, Any]:
    session = sandbox.store.document("link_session", session_id)
    if session is None or "finished_text" in session:
        raise PlaidError("INVALID_LINK_TOKEN", "this Link session is unknown or over")
    return session


def _save(sandbox: Sandbox, session: dict[str, Any]) -> None:
    sandbox.store.put_document("link_session", session["link_session_id"], session)


def _selects_accounts(document: dict[str, Any]) -> bool:
    if document["update_item_id"] is None:
        return True
    return bool(document["request"].get("update", {}).get("account_selection_enabled", False))


def _item_to_update(sandbox: Sandbox, document: dict[str, Any]) -> Item:
    item = items.item_by_id(sandbox, document["update_item_id"])
    if item is None or item.is_removed:
        raise PlaidError("INVALID_LINK_TOKEN", "the item of this link_token is gone")
    return item


def _choices(sandbox: Sandbox, document: dict[str, Any]) -> list[Institution]:
    """Return the banks the session may offer; in update mode only the item's own."""
    if document["update_item_id"] is not None:
        return [BY_ID[_item_to_update(sandbox, document).institution_id]]
    return institutions_in(document["request"]["country_codes"])


def _listed(institution: Institution) -> dict[str, Any]:
    return {
        "institution_id": institution.institution_id,
        "name": institution.name,
        "oauth": institution.oauth,
        "primary_color": institution.primary_color,
    }


def _institutions(sandbox: Sandbox, session: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    found = matching(_choices(sandbox, _link_token(sandbox, session["link_token"])), body["query"])
    return {"institutions": [_listed(one) for one in found[:_LISTED_MOST]]}


def _login(sandbox: Sandbox, session: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    document = _link_token(sandbox, session["link_token"])
    institution = institution_by_id(body["institution_id"])
    if institution not in _choices(sandbox, document):
        raise PlaidError("INVALID_INSTITUTION")
    if institution.oauth:
        raise PlaidError("INVALID_FIELD", "this bank takes passwords on its own page only: use oauth_start")
    username = body["username"].strip()
    if document["update_item_id"] is not None and username != _item_to_update(sandbox, document).username:
        raise PlaidError("INVALID_UPDATED_USERNAME")
    logins.refuse_bad_login(sandbox, institution, username, body["password"])
    mfa = logins.mfa_of(username, body["password"])
    session |= {
        "institution_id": institution.institution_id,
        "username": username,
        "custom": body["password"] if username == CUSTOM_USER else None,
        "is_in": mfa is None,
        "mfa": None if mfa is None else asdict(mfa),
        "mfa_round": 0,
    }
    _save(sandbox, session)
    if mfa is not None:
        return {"mfa": logins.challenge(mfa, 0)}
    return _logged_in(sandbox, session, document)


def _mfa(sandbox: Sandbox, session: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    if "username" not in session:
        raise PlaidError("INSUFFICIENT_CREDENTIALS", "log in first")
    if session.get("mfa") is None:
        raise PlaidError("INVALID_MFA", "nothing was asked")
    mfa = Mfa(**session["mfa"])
    if [given.strip() for given in body["answers"]] != logins.right_answers(mfa, session["mfa_round"]):
        raise PlaidError("INVALID_MFA")
    session["mfa_round"] += 1
    if session["mfa_round"] < mfa.rounds:
        _save(sandbox, session)
        return {"mfa": logins.challenge(mfa, session["mfa_round"])}
    session["is_in"] = True
    return _logged_in(sandbox, session, _link_token(sandbox, session["link_token"]))


def _logged_in(sandbox: Sandbox, session: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Fix the item's id, so that the accounts shown now have the ids they keep, and list them."""
    if document["update_item_id"] is not None:
        item = _item_to_update(sandbox, document)
        session |= {"ordinal": item.ordinal, "item_id": item.item_id}
        selected = {a.account_id for a in sandbox.store.bank_accounts(item.ordinal) if a.is_selected}
    else:
        if "item_id" not in session:
            session["ordinal"], session["item_id"] = items.reserve_item_id(sandbox)
        selected = set()
    listed = _offered(sandbox, session, document)
    if not listed:
        raise PlaidError("NO_ACCOUNTS")
    _save(sandbox, session)
    if not selected:
        return {"accounts": listed}
    return {"accounts": listed, "selected_account_ids": [a["id"] for a in listed if a["id"] in selected]}


def _offered(sandbox: Sandbox, session: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    filters = document["request"].get("account_filters")
    if document["update_item_id"] is not None:
        item = _item_to_update(sandbox, document)
        planned = items.planned_accounts(item)
        found = [
            (one.account_id, planned[one.account_key])
            for one in sandbox.store.bank_accounts(item.ordinal)
            if not items.is_closed(item, one.account_key)
        ]
    else:
        profile = profile_for(session["username"], session.get("custom"))
        accounts = () if profile is None else profile.accounts
        found = [(items.account_id_of(session["item_id"], one.key), one) for one in accounts]
    return [
        {"id": account_id, "name": one.name, "mask": one.mask, "type": one.type, "subtype": one.subtype}
        for account_id, one in found
        if filters is None or _passes(one, filters)
    ]


def _passes(planned: PlannedAccount, filters: dict[str, Any]) -> bool:
    subtypes = filters.get(planned.type, {"account_subtypes": []})["account_subtypes"]
    return "all" in subtypes or planned.subtype in subtypes


def _finish(sandbox: Sandbox, session: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    if not session.get("is_in"):
        raise PlaidError("INSUFFICIENT_CREDENTIALS", "log in first")
    document = _link_token(sandbox, session["link_token"])
    chosen = _chosen(sandbox, session, document, body["account_ids"])
    if document["update_item_id"] is not None:
        _update_item(sandbox, _item_to_update(sandbox, document), document, {account["id"] for account in chosen})
    else:
        request = document["request"]
        item_history.create_item(
            sandbox,
            ordinal=session["ordinal"],
            item_id=session["item_id"],
            username=session["username"],
            institution_id=session["institution_id"],
            products=_products(request),
            webhook=request.get("webhook"),
            days_requested=request.get("transactions", {}).get("days_requested"),
            account_ids=[account["id"] for account in chosen],
            custom=session.get("custom"),
        )
    return _result(sandbox, session, chosen)


def _update_item(sandbox: Sandbox, item: Item, document: dict[str, Any], account_ids: set[str]) -> None:
    """Heal the item and take over the new choice of bank accounts. A lack of them is only healed by a choice."""
    selects = _selects_accounts(document)
    if item.error_code != "NO_ACCOUNTS" or selects:
        item_deeds.heal(sandbox, item)
    if selects:
        webhooks.selection_changed(sandbox, item, item_history.select_bank_accounts(sandbox, item, account_ids))


def _chosen(
    sandbox: Sandbox, session: dict[str, Any], document: dict[str, Any], account_ids: list[str]
) -> list[dict[str, Any]]:
    """Return the bank accounts the person picked; without a selection step, those of the item."""
    offered = {account["id"]: account for account in _offered(sandbox, session, document)}
    if not _selects_accounts(document):
        kept = [a.account_id for a in sandbox.store.bank_accounts(session["ordinal"]) if a.is_selected]
        return [offered[account_id] for account_id in kept if account_id in offered]
    if not account_ids:
        raise PlaidError("NO_ACCOUNTS", "choose at least one account")
    if set(account_ids) - set(offered):
        raise PlaidError("INVALID_ACCOUNT_ID")
    return [account for account_id, account in offered.items() if account_id in set(account_ids)]


def _products(request: dict[str, Any]) -> list[str]:
    lists = ("products", "required_if_supported_products", "optional_products")
    return sorted({product for name in lists for product in request.get(name, [])})


def _result(sandbox: Sandbox, session: dict[str, Any], chosen: list[dict[str, Any]]) -> dict[str, Any]:
    public_token = issue(sandbox, item_id=session["item_id"])
    institution = BY_ID[session["institution_id"]]
    named = {"name": institution.name, "institution_id": institution.institution_id}
    accounts = [{**account, "verification_status": None, "class_type": None} for account in chosen]
    session["finished_text"] = iso(sandbox.clock.now())
    session["result"] = {"public_token": public_token, "accounts": accounts, "institution": named}
    _save(sandbox, session)
    metadata = {
        "institution": named,
        "accounts": accounts,
        "link_session_id": session["link_session_id"],
        "transfer_status": None,
    }
    return {"public_token": public_token, "metadata": metadata}


def _exit(sandbox: Sandbox, session: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    institution = BY_ID.get(body.get("institution_id") or "")
    metadata = {
        "institution": None
        if institution is None
        else {"name": institution.name, "institution_id": institution.institution_id},
        "status": body.get("status"),
        "link_session_id": session["link_session_id"],
        "request_id": None,
    }
    session |= {
        "finished_text": iso(sandbox.clock.now()),
        "exit": {"error": body.get("error"), "metadata": metadata},
    }
    _save(sandbox, session)
    return {}


_STEPS: dict[str, Callable[[Sandbox, dict[str, Any], dict[str, Any]], dict[str, Any]]] = {
    "institutions": _institutions,
    "login": _login,
    "mfa": _mfa,
    "oauth_start": _oauth_start,
    "oauth_result": _oauth_result,
    "oauth_show": _oauth_show,
    "oauth_login": _oauth_login,
    "oauth_cancel": _oauth_cancel,
    "finish": _finish,
    "exit": _exit,
}
