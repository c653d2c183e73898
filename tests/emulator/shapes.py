"""The shapes of Twilio's resources, restated from its public OpenAPI description (twilio-oai, API versions 2010 and v1).

One word for each field: what it holds. A question mark lets it be null, `|` separates the words it may be.
"""

import re
from email.utils import parsedate_to_datetime
from typing import Any

SID = "sid "
SHAPES: dict[str, dict[str, str]] = {
    "message": {
        "body": "text",
        "num_segments": "digits",
        "direction": "inbound|outbound-api|outbound-call|outbound-reply",
        "from": "text?",
        "to": "text",
        "date_updated": "rfc2822",
        "price": "text?",
        "error_message": "text?",
        "uri": "path",
        "account_sid": "sid AC",
        "num_media": "digits",
        "status": "queued|sending|sent|failed|delivered|undelivered|receiving|received|accepted|scheduled|read|canceled",
        "messaging_service_sid": "sid MG?",
        "sid": "sid SM,MM",
        "date_sent": "rfc2822?",
        "date_created": "rfc2822",
        "error_code": "int?",
        "price_unit": "currency",
        "api_version": "2010-04-01",
        "subresource_uris": "map",
    },
    "call": {
        "sid": "sid CA",
        "date_created": "rfc2822",
        "date_updated": "rfc2822",
        "parent_call_sid": "sid CA?",
        "account_sid": "sid AC",
        "to": "text",
        "to_formatted": "text",
        "from": "text",
        "from_formatted": "text",
        "phone_number_sid": "sid PN?",
        "status": "queued|ringing|in-progress|completed|busy|failed|no-answer|canceled",
        "start_time": "rfc2822?",
        "end_time": "rfc2822?",
        "duration": "digits?",
        "price": "text?",
        "price_unit": "currency",
        "direction": "inbound|outbound-api|outbound-dial",
        "answered_by": "text?",
        "api_version": "2010-04-01",
        "forwarded_from": "text?",
        "group_sid": "sid GP?",
        "caller_name": "text?",
        "queue_time": "digits",
        "trunk_sid": "sid TK?",
        "uri": "path",
        "subresource_uris": "map",
    },
    "conference": {
        "account_sid": "sid AC",
        "date_created": "rfc2822",
        "date_updated": "rfc2822",
        "api_version": "2010-04-01",
        "friendly_name": "text",
        "region": "text",
        "sid": "sid CF",
        "status": "init|in-progress|completed",
        "uri": "path",
        "subresource_uris": "map",
        "reason_conference_ended": (
            "conference-ended-via-api|participant-with-end-conference-on-exit-left|last-participant-left|"
            "participant-with-end-conference-on-exit-kicked|last-participant-kicked?"
        ),
        "call_sid_ending_conference": "sid CA?",
    },
    "participant": {
        "account_sid": "sid AC",
        "call_sid": "sid CA",
        "label": "text?",
        "call_sid_to_coach": "sid CA?",
        "coaching": "bool",
        "conference_sid": "sid CF",
        "date_created": "rfc2822",
        "date_updated": "rfc2822",
        "end_conference_on_exit": "bool",
        "muted": "bool",
        "hold": "bool",
        "start_conference_on_enter": "bool",
        "status": "queued|connecting|ringing|connected|complete|failed",
        "queue_time": "text?",
        "uri": "path",
    },
    "recording": {
        "account_sid": "sid AC",
        "api_version": "2010-04-01",
        "call_sid": "sid CA",
        "conference_sid": "sid CF?",
        "date_created": "rfc2822",
        "date_updated": "rfc2822",
        "start_time": "rfc2822",
        "duration": "digits",
        "sid": "sid RE",
        "price": "text?",
        "price_unit": "currency",
        "status": "in-progress|paused|stopped|processing|completed|absent|deleted",
        "channels": "int",
        "source": "DialVerb|Conference|OutboundAPI|Trunking|RecordVerb|StartCallRecordingAPI|StartConferenceRecordingAPI",
        "error_code": "int?",
        "uri": "path",
        "encryption_details": "map?",
        "subresource_uris": "map",
        "media_url": "url",
    },
    "incoming_phone_number": {
        "account_sid": "sid AC",
        "address_sid": "sid AD?",
        "address_requirements": "none|any|local|foreign",
        "api_version": "2010-04-01",
        "beta": "bool",
        "capabilities": "map",
        "date_created": "rfc2822",
        "date_updated": "rfc2822",
        "friendly_name": "text",
        "identity_sid": "sid RI?",
        "phone_number": "e164",
        "origin": "text",
        "sid": "sid PN",
        "sms_application_sid": "text",
        "sms_fallback_method": "GET|POST",
        "sms_fallback_url": "text",
        "sms_method": "GET|POST",
        "sms_url": "text",
        "status_callback": "text",
        "status_callback_method": "GET|POST",
        "trunk_sid": "sid TK?",
        "uri": "path",
        "voice_receive_mode": "voice|fax",
        "voice_application_sid": "text",
        "voice_caller_id_lookup": "bool",
        "voice_fallback_method": "GET|POST",
        "voice_fallback_url": "text",
        "voice_method": "GET|POST",
        "voice_url": "text",
        "emergency_status": "Active|Inactive",
        "emergency_address_sid": "sid AD?",
        "emergency_address_status": "registered|unregistered",
        "bundle_sid": "sid BU?",
        "status": "in-use",
        "type": "local|mobile|toll-free?",
    },
    "queue": {
        "date_updated": "rfc2822",
        "current_size": "int",
        "friendly_name": "text",
        "uri": "path",
        "account_sid": "sid AC",
        "average_wait_time": "int",
        "sid": "sid QU",
        "date_created": "rfc2822",
        "max_size": "int",
    },
    "member": {
        "call_sid": "sid CA",
        "date_enqueued": "rfc2822",
        "position": "int",
        "uri": "path",
        "wait_time": "int",
        "queue_sid": "sid QU",
    },
    "media": {
        "account_sid": "sid AC",
        "content_type": "text",
        "date_created": "rfc2822",
        "date_updated": "rfc2822",
        "parent_sid": "sid SM,MM",
        "sid": "sid ME",
        "uri": "path",
    },
    "account": {
        "auth_token": "text",
        "date_created": "rfc2822",
        "date_updated": "rfc2822",
        "friendly_name": "text",
        "owner_account_sid": "sid AC",
        "sid": "sid AC",
        "status": "active|suspended|closed",
        "subresource_uris": "map",
        "type": "Trial|Full",
        "uri": "path",
    },
    "service": {
        "sid": "sid MG",
        "account_sid": "sid AC",
        "friendly_name": "text",
        "date_created": "iso",
        "date_updated": "iso",
        "inbound_request_url": "url?",
        "inbound_method": "GET|POST",
        "fallback_url": "url?",
        "fallback_method": "GET|POST",
        "status_callback": "url?",
        "sticky_sender": "bool",
        "mms_converter": "bool",
        "smart_encoding": "bool",
        "scan_message_content": "inherit|enable|disable",
        "fallback_to_long_code": "bool",
        "area_code_geomatch": "bool",
        "synchronous_validation": "bool",
        "validity_period": "int",
        "url": "url",
        "links": "map",
        "usecase": "text",
        "us_app_to_person_registered": "bool",
        "use_inbound_webhook_on_number": "bool",
    },
    "service_number": {
        "sid": "sid PN",
        "account_sid": "sid AC",
        "service_sid": "sid MG",
        "date_created": "iso",
        "date_updated": "iso",
        "phone_number": "e164",
        "country_code": "text",
        "capabilities": "list",
        "url": "url",
    },
    "page": {
        "page": "int",
        "page_size": "int",
        "start": "int",
        "end": "int",
        "uri": "path",
        "first_page_uri": "path",
        "next_page_uri": "path?",
        "previous_page_uri": "path?",
    },
    "error": {"code": "int", "message": "text", "more_info": "url", "status": "int"},
}
PATTERNS = {
    "digits": r"\d+",
    "path": r"/2010-04-01/Accounts/AC[0-9a-f]{32}\S*",
    "url": r"https?://\S+",
    "currency": r"[A-Z]{3}",
    "e164": r"\+[1-9]\d{6,14}",
    "iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
}
TYPES: dict[str, type] = {"text": str, "int": int, "bool": bool, "map": dict, "list": list}


