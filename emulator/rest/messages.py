"""The Message resource."""

from typing import Any

from emulator.identifiers import is_e164
from emulator.messaging.exchange import Draft, Messaging
from emulator.messaging.message import Media, Message, MessageStatus
from emulator.rest.form import Form, absolute_url_fault
from emulator.rest.http import API, ApiError, ApiRequest, ApiResponse, bad, not_found
from emulator.rest.paging import Listing, page, rfc2822, within
from emulator.world import World

BODY_LIMIT = 1600
MEDIA_LIMIT = 10


class Messages:
    """create, fetch, list, update (redact, cancel), delete, and the media of a message."""

    def __init__(self, world: World, messaging: Messaging) -> None:
        self._world, self._messaging = world, messaging

    def create(self, request: ApiRequest, form: Form) -> ApiResponse:  # noqa: ARG002 - the shape of every handler
        return ApiResponse(201, self.render(self._messaging.send(self._draft(form))))

    def list(self, request: ApiRequest, form: Form) -> ApiResponse:
        to, from_ = form.text("To"), form.text("From")
        found = [
            message
            for message in reversed(self._messaging.messages.values())
            if to in ("", message.to) and from_ in ("", message.from_) and within(form, "DateSent", message.date_sent)
        ]
        return page(request, form, Listing("messages", self.render), found)

    def fetch(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        return ApiResponse(200, self.render(self._find(request, sid)))

    def update(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        """Redact (Body must be empty) or cancel what is not yet sent."""
        message = self._find(request, sid)
        if form.has("Body"):
            if form.text("Body"):
                raise bad(30400, "Invalid message body update: Body can only be set to an empty string")
            self._messaging.redact(message)
        if form.choice("Status", ("", "canceled"), "") == "canceled":
            if message.final or message.status is MessageStatus.SENT:
                raise bad(30409, "Message cannot be canceled: it is already sent")
            self._messaging.set_status(message, MessageStatus.CANCELED)
        return ApiResponse(200, self.render(message))

    def delete(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        message = self._find(request, sid)
        if not message.final:
            raise ApiError(409, 20009, "Resource not complete: the message has not reached a final status")
        self._messaging.delete(message)
        return ApiResponse(204)

    def media(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        message = self._find(request, sid)

        def render(media: Media) -> dict[str, Any]:
            account = self._world.account.sid
            return {
                "sid": media.sid,
                "account_sid": account,
                "parent_sid": message.sid,
                "content_type": media.content_type,
                "date_created": rfc2822(message.date_created),
                "date_updated": rfc2822(message.date_updated),
                "uri": f"{API}/Accounts/{account}/Messages/{message.sid}/Media/{media.sid}.json",
            }

        return page(request, form, Listing("media_list", render), list(message.media))

    def render(self, message: Message) -> dict[str, Any]:
        """Return a message as Twilio's JSON."""
        account = self._world.account.sid
        uri = f"{API}/Accounts/{account}/Messages/{message.sid}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": message.body,
            "date_created": rfc2822(message.date_created),
            "date_sent": rfc2822(message.date_sent),
            "date_updated": rfc2822(message.date_updated),
            "direction": message.direction,
            "error_code": message.error_code,
            "error_message": message.error_message,
            "from": message.from_,
            "messaging_service_sid": message.messaging_service_sid,
            "num_media": str(len(message.media)),
            "num_segments": str(message.num_segments),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status.value,
            "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }

    def _find(self, request: ApiRequest, sid: str) -> Message:
        message = self._messaging.messages.get(sid)
        if message is None:
            raise not_found(request.path)
        return message

    def _draft(self, form: Form) -> Draft:
        to = form.e164("To", missing=bad(21604, "A 'To' phone number is required."), invalid=21211)
        from_ = self._sender(form)
        if from_ == to:
            raise bad(21266, "'To' and 'From' number cannot be the same")
        media = tuple(Media(url) for url in form.all("MediaUrl"))
        body = form.text("Body")
        if not body and not media:
            raise bad(21602, "Message body is required.")
        if len(body) > BODY_LIMIT:
            raise bad(21617, "The concatenated message body exceeds the 1600 character limit.")
        if len(media) > MEDIA_LIMIT or any(absolute_url_fault(item.url) for item in media):
            raise bad(21620, "Invalid media URL(s): at most ten absolute URLs")
        form.number("ValidityPeriod", 36000, 1, 36000)
        form.flag("SmartEncoded")
        hook = form.hook("StatusCallback", code=21609)
        return Draft(from_, to, body, "outbound-api", media, hook)

    def _sender(self, form: Form) -> str:
        from_ = form.text("From")
        if not from_:
            raise bad(21603, "A 'From' phone number is required.")
        if not is_e164(from_) or self._world.account.owned(from_) is None:
            text = "is not a valid, SMS-capable inbound phone number or short code for your account."
            raise bad(21606, f"The 'From' phone number provided ({from_}) {text}")
        return from_
