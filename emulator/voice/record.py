"""Record: beep, listen until silence, a key, the limit or a hang-up, then go to the action."""

import asyncio
import contextlib
from dataclasses import dataclass, field

from emulator.signing import Product
from emulator.twiml.document import Element, NoDocument
from emulator.voice.leg import Disconnected, Ear
from emulator.voice.recording import Recording
from emulator.voice.script import Move, Script
from emulator.webhooks import Hook


@dataclass(slots=True)
class Tape:
    """What happens while recording: `touched` is set by every key and every word."""

    finish_keys: str
    ended_by: str = ""
    touched: asyncio.Event = field(default_factory=asyncio.Event)

    def on_key(self, key: str) -> None:
        if key in self.finish_keys:
            self.ended_by = key
            self.touched.set()

    def on_speech(self, text: str, confidence: float) -> None:  # noqa: ARG002 - the shape of an ear
        self.touched.set()


async def record(script: Script, verb: Element) -> Move:
    """Record the caller; a hang-up ends it with `Digits=hangup` and still requests the action."""
    leg, clock = script.leg, script.stage.world.clock
    leg.answer()
    if verb.flag("playBeep", default=True):
        leg.say("beep", "beep")
    tape = Tape(verb.get("finishOnKey", "1234567890*#"))
    leg.listen(Ear(tape.on_key, tape.on_speech))
    begun_s = clock.elapsed_s()
    try:
        await leg.until(_listen(script, verb, tape))
    except Disconnected:
        with contextlib.suppress(NoDocument):  # recorded where it failed; nobody is on the line any more
            await script.load(script.action(verb, _keep(script, verb, begun_s) | {"Digits": "hangup"}))
        raise
    finally:
        leg.listen(None)
    digits = {"Digits": tape.ended_by} if tape.ended_by else {}
    return script.action(verb, _keep(script, verb, begun_s) | digits)


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


def _keep(script: Script, verb: Element, begun_s: float) -> dict[str, str]:
    """Store the recording, report it, and return the action's parameters."""
    stage, world = script.stage, script.stage.world
    seconds = max(1, round(world.clock.elapsed_s() - begun_s))
    recording = Recording(script.leg.sid, seconds, "RecordVerb", world.clock.now())
    stage.recordings[recording.sid] = recording
    params = {
        "RecordingUrl": f"{world.base_url()}/2010-04-01/Accounts/{world.account.sid}/Recordings/{recording.sid}",
        "RecordingSid": recording.sid,
        "RecordingDuration": str(seconds),
    }
    url = verb.get("recordingStatusCallback")
    if url and "completed" in verb.get("recordingStatusCallbackEvent", "completed").split():
        report = params | {
            "AccountSid": world.account.sid,
            "CallSid": script.leg.sid,
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingSource": recording.source,
        }
        hook = Hook(script.document.resolve(url), verb.get("recordingStatusCallbackMethod", "POST"))
        stage.callbacks.send(hook, report, product=Product.VOICE, subject=script.leg.sid)
    return params
