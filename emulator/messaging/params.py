"""The forms Twilio sends about messages."""

from emulator.messaging.message import Message


def inbound_params(message: Message, account_sid: str, base_url: str, opt_out: str = "") -> dict[str, str]:
    """Return the form of an incoming message. `opt_out` is the keyword Advanced Opt-Out has already answered."""
    params = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": account_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(len(message.media)),
        "NumSegments": str(message.num_segments),
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
    if message.messaging_service_sid is not None:
        params["MessagingServiceSid"] = message.messaging_service_sid
    if opt_out:
        params["OptOutType"] = opt_out
    for index, media in enumerate(message.media):
        path = f"/2010-04-01/Accounts/{account_sid}/Messages/{message.sid}/Media/{media.sid}"
        params[f"MediaUrl{index}"] = media.url or base_url + path
        params[f"MediaContentType{index}"] = media.content_type
    return params


def status_params(message: Message, account_sid: str) -> dict[str, str]:
    """Return the form of a message status callback."""
    params = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": message.status.value,
        "SmsStatus": message.status.value,
        "From": message.from_,
        "To": message.to,
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
    }
    if message.error_code is not None:
        params["ErrorCode"] = str(message.error_code)
    if message.messaging_service_sid is not None:
        params["MessagingServiceSid"] = message.messaging_service_sid
    if message.final:
        params["RawDlrDoneDate"] = message.date_updated.strftime("%y%m%d%H%M")
    return params
