"""Dial with numbers: ring them, let the called party be screened, join the two, report how it went."""

import asyncio

from emulator.identifiers import is_e164
from emulator.twiml.document import Dialect, Element, NoDocument
from emulator.voice.bridge import Bridge
from emulator.voice.detection import Detection, detect
from emulator.voice.leg import (
    Direction,
    Disconnected,
    Diverted,
    Ear,
    Goto,
    Leg,
    LegStatus,
    Line,
    StatusHook,
)
from emulator.voice.record import recording_reports
from emulator.voice.recording import Recorder
from emulator.voice.script import APPLICATION_ERROR, Move, Script, drive
from emulator.voice.stage import send_digits
from emulator.webhooks import Hook

NUMBER_LIMIT = 10


class Attempt:
    """One run of a <Dial>: the called legs, and which of them won."""

    def __init__(self, script: Script, verb: Element) -> None:
        self.script, self.verb = script, verb
        self.legs: list[Leg] = []
        self.winner: Leg | None = None
        self.ready = asyncio.Event()  # a leg is ready to be joined, or none ever will be
        self.bridge: Bridge | None = None
        self.parted = asyncio.Event()
        self.recorded: dict[str, str] = {}

    def ring(self, nouns: list[Element]) -> None:
        """Start ringing: every number at once, or with `sequential` one after the other."""
        if self.verb.flag("sequential", default=False):
            self.script.stage.start(self._one_by_one(nouns))
            return
        for noun in nouns:
            self.legs.append(self._leg(noun))
        for leg, noun in zip(list(self.legs), nouns, strict=True):
            self.script.stage.start(self._live(leg, noun))

    async def _one_by_one(self, nouns: list[Element]) -> None:
        for noun in nouns:
            if self.winner is not None or self.parted.is_set():
                break
            leg = self._leg(noun)
            self.legs.append(leg)
            await self._live(leg, noun, last=noun is nouns[-1])

    def stop(self) -> None:
        """End every called leg that still depends on this dial."""
        self.parted.set()
        if self.bridge is not None:
            self.bridge.close()
        for leg in self.legs:
            if not leg.independent:
                leg.hang_up()

    def status(self) -> str:
        """Return DialCallStatus."""
        if any(leg.answered.is_set() for leg in self.legs):
            return "completed"
        return self.legs[0].status.value if self.legs else "failed"

    def params(self) -> dict[str, str]:
        """Return the action's parameters."""
        params = {"DialCallStatus": self.status(), "DialBridged": str(self.bridge is not None).lower()}
        if self.legs:
            params["DialCallSid"] = (self.winner or self.legs[0]).sid
        if self.winner is not None:
            params["DialCallDuration"] = str(self.winner.duration_s)
        return params | self.recorded

    def _leg(self, noun: Element) -> Leg:
        script, stage = self.script, self.script.stage
        line = Line(
            from_=self.verb.get("callerId") or default_caller_id(script.leg),
            to=noun.text,
            direction=Direction.DIAL,
            phone=stage.world.phones.at(noun.text),
            parent=script.leg,
            status_hook=self._status_hook(noun),
            reason=self.verb.get("callReason"),
        )
        return stage.new_leg(line)

    def _status_hook(self, noun: Element) -> StatusHook | None:
        url = noun.get("statusCallback")
        if not url:
            return None
        hook = Hook(self.script.document.resolve(url), noun.get("statusCallbackMethod", "POST"))
        return StatusHook(hook, frozenset(noun.get("statusCallbackEvent", "completed").split()))

    async def _live(self, leg: Leg, noun: Element, *, last: bool = True) -> None:
        """Live the called leg's life: ring, screen, be joined, end with the caller."""
        try:
            if await self.script.stage.ring(leg, self.verb.number("timeout", 30)):
                await self._answered(leg, noun)
        finally:
            if last and not any(other.live for other in self.legs):
                self.ready.set()

    async def _answered(self, leg: Leg, noun: Element) -> None:
        self.winner = leg
        for other in self.legs:
            if other is not leg:
                other.finish(LegStatus.CANCELED)
        screen = self.script.on(leg, Dialect.SCREEN)
        self._detect(leg, noun)
        try:
            await send_digits(self.script.stage, leg, noun.get("sendDigits"))
            if url := noun.get("url"):
                hook = Hook(self.script.document.resolve(url), noun.get("method", "POST"))
                await screen.run(Goto(hook, purpose="Number url"))
            self.ready.set()
            await leg.until(self.parted.wait())
        except Disconnected:
            return
        except NoDocument:
            leg.say("error", APPLICATION_ERROR)
        except Diverted as diverted:
            await self._leave(leg, diverted.goto)
            return
        leg.hang_up()

    def _detect(self, leg: Leg, noun: Element) -> None:
        """Begin to find out who answered; on a dialled leg that is always asynchronous."""
        mode = noun.get("machineDetection")
        if not mode:
            return
        url = noun.get("amdStatusCallback")
        hook = Hook(self.script.document.resolve(url), noun.get("amdStatusCallbackMethod", "POST")) if url else None
        detection = Detection(mode, noun.number("machineDetectionTimeout", 30), asynchronous=True, hook=hook)
        self.script.stage.start(detect(self.script.stage, leg, detection))

    async def _leave(self, leg: Leg, goto: Goto) -> None:
        """Go on as a call of its own after a redirect by REST."""
        leg.independent = True
        if leg.room is not None:
            leg.room.leave(leg)
        self.ready.set()
        await drive(self.script.on(leg, Dialect.VOICE), goto)


