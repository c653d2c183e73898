"""The message exchange: texts from the application go to telephones, and report on their way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from emulator.callbacks import Callbacks
from emulator.messaging.fates import Fate, fate_of
from emulator.messaging.loops import LoopGuard
from emulator.messaging.message import Media, Message, MessageStatus
from emulator.messaging.optout import OptOuts
from emulator.messaging.params import status_params
from emulator.messaging.services import Services
from emulator.signing import Product
from emulator.waiting import first_of
from emulator.webhooks import Hook
from emulator.world import World

Receive = Callable[[Message], None]
BLOCKED, LOOP, EXPIRED, NO_SENDER = 21610, 14107, 30036, 21704


@dataclass(frozen=True, slots=True)
class Draft:
    """A message somebody wants sent. Without `from_` its Messaging Service chooses the sender."""

    from_: str
    to: str
    body: str
    direction: str
    media: tuple[Media, ...] = ()
    status_hook: Hook | None = None
    messaging_service_sid: str | None = None
    validity_s: int = 36000
    send_at: datetime | None = None


class Messaging:
    """All messages of the account, and their movement."""

    def __init__(self, world: World, callbacks: Callbacks) -> None:
        self._world, self._callbacks = world, callbacks
        self.messages: dict[str, Message] = {}
        self.services = Services()
        self.opt_outs = OptOuts()
        self._loops = LoopGuard()
        self._free_at_s: dict[str, float] = {}
        self.on_own_number: Receive | None = None

    def send(self, draft: Draft) -> Message:
        """Accept a message for sending; no callback is made for the status it begins with."""
        now = self._world.clock.now()
        message = Message(
            from_=draft.from_,
            to=draft.to,
            body=draft.body,
            direction=draft.direction,
            status=_first_status(draft),
            date_created=now,
            date_updated=now,
            media=draft.media,
            status_hook=draft.status_hook,
            messaging_service_sid=draft.messaging_service_sid,
            validity_s=draft.validity_s,
            send_at=draft.send_at,
        )
        self.messages[message.sid] = message
        self._note(message)
        self._world.background.start(self._carry(message))
        return message

    def keep(self, message: Message) -> None:
        """Take an incoming message into the account."""
        self.messages[message.sid] = message
        self._note(message)

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

    def owner(self, number: str) -> str:
        """Return who keeps the block list for a number: the Messaging Service it belongs to, or itself."""
        owned = self._world.account.owned(number)
        service = self.services.of_number(owned.sid) if owned is not None else None
        return service.sid if service is not None else number

    def blocked(self, sender: str, recipient: str) -> bool:
        return (self.owner(sender), recipient) in self.opt_outs.blocked

    async def _carry(self, message: Message) -> None:
        """Take a message through its statuses to its fate."""
        if message.send_at is not None:
            await self._world.clock.sleep((message.send_at - self._world.clock.now()).total_seconds())
        if message.final or not self._leave_pool(message):
            return
        refusal = self._refusal(message)
        if refusal is not None:
            self._fail(message, refusal)
            return
        if not await self._wait_in_queue(message):
            return
        await self._travel(message, fate_of(self._world, message))

    def _leave_pool(self, message: Message) -> bool:
        """Give a message of a Messaging Service its sender and queue it; False where there is none."""
        if message.status is MessageStatus.QUEUED:
            return True
        message.from_ = message.from_ or self._pool_sender(message)
        if not message.from_:
            self._fail(message, Fate(MessageStatus.FAILED, NO_SENDER))
            return False
        self.set_status(message, MessageStatus.QUEUED)
        return True

    def _pool_sender(self, message: Message) -> str:
        service = self.services.all.get(message.messaging_service_sid or "")
        numbers = self._world.account.numbers
        pool = [numbers[sid].phone_number for sid in service.numbers if sid in numbers] if service else []
        if service is None or not pool:
            return ""
        used = service.senders_used.get(message.to)
        sender = used if used in pool else pool[len(service.senders_used) % len(pool)]
        service.senders_used[message.to] = sender
        return sender

    def _refusal(self, message: Message) -> Fate | None:
        """Return why a message may not go out at all."""
        if self.blocked(message.from_, message.to):
            return Fate(MessageStatus.FAILED, BLOCKED)
        if message.direction == "outbound-reply":
            now_s = self._world.clock.elapsed_s()
            if not self._loops.allows(message.from_, message.to, now_s):
                return Fate(MessageStatus.FAILED, LOOP)
        return None

    async def _wait_in_queue(self, message: Message) -> bool:
        """Wait for the sender's turn; False when the message was canceled or outlived its validity meanwhile."""
        now_s, pace = self._world.clock.elapsed_s(), self._world.pace
        turn_s = max(now_s, self._free_at_s.get(message.from_, 0.0))
        if pace.segments_per_second:
            self._free_at_s[message.from_] = turn_s + message.num_segments / pace.segments_per_second
        wait_s = turn_s - now_s + pace.message_sent_s
        await self._sleep(message, min(wait_s, float(message.validity_s)))
        if not message.final and wait_s > message.validity_s:
            self._fail(message, Fate(MessageStatus.FAILED, EXPIRED))
        return not message.final

    async def _sleep(self, message: Message, seconds: float) -> None:
        """Wait in the emulator's time, or until something makes the message go at once."""
        await first_of(partial(self._world.clock.sleep, seconds), message.at_once.wait)

    async def _travel(self, message: Message, fate: Fate) -> None:
        if fate.status is MessageStatus.FAILED:
            self._fail(message, fate)
            return
        self.set_status(message, MessageStatus.SENT)
        if fate.status is MessageStatus.SENT:
            return
        if fate.status is MessageStatus.DELIVERED:
            self._arrive(message)
        await self._world.clock.sleep(self._world.pace.message_delivered_s)
        message.error_message = fate.reason
        self.set_status(message, fate.status, error=fate.error_code)

    def _fail(self, message: Message, fate: Fate) -> None:
        message.error_message = fate.reason
        self.set_status(message, fate.status, error=fate.error_code)
        if fate.error_code in (BLOCKED, LOOP, NO_SENDER):
            self._world.journal.error(fate.error_code, fate.reason or "", subject=message.sid)

    def _arrive(self, message: Message) -> None:
        if self._world.account.owned(message.to) is not None and self.on_own_number is not None:
            self.on_own_number(message)
            return
        self._world.phones.at(message.to).texts.append(message)
        self._world.journal.note("phone.text", subject=message.sid, number=message.to, body=message.body)

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


def _first_status(draft: Draft) -> MessageStatus:
    if draft.send_at is not None:
        return MessageStatus.SCHEDULED
    return MessageStatus.ACCEPTED if draft.messaging_service_sid is not None else MessageStatus.QUEUED
