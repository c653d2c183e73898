"""Texts from telephones: keywords answered by Twilio itself, then the webhook asked, then its replies sent."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.account import Number
from emulator.documents import Asking, Documents, Source
from emulator.messaging.exchange import Draft, Messaging
from emulator.messaging.message import Media, Message, MessageStatus
from emulator.messaging.optout import Mode, Verdict
from emulator.messaging.params import inbound_params
from emulator.phones import Phone
from emulator.twiml.document import Dialect, Document, Element, NoDocument
from emulator.webhooks import Hook
from emulator.world import World

REPLY_LIMIT = 10
DOCUMENT_LIMIT = 50
BODY_LIMIT = 1600


@dataclass(frozen=True, slots=True)
class Arrival:
    """An incoming message on its way to the application."""

    message: Message
    source: Source | None
    opt_out: str = ""


class Inbox:
    """Receives texts and runs their webhooks."""

    def __init__(self, world: World, messaging: Messaging) -> None:
        self._world, self._messaging = world, messaging
        self._documents = Documents(world)
        messaging.on_own_number = self._from_own_number

    def receive(self, phone: Phone, to: str, body: str, media: tuple[Media, ...] = ()) -> Message:
        """Take a text from `phone` to one of the account's numbers; its webhook goes out in the background."""
        return self._take(phone.number, to, body, media, keep=phone.texts.append)

    def _from_own_number(self, sent: Message) -> None:
        self._take(sent.from_, sent.to, sent.body, sent.media, keep=lambda _: None)

    def _take(
        self, from_: str, to: str, body: str, media: tuple[Media, ...], *, keep: Callable[[Message], None]
    ) -> Message:
        now = self._world.clock.now()
        number = self._world.account.owned(to)
        service = self._messaging.services.of_number(number.sid) if number is not None else None
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
            messaging_service_sid=service.sid if service is not None else None,
        )
        self._messaging.keep(message)
        keep(message)
        opt_out = self._hear(message) if number is not None else ""
        arrival = Arrival(message, self._source(number), opt_out)
        self._world.background.start(self._run_webhook(arrival))
        return message

    def _hear(self, message: Message) -> str:
        """Let Twilio's own keyword handling have the message first; return the OptOutType for the webhook."""
        opt_outs, owner = self._messaging.opt_outs, self._messaging.owner(message.to)
        verdict = opt_outs.hear(owner, message.to, message.from_, message.body)
        if verdict.keyword is None:
            return ""
        self._world.journal.note(
            "optout", subject=message.sid, keyword=verdict.keyword.value, person=message.from_, owner=owner
        )
        self._answer_keyword(message, verdict)
        advanced = opt_outs.handling(owner, message.to).mode is Mode.ADVANCED
        return verdict.keyword.value if advanced else ""

    def _answer_keyword(self, message: Message, verdict: Verdict) -> None:
        """Put Twilio's own answer on the telephone; it is none of the account's messages."""
        if not verdict.answer:
            return
        now = self._world.clock.now()
        answer = Message(
            from_=message.to,
            to=message.from_,
            body=verdict.answer,
            direction="outbound-reply",
            status=MessageStatus.DELIVERED,
            date_created=now,
            date_updated=now,
        )
        self._world.phones.at(message.from_).texts.append(answer)
        self._world.journal.note("phone.text", subject=answer.sid, number=message.from_, body=answer.body, by="twilio")

    def _source(self, number: Number | None) -> Source | None:
        """Return whose webhook is asked: the Messaging Service's, unless it leaves that to the number."""
        if number is None:
            return None
        service = self._messaging.services.of_number(number.sid)
        if service is not None and not service.use_inbound_webhook_on_number:
            return Source(service.inbound, service.fallback) if service.inbound is not None else None
        return Source(number.sms_hook, number.sms_fallback) if number.sms_hook is not None else None

    async def _run_webhook(self, arrival: Arrival) -> None:
        """Ask the webhook what to reply, and send it. Without a webhook the text is only logged."""
        message, source = arrival.message, arrival.source
        with self._world.clock.busy():
            if source is None:
                self._world.journal.note("message.no_webhook", subject=message.sid, to=message.to)
                return
            form = inbound_params(message, self._world.account.sid, self._world.base_url(), arrival.opt_out)
            for _ in range(DOCUMENT_LIMIT):
                try:
                    document = await self._documents.fetch(
                        source, Asking(message.sid, form, "incoming message"), Dialect.MESSAGING
                    )
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
        draft = reply_draft(document, verb, ours=message.to, theirs=message.from_, direction="outbound-reply")
        fault = content_fault(draft)
        if fault is not None:
            self._world.journal.error(*fault, subject=message.sid)
            return
        self._messaging.send(draft)


def reply_draft(document: Document, verb: Element, *, ours: str, theirs: str, direction: str) -> Draft:
    """Return what a <Message> or <Sms> asks to be sent."""
    bodies = [child.text for child in verb.children if child.name == "Body"]
    url = verb.get("statusCallback") or verb.get("action")  # `action` is its older spelling
    return Draft(
        from_=verb.get("from", ours),
        to=verb.get("to", theirs),
        body=bodies[0] if bodies else verb.text,
        direction=direction,
        media=tuple(Media(document.resolve(child.text)) for child in verb.children if child.name == "Media"),
        status_hook=Hook(document.resolve(url), verb.get("method", "POST")) if url else None,
    )


def content_fault(draft: Draft) -> tuple[int, str] | None:
    """Return Twilio's code and text for content that cannot be sent."""
    if not draft.body and not draft.media:
        return 14103, "Message: Invalid Body: it is empty"
    if len(draft.body) > BODY_LIMIT:
        return 21617, f"Message: body exceeds {BODY_LIMIT} characters"
    return None
