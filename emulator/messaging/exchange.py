"""The message exchange: texts from telephones go to webhooks, texts from the application go to telephones."""

from dataclasses import dataclass

from emulator.documents import Asking, Documents, Source
from emulator.messaging.fates import fate_of
from emulator.messaging.message import Media, Message, MessageStatus
from emulator.phones import Phone
from emulator.signing import Product
from emulator.twiml.document import Dialect, Document, Element, NoDocument
from emulator.webhooks import Hook
from emulator.world import Callbacks, World

REPLY_LIMIT = 10
DOCUMENT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A message somebody wants sent."""

    from_: str
    to: str
    body: str
    direction: str
    media: tuple[Media, ...] = ()
    status_hook: Hook | None = None
    messaging_service_sid: str | None = None


class Messaging:
    """All messages of the account, and their movement."""

    def __init__(self, world: World, callbacks: Callbacks) -> None:
        self._world, self._callbacks = world, callbacks
        self._documents = Documents(world)
        self.messages: dict[str, Message] = {}

    def receive(self, phone: Phone, to: str, body: str, media: tuple[Media, ...] = ()) -> Message:
        """Take a text from `phone` to one of the account's numbers; its webhook goes out in the background."""
        message = self._received(phone.number, to, body, media)
        phone.texts.append(message)
        self._world.background.start(self._run_webhook(message))
        return message

    def send(self, draft: Draft) -> Message:
        """Accept a message for sending and return it as `queued`; no callback is made for that status."""
        now = self._world.clock.now()
        message = Message(
            from_=draft.from_,
            to=draft.to,
            body=draft.body,
            direction=draft.direction,
            status=MessageStatus.QUEUED,
            date_created=now,
            date_updated=now,
            media=draft.media,
            status_hook=draft.status_hook,
            messaging_service_sid=draft.messaging_service_sid,
        )
        self.messages[message.sid] = message
        self._note(message)
        self._world.background.start(self._carry(message))
        return message

    def set_status(self, message: Message, status: MessageStatus, *, error: int | None = None) -> None:
        """Move a message on, and tell its status callback."""
        message.status = status
        message.date_updated = self._world.clock.now()
        message.error_code = error
        if status is MessageStatus.SENT:
            message.date_sent = message.date_updated
        self._note(message)
        if message.status_hook is not None:
            self._callbacks.send(
                message.status_hook,
                status_params(message, self._world.account.sid),
                product=Product.MESSAGING,
                subject=message.sid,
            )

    def redact(self, message: Message) -> None:
        """Empty a message's text."""
        message.body = ""
        message.date_updated = self._world.clock.now()

    def delete(self, message: Message) -> None:
        """Remove a message from the account; telephones keep what they received."""
        del self.messages[message.sid]

    async def _carry(self, message: Message) -> None:
        """Take a message through its statuses to its fate."""
        fate = fate_of(self._world, message)
        await self._world.clock.sleep(self._world.pace.message_sent_s)
        if message.final:
            return  # canceled meanwhile
        if fate.status is MessageStatus.FAILED:
            message.error_message = fate.reason
            self.set_status(message, fate.status, error=fate.error_code)
            return
        self.set_status(message, MessageStatus.SENT)
        if fate.status is MessageStatus.SENT:
            return
        if fate.status is MessageStatus.DELIVERED:
            self._arrive(message)
        await self._world.clock.sleep(self._world.pace.message_delivered_s)
        message.error_message = fate.reason
        self.set_status(message, fate.status, error=fate.error_code)

    def _arrive(self, message: Message) -> None:
        if self._world.account.owned(message.to) is not None:
            incoming = self._received(message.from_, message.to, message.body, message.media)
            self._world.background.start(self._run_webhook(incoming))
            return
        self._world.phones.at(message.to).texts.append(message)
        self._world.journal.note("phone.text", subject=message.sid, number=message.to, body=message.body)

    def _received(self, from_: str, to: str, body: str, media: tuple[Media, ...]) -> Message:
        now = self._world.clock.now()
        message = Message(
            from_=from_,
            to=to,
            body=body,
            direction="inbound",
            status=MessageStatus.RECEIVED,
            date_created=now,
            date_updated=now,
            date_sent=now,
            media=media,
        )
        self.messages[message.sid] = message
        self._note(message)
        return message

    async def _run_webhook(self, message: Message) -> None:
        """Ask the number's webhook what to reply, and send it. Without a webhook the text is only logged."""
        with self._world.clock.busy():
            number = self._world.account.owned(message.to)
            if number is None or number.sms_hook is None:
                self._world.journal.note("message.no_webhook", subject=message.sid, to=message.to)
                return
            source = Source(number.sms_hook, number.sms_fallback)
            for _ in range(DOCUMENT_LIMIT):
                asking = Asking(message.sid, inbound_params(message, self._world.account.sid), "incoming message")
                try:
                    document = await self._documents.fetch(source, asking, Dialect.MESSAGING)
                except NoDocument:
                    return  # recorded where it failed; Twilio sends nothing and tries nothing more
                redirect = self._reply(message, document)
                if redirect is None:
                    return
                source = Source(redirect)
            self._world.journal.error(14106, f"more than {DOCUMENT_LIMIT} TwiML documents", subject=message.sid)

    def _reply(self, message: Message, document: Document) -> Hook | None:
        """Send the document's messages; return where it redirects to."""
        for replies, verb in enumerate(document.verbs):
            if verb.name == "Redirect":
                return Hook(document.resolve(verb.text), verb.get("method", "POST"))
            if replies >= REPLY_LIMIT:
                self._world.journal.error(14109, "Message: Reply message limit exceeded", subject=message.sid)
                return None
            self._answer(message, document, verb)
        return None

    def _answer(self, message: Message, document: Document, verb: Element) -> None:
        body, media = message_content(document, verb)
        if not body and not media:
            self._world.journal.error(14103, "Message: Invalid Body: it is empty", subject=message.sid)
            return
        if len(body) > 1600:
            self._world.journal.error(21617, "Message: body exceeds 1600 characters", subject=message.sid)
            return
        draft = Draft(
            from_=verb.get("from", message.to),
            to=verb.get("to", message.from_),
            body=body,
            direction="outbound-reply",
            media=media,
            status_hook=reply_hook(document, verb),
        )
        self.send(draft)

    def _note(self, message: Message) -> None:
        self._world.journal.note(
            f"message.{message.status.value}",
            subject=message.sid,
            direction=message.direction,
            sender=message.from_,
            to=message.to,
            body=message.body,
            segments=message.num_segments,
            error_code=message.error_code,
        )


def message_content(document: Document, verb: Element) -> tuple[str, tuple[Media, ...]]:
    """Return the text and media of a <Message>."""
    bodies = [child.text for child in verb.children if child.name == "Body"]
    media = tuple(Media(document.resolve(child.text)) for child in verb.children if child.name == "Media")
    return (bodies[0] if bodies else verb.text), media


def reply_hook(document: Document, verb: Element) -> Hook | None:
    """Return where a <Message> wants its status reported: `statusCallback`, or `action`, its older spelling."""
    url = verb.get("statusCallback") or verb.get("action")
    return Hook(document.resolve(url), verb.get("method", "POST")) if url else None


def inbound_params(message: Message, account_sid: str) -> dict[str, str]:
    """Return the form Twilio sends for an incoming message."""
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
    for index, media in enumerate(message.media):
        params[f"MediaUrl{index}"] = media.url
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
    return params
