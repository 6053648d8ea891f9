"""The one table of request fields: which keys each endpoint takes, which it needs, what they may hold.

Source: Plaid's OpenAPI file 2020-09-14 and plaid-python 46.
"""

from plaid_sandbox.fields import (
    Choice,
    Day,
    Field,
    Fields,
    Flag,
    Kind,
    Many,
    Number,
    Text,
    Url,
    Whole,
    needed,
    nullable,
    optional,
)

PRODUCTS = frozenset(
    [
        "assets",
        "auth",
        "balance",
        "identity",
        "investments",
        "investments_auth",
        "liabilities",
        "payment_initiation",
        "identity_verification",
        "transactions",
        "credit_details",
        "income",
        "income_verification",
        "standing_orders",
        "transfer",
        "employment",
        "recurring_transactions",
        "transactions_refresh",
        "signal",
        "statements",
        "processor_payments",
        "processor_identity",
        "profile",
        "cra_base_report",
        "cra_income_insights",
        "cra_partner_insights",
        "cra_network_insights",
        "cra_cashflow_insights",
        "cra_monitoring",
        "layer",
        "pay_by_bank",
        "protect_linked_bank",
        "balance_plus",
        "bank_transfer",
        "identity_match",
    ]
)
COUNTRIES = frozenset(
    [
        "US",
        "GB",
        "ES",
        "NL",
        "FR",
        "IE",
        "CA",
        "DE",
        "IT",
        "PL",
        "DK",
        "NO",
        "SE",
        "EE",
        "LT",
        "LV",
        "PT",
        "BE",
        "AT",
        "FI",
    ]
)
_REMOVAL_REASONS = frozenset(
    ["FRAUD_FIRST_PARTY", "FRAUD_FALSE_IDENTITY", "FRAUD_ABUSE", "FRAUD_OTHER", "CONNECTION_IS_NON_FUNCTIONAL", "OTHER"]
)
_FIRED_TYPES = frozenset(
    ["AUTH", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "ITEM", "LIABILITIES", "TRANSACTIONS", "ASSETS", "IDENTITY"]
)
_FIRED_CODES = frozenset(
    [
        "DEFAULT_UPDATE",
        "NEW_ACCOUNTS_AVAILABLE",
        "SMS_MICRODEPOSITS_VERIFICATION",
        "AUTHORIZATION_GRANTED",
        "USER_PERMISSION_REVOKED",
        "USER_ACCOUNT_REVOKED",
        "PENDING_DISCONNECT",
        "RECURRING_TRANSACTIONS_UPDATE",
        "LOGIN_REPAIRED",
        "SYNC_UPDATES_AVAILABLE",
        "PRODUCT_READY",
        "ERROR",
    ]
)

_TEXT = Text()
_TEXTS = Many(_TEXT)
_PRODUCTS = Many(Choice(PRODUCTS))
_SOME_PRODUCTS = Many(Choice(PRODUCTS), fewest=1)
_COUNTRIES = Many(Choice(COUNTRIES), fewest=1)
_ANY_OBJECT = Fields({}, is_open=True)
_DAYS = Whole(1, 730)
_PFC_VERSION = Choice(frozenset({"v1", "v2"}))
CURSOR_LONGEST = 256


def _body(**keys: Field) -> Fields:
    """Describe a whole request body; both credentials may stand in any of them."""
    return Fields({"client_id": optional(_TEXT), "secret": optional(_TEXT), **keys})


def _object(**keys: "Kind | Fields") -> Fields:
    """Describe an object whose keys may all be left out."""
    return Fields({key: optional(kind) for key, kind in keys.items()})


_OF_ITEM = {"access_token": needed(_TEXT)}
_ACCOUNT_FILTER = Fields({"account_subtypes": needed(_TEXTS)})
_ACCOUNT_FILTERS = _object(
    depository=_ACCOUNT_FILTER,
    credit=_ACCOUNT_FILTER,
    loan=_ACCOUNT_FILTER,
    investment=_ACCOUNT_FILTER,
    other=_ACCOUNT_FILTER,
)
_USER = Fields({"client_user_id": needed(_TEXT)}, is_open=True)
_INSTITUTION_OPTIONS = _object(include_optional_metadata=Flag(), include_auth_metadata=Flag())

