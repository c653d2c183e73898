"""The telephone exchange: calls from telephones, calls by REST, and changes to live calls."""

from dataclasses import dataclass

from emulator.callbacks import Callbacks
from emulator.messaging.exchange import Messaging
from emulator.phones import Phone
from emulator.voice.detection import Detection, detect
from emulator.voice.leg import Direction, Goto, Leg, LegStatus, Line, StatusHook
from emulator.voice.recording import Recorder, RecordingReports
from emulator.voice.script import Script, drive
from emulator.voice.stage import Stage, send_digits
from emulator.voice.verbs import verb_table
from emulator.webhooks import Hook
from emulator.world import World


@dataclass(frozen=True, slots=True)
class Order:
    """A call to make, as asked for by REST."""

    from_: str
    to: str
    goto: Goto
    fallback: Hook | None = None
    status_hook: StatusHook | None = None
    timeout_s: int = 60
    time_limit_s: int = 14400
    detection: Detection | None = None
    send_digits: str = ""
    reason: str = ""
    reports: RecordingReports | None = None  # the call is recorded if given


class Switchboard:
    """Begins and changes calls."""

    def __init__(self, world: World, callbacks: Callbacks, messaging: Messaging) -> None:
        self.world = world
        self.stage = Stage(world, callbacks)
        self._verbs = verb_table(messaging)
        self._next_slot_s = 0.0

    def call_in(self, phone: Phone, to: str) -> Leg:
        """Let `phone` call one of the account's numbers."""
        number = self.world.account.owned(to)
        status_hook = StatusHook(number.status_hook) if number is not None and number.status_hook else None
        line = Line(
            from_=phone.caller_id,
            to=to,
            direction=Direction.INBOUND,
            phone=phone,
            number=number,
            status_hook=status_hook,
            fallback=number.voice_fallback if number is not None else None,
        )
        leg = self.stage.new_leg(line)
        phone.calls.append(leg)
        leg.move(LegStatus.RINGING)
        if number is None or number.voice_hook is None:
            leg.finish(LegStatus.FAILED)
            return leg
        self.stage.start(drive(self._script(leg), Goto(number.voice_hook, purpose="incoming call")))
        return leg

    def call_out(self, order: Order) -> Leg:
        """Make a call; it waits its turn at the account's rate of calls per second."""
        line = Line(
            from_=order.from_,
            to=order.to,
            direction=Direction.API,
            phone=self.world.phones.at(order.to),
            status_hook=order.status_hook,
            fallback=order.fallback,
            reason=order.reason,
        )
        leg = self.stage.new_leg(line)
        self.stage.start(self._place(leg, order))
        return leg

    async def _place(self, leg: Leg, order: Order) -> None:
        now_s = self.world.clock.elapsed_s()
        slot_s = max(now_s, self._next_slot_s)
        self._next_slot_s = slot_s + 1 / self.world.pace.calls_per_second
        await self.world.clock.sleep(slot_s - now_s)
        if not leg.live or not await self.stage.ring(leg, order.timeout_s):
            return
        limit = self.world.clock.later(order.time_limit_s, leg.hang_up)
        recorder = Recorder(self.stage, leg, "OutboundAPI", order.reports) if order.reports is not None else None
        try:
            await send_digits(self.stage, leg, order.send_digits)
            await self._detect(leg, order)
            await drive(self._script(leg), order.goto)
        finally:
            limit.cancel()
            if recorder is not None:
                recorder.keep()

    async def _detect(self, leg: Leg, order: Order) -> None:
        """Tell person from machine before the script begins, or while it runs."""
        if order.detection is None:
            return
        work = detect(self.stage, leg, order.detection)
        if order.detection.asynchronous:
            self.stage.start(work)
        else:
            await work

    def _script(self, leg: Leg) -> Script:
        return Script(self.stage, leg, self._verbs)
