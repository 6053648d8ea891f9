"""`/institutions/*`: the banks that can be linked."""

from plaid_sandbox.call import Answer, Call
from plaid_sandbox.institutions import institution_by_id, institutions_in, matching, wire
from plaid_sandbox.item_history import bank_health

_SEARCH_MOST = 10


def get(call: Call) -> Answer:
    """List the banks of some countries."""
    body = call.body
    found = institutions_in(body["country_codes"], oauth=call.options.get("oauth"))
    routing_numbers = call.options.get("routing_numbers")
    if routing_numbers is not None:
        found = [institution for institution in found if set(routing_numbers) & set(institution.routing_numbers)]
    page = found[body["offset"] : body["offset"] + body["count"]]
    now = call.sandbox.clock.now()
    return {"institutions": [wire(one, call.options, now=now) for one in page], "total": len(found)}


def get_by_id(call: Call) -> Answer:
    """Describe one bank."""
    found = institution_by_id(call.body["institution_id"], country_codes=call.body["country_codes"])
    health = bank_health(call.sandbox, found.institution_id)
    return {"institution": wire(found, call.options, now=call.sandbox.clock.now(), health=health)}


def search(call: Call) -> Answer:
    """Find banks by words of their name."""
    found = matching(institutions_in(call.body["country_codes"], oauth=call.options.get("oauth")), call.body["query"])
    now = call.sandbox.clock.now()
    return {"institutions": [wire(one, call.options, now=now) for one in found[:_SEARCH_MOST]]}
