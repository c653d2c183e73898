"""Gather: collecting keys or speech while something is said."""

import asyncio
import re
from dataclasses import dataclass, field

from emulator.signing import Product
from emulator.twiml.document import Element
from emulator.voice.leg import Ear
from emulator.voice.script import Move, Script
from emulator.voice.speaking import play_all
from emulator.webhooks import Hook, Request

SPEECH_LIMIT_S = 60
CURSES = re.compile(r"\b(?:fuck|shit|bitch|asshole|bastard|damn)\w*", re.IGNORECASE)


@dataclass(slots=True)
class Heard:
    """What has been gathered so far. `arrived` is set by every key and utterance."""

    keys: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    confidence: float = 0.0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def anything(self) -> bool:
        return bool(self.keys or self.words)

    def on_key(self, key: str) -> None:
        if self.words:
            return  # whichever of speech and keys comes first is what counts (Twilio docs, Gather)
        self.keys.append(key)
        self.arrived.set()

    def on_speech(self, text: str, confidence: float) -> None:
        if self.keys:
            return
        self.words.append(text)
        self.confidence = confidence
        self.arrived.set()


async def gather(script: Script, verb: Element) -> Move:
    """Listen, and go to the action with what was gathered; with nothing gathered, on to the next verb."""
    leg = script.leg
    leg.answer()
    heard = Heard()
    inputs = verb.get("input", "dtmf").split()
    leg.listen(
        Ear(
            on_key=heard.on_key if "dtmf" in inputs else None,
            on_speech=heard.on_speech if "speech" in inputs else None,
        )
    )
    try:
        await _prompt(script, verb, heard)
        params = await _collect(script, verb, heard)
    finally:
        leg.listen(None)
    if params is None and not verb.flag("actionOnEmptyResult", default=False):
        return None
    empty = {"Digits": ""} if "dtmf" in inputs else {"SpeechResult": ""}
    return script.action(verb, empty if params is None else params)


async def _prompt(script: Script, verb: Element, heard: Heard) -> None:
    """Play what is nested until it ends or the person begins."""
    audio = asyncio.ensure_future(play_all(script, verb.children))
    begun = asyncio.ensure_future(heard.arrived.wait())
    barge_in = verb.flag("bargeIn", default=True)
    try:
        await asyncio.wait({audio, begun} if barge_in else {audio}, return_when=asyncio.FIRST_COMPLETED)
        if audio.done():
            audio.result()
    finally:
        begun.cancel()
        audio.cancel()


async def _collect(script: Script, verb: Element, heard: Heard) -> dict[str, str] | None:
    """Return the action's parameters once the person is done, or None if nothing came in time."""
    timeout_s, clock = verb.number("timeout", 5), script.stage.world.clock
    speech_end_s: float | None = None
    while True:
        finished = _finished(verb, heard)
        if finished is not None:
            return finished or None
        heard.arrived.clear()
        wait_s: float = timeout_s
        if heard.words:
            _partial(script, verb, heard)
            speech_end_s = speech_end_s or clock.elapsed_s() + verb.number("maxSpeechTime", SPEECH_LIMIT_S)
            wait_s = min(_speech_timeout_s(verb, timeout_s), speech_end_s - clock.elapsed_s())
        if wait_s < 0 or not await _more(script, heard, wait_s):
            return _result(verb, heard) if heard.anything else None


def _finished(verb: Element, heard: Heard) -> dict[str, str] | None:
    """Return parameters if a key ended the input ({} if it was the finish key alone), None to go on."""
    if heard.words:
        return None
    finish = verb.get("finishOnKey", "#")
    if finish and finish in heard.keys:
        keys = heard.keys[: heard.keys.index(finish)]
        return {"Digits": "".join(keys), "FinishedOnKey": finish} if keys else {}
    wanted = verb.number("numDigits", 0)
    if wanted and len(heard.keys) >= wanted:
        return {"Digits": "".join(heard.keys[:wanted])}
    return None


def _result(verb: Element, heard: Heard) -> dict[str, str]:
    if heard.words:
        return {"SpeechResult": _written(verb, heard), "Confidence": f"{heard.confidence:g}"}
    return {"Digits": "".join(heard.keys)}


def _written(verb: Element, heard: Heard) -> str:
    """Return the words as recognition writes them: curses masked unless the filter is off, as it is not by default."""
    words = " ".join(heard.words)
    if not verb.flag("profanityFilter", default=True):
        return words
    return CURSES.sub(lambda found: found.group()[0] + "*" * (len(found.group()) - 1), words)


async def _more(script: Script, heard: Heard, wait_s: float) -> bool:
    """Return whether another key or utterance came within `wait_s` of emulator time."""
    arrived = asyncio.ensure_future(heard.arrived.wait())
    late = asyncio.ensure_future(script.stage.world.clock.sleep(wait_s))
    try:
        await script.leg.until(asyncio.wait({arrived, late}, return_when=asyncio.FIRST_COMPLETED))
        return arrived.done()
    finally:
        arrived.cancel()
        late.cancel()


def _speech_timeout_s(verb: Element, timeout_s: int) -> float:
    """Return the silence that ends speech: `auto` ends it at the first pause."""
    return 0.0 if verb.get("speechTimeout") == "auto" else float(verb.number("speechTimeout", timeout_s))


def _partial(script: Script, verb: Element, heard: Heard) -> None:
    """Report speech so far where the application asked for it; the answer is not used."""
    url = verb.get("partialResultCallback")
    if not url:
        return
    hook = Hook(script.document.resolve(url), verb.get("partialResultCallbackMethod", "POST"))
    params = script.params() | {
        "UnstableSpeechResult": _written(verb, heard),
        "Stability": "0.9",
        "SequenceNumber": str(len(heard.words) - 1),
    }
    request = Request(hook, params, Product.VOICE, script.leg.sid, "partial speech")
    script.stage.start(script.stage.world.webhooks.send(request))
