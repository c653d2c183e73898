"""The forms Twilio sends about calls."""

from email.utils import format_datetime

from emulator.voice.leg import Leg, LegStatus


def call_params(leg: Leg, account_sid: str) -> dict[str, str]:
    """Return what every voice request carries."""
    params = {
        "CallSid": leg.sid,
        "AccountSid": account_sid,
        "From": leg.line.from_,
        "To": leg.line.to,
        "Caller": leg.line.from_,
        "Called": leg.line.to,
        "CallStatus": leg.status.value,
        "ApiVersion": "2010-04-01",
        "Direction": leg.line.direction.value,
    }
    if leg.line.parent is not None:
        params["ParentCallSid"] = leg.line.parent.sid
    if leg.answered_by is not None:
        params["AnsweredBy"] = leg.answered_by
    return params


def progress_params(leg: Leg, account_sid: str) -> dict[str, str]:
    """Return the form of a call status callback; takes the leg's next sequence number."""
    params = call_params(leg, account_sid) | {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(leg.sequence),
        "Timestamp": format_datetime(leg.updated),
    }
    leg.sequence += 1
    if not leg.live:
        params["CallDuration"] = str(leg.duration_s)
        params["Duration"] = str(-(-leg.duration_s // 60))
        params["SipResponseCode"] = SIP_CODES.get(leg.status, "200")
    return params


SIP_CODES = {LegStatus.BUSY: "486", LegStatus.NO_ANSWER: "487", LegStatus.CANCELED: "487", LegStatus.FAILED: "404"}