async def dial_numbers(script: Script, verb: Element, nouns: list[Element]) -> Move:
    """Ring the numbers, join the first to answer, and go to the action when that is over."""
    attempt = Attempt(script, verb)
    callable_nouns = [noun for noun in nouns[:NUMBER_LIMIT] if _callable(script, noun.text)]
    if len(nouns) > NUMBER_LIMIT:
        script.error(12200, f"<Dial> holds more than {NUMBER_LIMIT} numbers")
    if callable_nouns and not verb.get("callerId"):
        script.advise(f"<Dial> without callerId shows {default_caller_id(script.leg)} to {callable_nouns[0].text}")
    on_bridge = verb.flag("answerOnBridge", default=False)
    if not on_bridge:
        script.leg.answer()
    if callable_nouns and _caller_id_allowed(script, verb):
        try:
            script.leg.say("tone", f"ringing {verb.get('ringTone')}".strip())
            await _run(attempt, callable_nouns)
        except (Disconnected, Diverted) as ending:
            attempt.stop()
            if isinstance(ending, Disconnected):
                await _report(script, verb, attempt)
            raise
        attempt.stop()
    return script.action(verb, attempt.params()) if "action" in verb.attributes else None


async def _run(attempt: Attempt, nouns: list[Element]) -> None:
    script, verb = attempt.script, attempt.verb
    attempt.ring(nouns)
    await script.leg.until(attempt.ready.wait())
    winner = attempt.winner
    if winner is None or not winner.live or winner.independent:
        return
    script.leg.answer()
    attempt.bridge = bridge = Bridge(script.leg.sid, script.leg, winner)
    if verb.flag("hangupOnStar", default=False):
        script.leg.listen(Ear(on_key=lambda key: bridge.close() if key == "*" else None))
    limit = script.stage.world.clock.later(verb.number("timeLimit", 14400), bridge.close)
    recorder = _recorder(script, verb, winner)
    try:
        await script.leg.until(bridge.closed.wait())
    finally:
        limit.cancel()
        script.leg.listen(None)
        if recorder is not None:
            attempt.recorded = recorder.keep()


def _recorder(script: Script, verb: Element, winner: Leg) -> Recorder | None:
    """Begin to record two joined parties where the verb asks for it; what either hears of the other is on it."""
    if verb.get("record", "do-not-record") in ("do-not-record", "false"):
        return None
    recorder = Recorder(script.stage, script.leg, "DialVerb", recording_reports(script, verb))
    begun = {leg: len(leg.captions) for leg in (script.leg, winner)}

    def words() -> str:
        heard = sorted((item for leg, start in begun.items() for item in leg.captions[start:]), key=lambda one: one.at)
        return ". ".join(caption.said for caption in heard if caption.kind == "person")

    recorder.words = words
    return recorder


async def _report(script: Script, verb: Element, attempt: Attempt) -> None:
    """Request the action although the caller is gone; Twilio does, and ignores the answer."""
    if "action" not in verb.attributes:
        return
    try:
        await script.load(script.action(verb, attempt.params()))
    except NoDocument:
        return  # recorded where it failed


def default_caller_id(leg: Leg) -> str:
    """Return whom a <Dial> without callerId shows: the caller, which gives the caller's number away."""
    return leg.line.from_ if leg.line.direction is Direction.INBOUND else leg.line.to


def _callable(script: Script, number: str) -> bool:
    if is_e164(number):
        return True
    script.error(13223, f"Dial: Invalid phone number format: {number}")
    return False


def _caller_id_allowed(script: Script, verb: Element) -> bool:
    caller_id = verb.get("callerId")
    line = script.leg.line
    if not caller_id or caller_id in (line.from_, line.to) or script.stage.world.account.owned(caller_id):
        return True
    script.error(13214, f"Dial: Invalid callerId value: {caller_id} is neither yours nor a party of this call")
    return False
