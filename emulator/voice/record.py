"""Record: beep, listen until silence, a key, the limit or a hang-up, then go to the action."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from emulator.identifiers import new_sid
from emulator.signing import Product
from emulator.twiml.document import Element, NoDocument
from emulator.voice.leg import Disconnected, Ear
from emulator.voice.recording import Recorder, RecordingReports
from emulator.voice.script import Move, Script
from emulator.webhooks import Hook


@dataclass(slots=True)
class Tape:
    """What happens while recording: `touched` is set by every key and every word."""

    finish_keys: str
    ended_by: str = ""
    said: list[str] = field(default_factory=list)
    touched: asyncio.Event = field(default_factory=asyncio.Event)

    def on_key(self, key: str) -> None:
        if key in self.finish_keys:
            self.ended_by = key
            self.touched.set()

    def on_speech(self, text: str, confidence: float) -> None:  # noqa: ARG002 - the shape of an ear
        self.said.append(text)
        self.touched.set()


async def record(script: Script, verb: Element) -> Move:
    """Record the caller; a hang-up ends it with `Digits=hangup` and still requests the action."""
    leg = script.leg
    leg.answer()
    if verb.flag("playBeep", default=True):
        leg.say("beep", "beep")
    tape = Tape(verb.get("finishOnKey", "1234567890*#"))
    leg.listen(Ear(tape.on_key, tape.on_speech))
    recorder = Recorder(script.stage, leg, "RecordVerb", recording_reports(script, verb))
    recorder.words = lambda: " ".join(tape.said)
    try:
        await leg.until(_listen(script, verb, tape))
    except Disconnected:
        with contextlib.suppress(NoDocument):  # recorded where it failed; nobody is on the line any more
            await script.load(script.action(verb, _kept(script, verb, recorder, tape) | {"Digits": "hangup"}))
        raise
    finally:
        leg.listen(None)
    digits = {"Digits": tape.ended_by} if tape.ended_by else {}
    return script.action(verb, _kept(script, verb, recorder, tape) | digits)


def recording_reports(script: Script, verb: Element) -> RecordingReports:
    """Return where a verb's attributes want recordings reported."""
    url = verb.get("recordingStatusCallback")
    if not url:
        return RecordingReports(None)
    hook = Hook(script.document.resolve(url), verb.get("recordingStatusCallbackMethod", "POST"))
    return RecordingReports(hook, frozenset(verb.get("recordingStatusCallbackEvent", "completed").split()))


async def _listen(script: Script, verb: Element, tape: Tape) -> None:
    """Wait until `timeout` of silence, a finishing key or `maxLength`."""
    clock = script.stage.world.clock
    end_s = clock.elapsed_s() + verb.number("maxLength", 120 if verb.flag("transcribe", default=False) else 3600)
    silence_s = verb.number("timeout", 5)
    while not tape.ended_by and clock.elapsed_s() < end_s:
        tape.touched.clear()
        touched = asyncio.ensure_future(tape.touched.wait())
        quiet = asyncio.ensure_future(clock.sleep(min(silence_s, end_s - clock.elapsed_s())))
        try:
            await asyncio.wait({touched, quiet}, return_when=asyncio.FIRST_COMPLETED)
            if not touched.done():
                return
        finally:
            touched.cancel()
            quiet.cancel()


def _kept(script: Script, verb: Element, recorder: Recorder, tape: Tape) -> dict[str, str]:
    """Store the recording, have it written down if asked for, and return the action's parameters."""
    params = recorder.keep()
    if params and (verb.flag("transcribe", default=False) or verb.get("transcribeCallback")):
        _transcribe(script, verb, params, " ".join(tape.said))
    return params


def _transcribe(script: Script, verb: Element, params: dict[str, str], said: str) -> None:
    """Report what was said in writing; the emulator hears perfectly, and silence cannot be written down."""
    url = verb.get("transcribeCallback")
    if not url:
        return
    form = script.params() | {
        "TranscriptionSid": new_sid("TR"),
        "TranscriptionText": said,
        "TranscriptionStatus": "completed" if said else "failed",
        "TranscriptionType": "fast",
        "RecordingSid": params["RecordingSid"],
        "RecordingUrl": params["RecordingUrl"],
    }
    hook = Hook(script.document.resolve(url))
    script.stage.callbacks.send(hook, form, product=Product.VOICE, subject=script.leg.sid)
