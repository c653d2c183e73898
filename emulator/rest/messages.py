"""The Message resource."""

from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.messaging.exchange import Draft, Messaging
from emulator.messaging.message import Media, Message, MessageStatus
from emulator.messaging.optout import Mode
from emulator.messaging.services import Service
from emulator.rest.form import Form, absolute_url_fault
from emulator.rest.http import API, ApiError, ApiRequest, ApiResponse, bad, not_found
from emulator.rest.paging import Listing, page, rfc2822, within
from emulator.segments import smart
from emulator.webhooks import Hook
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
        within(form, "DateSent", None)  # an unreadable date is refused even where there is nothing to filter
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
        return page(
            request, form, Listing("media_list", lambda media: self._render_media(message, media)), message.media
        )

    def one_media(self, request: ApiRequest, form: Form, sid: str, media_sid: str) -> ApiResponse:  # noqa: ARG002
        """Return a picture: its JSON at `.json`, itself without."""
        message = self._find(request, sid)
        media = _media(request, message, media_sid)
        if request.path.endswith(".json"):
            return ApiResponse(200, self._render_media(message, media))
        if media.data:
            return ApiResponse(200, raw=media.data, content_type=media.content_type)
        return ApiResponse(307, headers={"Location": media.url})

    def delete_media(self, request: ApiRequest, form: Form, sid: str, media_sid: str) -> ApiResponse:  # noqa: ARG002
        message = self._find(request, sid)
        media = _media(request, message, media_sid)
        message.media = tuple(item for item in message.media if item is not media)
        return ApiResponse(204)

    def _render_media(self, message: Message, media: Media) -> dict[str, Any]:
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
            "from": message.from_ or None,
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
        service = self._service(form)
        from_ = self._sender(form, service)
        if from_ == to:
            raise bad(21266, "'To' and 'From' number cannot be the same")
        if service is None and self._refused_at_once(from_, to):
            raise bad(21610, "Attempt to send to unsubscribed recipient")
        body, media = _content(form)
        smart_encoding = form.flag("SmartEncoded", default=service is not None and service.smart_encoding)
        hook = form.hook("StatusCallback", code=21609)
        if hook is None and service is not None:
            hook = Hook.maybe(service.status_callback)
        return Draft(
            from_,
            to,
            smart(body) if smart_encoding else body,
            "outbound-api",
            media,
            hook,
            messaging_service_sid=service.sid if service is not None else None,
            validity_s=form.number("ValidityPeriod", service.validity_period if service else 36000, 1, 36000),
            send_at=send_at(form, self._world.clock.now(), service),
        )

    def _refused_at_once(self, from_: str, to: str) -> bool:
        """Return whether the block list refuses a direct send in the answer; Advanced Opt-Out refuses later."""
        owner = self._messaging.owner(from_)
        advanced = self._messaging.opt_outs.handling(owner, from_).mode is Mode.ADVANCED
        return self._messaging.blocked(from_, to) and not advanced

    def _service(self, form: Form) -> Service | None:
        sid = form.text("MessagingServiceSid")
        if not sid:
            return None
        service = self._messaging.services.all.get(sid)
        if service is None:
            raise bad(21701, f"The Messaging Service {sid} does not exist")
        if not service.numbers:
            raise bad(21704, f"The Messaging Service {sid} contains no phone numbers")
        return service

    def _sender(self, form: Form, service: Service | None) -> str:
        from_ = form.text("From")
        if not from_ and service is not None:
            return ""
        if not from_:
            raise bad(21603, "A 'From' phone number is required.")
        owned = self._world.account.owned(from_)
        if owned is None:
            text = "is not a valid, SMS-capable inbound phone number or short code for your account."
            raise bad(21606, f"The 'From' phone number provided ({from_}) {text}")
        if service is not None and owned.sid not in service.numbers:
            raise bad(21712, f"The number {from_} is not associated with the Messaging Service {service.sid}")
        return from_


def _content(form: Form) -> tuple[str, tuple[Media, ...]]:
    """Return the text and pictures of a message, refused where Twilio refuses them."""
    media = tuple(Media(url) for url in form.all("MediaUrl"))
    body = form.text("Body")
    if not body and not media:
        raise bad(21602, "Message body is required.")
    if len(body) > BODY_LIMIT:
        raise bad(21617, "The concatenated message body exceeds the 1600 character limit.")
    if len(media) > MEDIA_LIMIT or any(absolute_url_fault(item.url) for item in media):
        raise bad(21620, "Invalid media URL(s): at most ten absolute URLs")
    return body, media


def send_at(form: Form, now: datetime, service: Service | None) -> datetime | None:
    """Return when a scheduled message is to go; without a Messaging Service Twilio drops the wish and sends at once."""
    value = form.text("SendAt")
    if form.choice("ScheduleType", ("", "fixed"), "") != "fixed" or service is None:
        return None
    try:
        when = datetime.fromisoformat(value)
    except ValueError as error:
        raise bad(35114, f"Scheduling does not support this timestamp: {value!r}") from error
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    if not timedelta(minutes=15) <= when - now <= timedelta(days=35):
        raise bad(35114, "Scheduling does not support this timestamp: it must be 15 minutes to 35 days ahead")
    return when


def _media(request: ApiRequest, message: Message, sid: str) -> Media:
    for media in message.media:
        if media.sid == sid:
            return media
    raise not_found(request.path)