def faults(shape: str, body: dict[str, Any]) -> list[str]:
    """Everything in which `body` is not of this shape: missing and unknown fields, and wrong values."""
    fields = SHAPES[shape]
    found = [f"{shape}.{name} is missing" for name in fields.keys() - body.keys()]
    found += [f"{shape}.{name} is unknown" for name in body.keys() - fields.keys()]
    found += [
        f"{shape}.{name}: {body[name]!r} is not {kind}"
        for name, kind in fields.items()
        if name in body and not holds(kind, body[name])
    ]
    return sorted(found)


def holds(kind: str, value: Any) -> bool:
    if kind.endswith("?"):
        return value is None or holds(kind[:-1], value)
    if kind in TYPES:
        return isinstance(value, TYPES[kind]) and (kind == "bool" or not isinstance(value, bool))
    return isinstance(value, str) and text_holds(kind, value)


def text_holds(kind: str, value: str) -> bool:
    if kind == "rfc2822":
        return value.endswith("+0000") and parsedate_to_datetime(value) is not None
    if kind.startswith(SID):
        prefixes = kind.removeprefix(SID).replace(",", "|")
        return re.fullmatch(rf"({prefixes})[0-9a-f]{{32}}", value) is not None
    if kind in PATTERNS:
        return re.fullmatch(PATTERNS[kind], value) is not None
    return value in kind.split("|")
