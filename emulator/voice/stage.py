"""What calls need from their surroundings: making legs, ringing telephones, finding rooms."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.callbacks import Callbacks
from emulator.documents import Documents
from emulator.journal import Level
from emulator.phones import Behaviour
from emulator.signing import Product
from emulator.voice.conference import Conference
from emulator.voice.leg import Direction, Leg, LegStatus, Line
from emulator.voice.lines import Queue
from emulator.voice.params import progress_params
from emulator.waiting import first_of
from emulator.world import World

if TYPE_CHECKING:
    from emulator.voice.recording import Recording

EVENTS = {
    LegStatus.INITIATED.value: "initiated",
    LegStatus.RINGING.value: "ringing",
    LegStatus.IN_PROGRESS.value: "answered",
    **{
        status.value: "completed"
        for status in (
            LegStatus.COMPLETED,
            LegStatus.BUSY,
            LegStatus.FAILED,
            LegStatus.NO_ANSWER,
            LegStatus.CANCELED,
        )
    },
}


class Stage:
    """All legs and conferences of the account."""

    def __init__(self, world: World, callbacks: Callbacks) -> None:
        self.world, self.callbacks = world, callbacks
        self.documents = Documents(world)
        self.legs: dict[str, Leg] = {}
        self.conferences: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        self.queues: dict[str, Queue] = {}

    def new_leg(self, line: Line) -> Leg:
        """Return a new leg, queued."""
        leg = Leg(line, self.world.clock.now, self._changed)
        self.legs[leg.sid] = leg
        return leg

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return self.world.background.start(work)

    async def ring(self, leg: Leg, timeout_s: float) -> bool:
        """Ring the leg's telephone and return whether it was answered; if not, the leg has ended."""
        leg.move(LegStatus.INITIATED)
        leg.line.phone.calls.append(leg)
        refusal = self._refusal(leg)
        if refusal is not None:
            leg.finish(refusal)
            return False
        leg.move(LegStatus.RINGING)
        self._answer_by_itself(leg)
        rings_s = timeout_s + self.world.pace.ring_buffer_s
        await first_of(leg.answered.wait, leg.over.wait, partial(self.world.clock.sleep, rings_s))
        if not leg.answered.is_set():
            leg.finish(LegStatus.NO_ANSWER)
        return leg.answered.is_set() and leg.live

    def conference(self, name: str) -> Conference | None:
        """Return the conference of that name that is not over."""
        found = (room for room in self.conferences.values() if room.name == name and room.live)
        return next(found, None)

    def _refusal(self, leg: Leg) -> LegStatus | None:
        fault = self.world.faults.for_call({"sid": leg.sid, "to": leg.line.to, "from": leg.line.from_})
        if fault is not None:
            return LegStatus(fault.outcome or "failed")
        match leg.line.phone.behaviour:
            case Behaviour.BUSY:
                return LegStatus.BUSY
            case Behaviour.UNREACHABLE:
                return LegStatus.FAILED
            case _:
                return None

    def _answer_by_itself(self, leg: Leg) -> None:
        phone = leg.line.phone
        if phone.behaviour in (Behaviour.ANSWER, Behaviour.VOICEMAIL, Behaviour.FAX):
            self.world.clock.later(phone.answer_after_s, leg.answer)

    def _play_machine(self, leg: Leg, what: str) -> None:
        """Let a voicemail greet whoever it is connected with, and beep when its greeting is over."""
        phone = leg.line.phone
        if phone.behaviour is not Behaviour.VOICEMAIL or leg.line.direction is Direction.INBOUND:
            return
        if what == "joined":
            self.world.clock.later(0.0, lambda: leg.speak(phone.greeting, 1.0))
        if what == LegStatus.IN_PROGRESS.value and phone.greeting_end == "beep":
            self.world.clock.later(phone.greeting_s, lambda: leg.say("beep", "beep") if leg.live else None)

    def _changed(self, leg: Leg, what: str) -> None:
        """Record a leg's change, and report it where the application asked for it."""
        if what == "caption":
            caption = leg.captions[-1]
            self.world.journal.note(
                "call.caption",
                subject=leg.sid,
                phone=leg.line.phone.number,
                sound=caption.kind,
                said=caption.said,
                language=caption.language,
            )
            return
        self._play_machine(leg, what)
        level = Level.WARNING if what == LegStatus.FAILED.value else Level.INFO
        self.world.journal.note(
            f"call.{what}",
            subject=leg.sid,
            level=level,
            caller=leg.line.from_,
            to=leg.line.to,
            direction=leg.line.direction.value,
            phone=leg.line.phone.number,
        )
        event = EVENTS.get(what)
        if event is not None and leg.status_hook is not None and event in leg.status_hook.events:
            self.callbacks.send(
                leg.status_hook.hook,
                progress_params(leg, self.world.account.sid),
                product=Product.VOICE,
                subject=leg.sid,
            )


async def send_digits(stage: Stage, leg: Leg, digits: str) -> None:
    """Press keys on the called party's telephone system once it has answered: w waits half a second, W one."""
    if not digits:
        return
    leg.say("tone", digits)
    waits_s = {"w": 0.5, "W": 1.0}
    await stage.world.clock.sleep(sum(waits_s.get(key, 0.1) for key in digits))