REQUESTS: dict[str, Fields] = {
    "/link/token/create": _body(
        client_name=needed(_TEXT),
        language=needed(_TEXT),
        country_codes=needed(_COUNTRIES),
        user=optional(_USER),
        user_id=optional(_TEXT),
        products=optional(_PRODUCTS),
        required_if_supported_products=optional(_PRODUCTS),
        optional_products=optional(_PRODUCTS),
        additional_consented_products=optional(_PRODUCTS),
        webhook=optional(Url()),
        access_token=nullable(_TEXT),
        access_tokens=optional(_TEXTS),
        update=optional(
            _object(account_selection_enabled=Flag(), reauthorization_enabled=Flag(), user=Flag(), item_ids=_TEXTS)
        ),
        redirect_uri=optional(Url()),
        android_package_name=optional(_TEXT),
        account_filters=optional(_ACCOUNT_FILTERS),
        link_customization_name=optional(_TEXT),
        transactions=optional(_object(days_requested=_DAYS)),
        hosted_link=optional(_ANY_OBJECT),
        institution_data=optional(_ANY_OBJECT),
        institution_id=nullable(_TEXT),
        enable_multi_item_link=optional(Flag()),
    ),
    "/link/token/get": _body(link_token=needed(_TEXT)),
    "/item/public_token/exchange": _body(public_token=needed(_TEXT)),
    "/item/get": _body(**_OF_ITEM),
    "/item/remove": _body(
        **_OF_ITEM, reason_code=nullable(Choice(_REMOVAL_REASONS)), reason_note=nullable(Text(0, 512))
    ),
    "/item/webhook/update": _body(**_OF_ITEM, webhook=nullable(Url())),
    "/item/access_token/invalidate": _body(**_OF_ITEM),
    "/accounts/get": _body(**_OF_ITEM, options=optional(_object(account_ids=_TEXTS))),
    "/accounts/balance/get": _body(
        **_OF_ITEM, options=optional(_object(account_ids=_TEXTS, min_last_updated_datetime=_TEXT))
    ),
    "/transactions/sync": _body(
        **_OF_ITEM,
        cursor=optional(Text(0, CURSOR_LONGEST)),
        count=optional(Whole(1, 500)),
        options=optional(
            _object(
                include_original_description=Flag(),
                personal_finance_category_version=_PFC_VERSION,
                days_requested=_DAYS,
                account_id=_TEXT,
            )
        ),
    ),
    "/transactions/get": _body(
        **_OF_ITEM,
        start_date=needed(Day()),
        end_date=needed(Day()),
        options=optional(
            _object(
                account_ids=_TEXTS,
                count=Whole(1, 500),
                offset=Whole(0, 10**9),
                include_original_description=Flag(),
                include_personal_finance_category=Flag(),
                personal_finance_category_version=_PFC_VERSION,
                days_requested=_DAYS,
            )
        ),
    ),
    "/transactions/refresh": _body(**_OF_ITEM),
    "/institutions/get": _body(
        count=needed(Whole(1, 500)),
        offset=needed(Whole(0, 10**9)),
        country_codes=needed(_COUNTRIES),
        options=optional(
            Fields(
                {
                    "products": nullable(_PRODUCTS),
                    "routing_numbers": nullable(_TEXTS),
                    "oauth": nullable(Flag()),
                    "include_optional_metadata": optional(Flag()),
                    "include_auth_metadata": optional(Flag()),
                    "include_payment_initiation_metadata": optional(Flag()),
                }
            )
        ),
    ),
    "/institutions/get_by_id": _body(
        institution_id=needed(_TEXT),
        country_codes=needed(_COUNTRIES),
        options=optional(
            _object(
                include_optional_metadata=Flag(),
                include_status=Flag(),
                include_auth_metadata=Flag(),
                include_payment_initiation_metadata=Flag(),
            )
        ),
    ),
    "/institutions/search": _body(
        query=needed(_TEXT),
        country_codes=needed(_COUNTRIES),
        products=nullable(_PRODUCTS),
        options=optional(
            Fields(
                {
                    **_INSTITUTION_OPTIONS.keys,
                    "oauth": nullable(Flag()),
                    "include_payment_initiation_metadata": nullable(Flag()),
                    "payment_initiation": nullable(_ANY_OBJECT),
                }
            )
        ),
    ),
    "/sandbox/public_token/create": _body(
        institution_id=needed(_TEXT),
        initial_products=needed(_SOME_PRODUCTS),
        options=optional(
            Fields(
                {
                    "webhook": optional(Url()),
                    "override_username": nullable(_TEXT),
                    "override_password": nullable(Text(1, 60_000)),
                    "transactions": optional(_object(start_date=Day(), end_date=Day(), days_requested=_DAYS)),
                }
            )
        ),
        user_token=optional(_TEXT),
    ),
    "/transactions/recurring/get": _body(
        **_OF_ITEM,
        account_ids=optional(_TEXTS),
        options=optional(
            _object(personal_finance_category_version=_PFC_VERSION, include_personal_finance_category=Flag())
        ),
    ),
    "/sandbox/item/reset_login": _body(**_OF_ITEM),
    "/sandbox/item/fire_webhook": _body(
        **_OF_ITEM,
        webhook_type=optional(Choice(_FIRED_TYPES)),
        webhook_code=needed(Choice(_FIRED_CODES)),
        options=optional(_object(new_transactions=Whole(0, 10**9))),
    ),
    "/webhook_verification_key/get": _body(key_id=needed(_TEXT)),
    "/sandbox/transactions/create": _body(
        **_OF_ITEM,
        transactions=needed(
            Many(
                Fields(
                    {
                        "date_transacted": needed(Day()),
                        "date_posted": needed(Day()),
                        "amount": needed(Number()),
                        "description": needed(_TEXT),
                        "iso_currency_code": optional(Text(3, 3)),
                        "account_id": optional(_TEXT),
                    }
                ),
                fewest=1,
                most=10,
            )
        ),
    ),
}
