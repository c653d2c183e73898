"""What a person with a telephone can do."""

import base64
from typing import Any

from emulator.control.errors import ControlError, missing
from emulator.control.fields import Fields
from emulator.control.views import call_view, phone_view, rooms_view, text_view
from emulator.engine import Engine
from emulator.messaging.message import Media
from emulator.phones import Behaviour, Phone
from emulator.twiml.checks import KEYS
from emulator.voice.leg import Direction, Leg, LegStatus

Json = dict[str, Any]
THREAD_SHOWN = 200


class Telephony:
    """Phones and their calls. Runs on the engine's thread; `press` waits for ears there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def phones(self) -> list[Json]:
        return [phone_view(phone) for phone in self._engine.world.phones.all()]

    def state(self) -> list[Json]:
        """Return every phone with its thread, its live calls, and the senders it has opted out of."""
        blocked = self._engine.messaging.opt_outs.blocked
        own = {number.phone_number for number in self._engine.world.account.numbers.values()}
        return [
            phone_view(phone)
            | {
                "thread": [text_view(message, phone) for message in phone.texts[-THREAD_SHOWN:]],
                "live_calls": [call_view(leg) for leg in phone.calls if leg.live],
                "opted_out_of": sorted(owner for owner, person in blocked if person == phone.number),
            }
            for phone in self._engine.world.phones.all()
            if phone.number not in own
        ]

    def caption_sound(self, sid: str, index: int) -> tuple[str, str]:
        """Return the words and language of one thing heard in a call."""
        captions = self.leg(sid).captions
        if not 0 <= index < len(captions):
            raise missing(f"caption {index}")
        return captions[index].said, captions[index].language or "en-US"

    def set_up(self, data: Any) -> Json:
        """Create a phone, or change the one with that number."""
        fields = Fields(data)
        phone = self._engine.world.phones.at(fields.text("number"))
        return self._change(phone, fields)

    def change(self, number: str, data: Any) -> Json:
        fields = Fields({**data, "number": number} if isinstance(data, dict) else data)
        fields.text("number")
        return self._change(self._phone(number), fields)

    def phone(self, number: str) -> Json:
        phone = self._phone(number)
        return phone_view(phone) | {"thread": self.thread(number), "all_calls": self.calls(number, active=False)}

    def remove(self, number: str) -> None:
        phone = self._phone(number)
        for leg in phone.calls:
            leg.hang_up()
        self._engine.world.phones.remove(number)

    def thread(self, number: str) -> list[Json]:
        phone = self._phone(number)
        return [text_view(message, phone) for message in phone.texts]

    def text(self, number: str, data: Any) -> Json:
        """Send a text from a phone."""
        fields = Fields(data)
        phone = self._used(number)
        to, body = self._destination(fields), fields.text("body", "")
        media = tuple(self._media(row) for row in fields.rows("media"))
        fields.done()
        return text_view(self._engine.inbox.receive(phone, to, body, media), phone)

    def call(self, number: str, data: Any) -> Json:
        """Call from a phone."""
        fields = Fields(data)
        phone = self._used(number)
        phone.withheld = fields.flag("withheld", default=phone.withheld)
        to = self._destination(fields)
        fields.done()
        return call_view(self._engine.switchboard.call_in(phone, to))

    def calls(self, number: str, *, active: bool) -> list[Json]:
        legs = self._phone(number).calls
        return [call_view(leg) for leg in legs if leg.live or not active]

    def all_calls(self, *, active: bool) -> list[Json]:
        legs = self._engine.switchboard.stage.legs.values()
        return [call_view(leg) for leg in legs if leg.live or not active]

    def one_call(self, sid: str) -> Json:
        return call_view(self.leg(sid))

    def rooms(self) -> list[Json]:
        return rooms_view(list(self._engine.switchboard.stage.legs.values()))

    def answer(self, sid: str) -> Json:
        leg = self._ringing(sid)
        leg.answer()
        return call_view(leg)

    def reject(self, sid: str) -> Json:
        leg = self._ringing(sid)
        leg.finish(LegStatus.BUSY)
        return call_view(leg)

    def ignore(self, sid: str) -> Json:
        """Let it ring out now, as if its time were over."""
        leg = self._ringing(sid)
        leg.finish(LegStatus.NO_ANSWER)
        return call_view(leg)

    def hang_up(self, sid: str) -> Json:
        leg = self._live(sid)
        leg.hang_up()
        return call_view(leg)

    async def press(self, sid: str, data: Any) -> Json:
        """Press keys one after another; with `wait_s`, wait that long in real time for somebody to listen."""
        fields = Fields(data)
        digits, wait_s = fields.text("digits"), fields.number("wait_s", 0)
        fields.done()
        if not digits or not set(digits) <= KEYS:
            raise ControlError(400, "digits must be made of 0-9, * and #")
        leg = self._live(sid)
        journal = self._engine.world.journal
        if wait_s and not await journal.wait_until(lambda: hears_keys(leg) or not leg.live, seconds=wait_s):
            raise ControlError(409, f"nobody listened for keys within {wait_s:g} s")
        heard = [self._press(leg, key) for key in digits]
        return call_view(leg) | {"heard": heard}

    async def speak(self, sid: str, data: Any) -> Json:
        """Say something: to whoever is connected, or to a Gather that listens for speech."""
        fields = Fields(data)
        text, confidence = fields.text("text"), fields.number("confidence", 0.9)
        wait_s = fields.number("wait_s", 0)
        fields.done()
        leg = self._live(sid)
        journal = self._engine.world.journal
        if wait_s and not await journal.wait_until(lambda: hears_speech(leg) or not leg.live, seconds=wait_s):
            raise ControlError(409, f"nobody listened for speech within {wait_s:g} s")
        heard = leg.speak(text, confidence)
        return call_view(leg) | {"heard": heard}

    def leg(self, sid: str) -> Leg:
        leg = self._engine.switchboard.stage.legs.get(sid)
        if leg is None:
            raise missing(f"call {sid}")
        return leg

    def _press(self, leg: Leg, key: str) -> bool:
        heard = leg.press(key)
        self._engine.world.journal.note("phone.key", subject=leg.sid, key=key, heard=heard)
        return heard

    def _change(self, phone: Phone, fields: Fields) -> Json:
        phone.behaviour = Behaviour(fields.choice("behaviour", tuple(Behaviour), phone.behaviour.value))
        phone.name = fields.text("name", phone.name)
        phone.answer_after_s = fields.number("answer_after_s", phone.answer_after_s)
        phone.greeting = fields.text("greeting", phone.greeting)
        phone.greeting_s = fields.number("greeting_s", phone.greeting_s)
        phone.withheld = fields.flag("withheld", default=phone.withheld)
        phone.greeting_end = fields.choice("greeting_end", ("beep", "silence", "other"), phone.greeting_end)
        phone.expected = True
        fields.done()
        self._engine.world.journal.note("phone.changed", number=phone.number)
        return phone_view(phone)

    def _used(self, number: str) -> Phone:
        """Return the phone somebody uses; it needs no setting up."""
        phone = self._engine.world.phones.at(number)
        phone.expected = True
        return phone

    def _destination(self, fields: Fields) -> str:
        """Return the number to reach: `to`, or the account's only number."""
        numbers = list(self._engine.world.account.numbers.values())
        default = numbers[0].phone_number if numbers else None
        return fields.text("to", default)

    def _media(self, row: Json) -> Media:
        """Return a picture: where it is (`url`), or what it is (`data`, in base64), kept here as Twilio keeps it."""
        fields = Fields(row)
        url, data = fields.text("url", ""), fields.text("data", "")
        kind = fields.text("content_type", "image/jpeg")
        fields.done()
        if bool(url) == bool(data):
            raise ControlError(400, "media needs either url or data")
        try:
            return Media(url, kind, base64.b64decode(data, validate=True))
        except ValueError as error:
            raise ControlError(400, "media data must be base64") from error

    def _phone(self, number: str) -> Phone:
        phone = self._engine.world.phones.find(number)
        if phone is None:
            raise missing(f"phone {number}; POST it to /emulator/api/phones first")
        return phone

    def _live(self, sid: str) -> Leg:
        leg = self.leg(sid)
        if not leg.live:
            raise ControlError(409, f"the call is over: {leg.status.value}")
        return leg

    def _ringing(self, sid: str) -> Leg:
        leg = self._live(sid)
        if leg.line.direction is Direction.INBOUND or leg.status is not LegStatus.RINGING:
            raise ControlError(409, f"the phone is not ringing: {leg.status.value}")
        return leg


def hears_keys(leg: Leg) -> bool:
    """Return whether a key pressed now would be heard."""
    return leg.ear is not None and leg.ear.on_key is not None


def hears_speech(leg: Leg) -> bool:
    """Return whether words said now would be heard."""
    return leg.room is not None or (leg.ear is not None and leg.ear.on_speech is not None)
