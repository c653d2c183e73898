"""Verbs the owner of the telephone hears: Say, Play, Pause."""

from emulator.signing import Product
from emulator.twiml.document import Element
from emulator.voice.script import Move, Script
from emulator.webhooks import Hook, Request
from emulator.world import media_type

ENDLESS = 1000  # Twilio plays loop="0" at most this often (Twilio docs, Say)
BASIC_VOICES = frozenset({"man", "woman", "alice"})


async def say(script: Script, verb: Element) -> Move:
    """Speak the text, as long as its words take."""
    script.leg.answer()
    if verb.children and verb.get("voice", "man") in BASIC_VOICES:
        script.error(13513, "Say: the basic voices man, woman and alice do not support SSML")
    seconds = len(verb.text.split()) * script.stage.world.pace.word_s
    for _ in range(verb.number("loop", 1) or ENDLESS):
        script.leg.say("say", verb.text, language=verb.get("language", "en-US"), voice=verb.get("voice", "man"))
        await script.sleep(seconds)
    return None


async def play(script: Script, verb: Element) -> Move:
    """Play key tones or a sound file, which is fetched and must be audio."""
    script.leg.answer()
    if digits := verb.get("digits"):
        script.leg.say("tone", digits)
        await script.sleep(0.5 * len(digits))
    if not verb.text:
        return None
    url = script.document.resolve(verb.text)
    if not await script.leg.until(_is_audio(script, url)):
        return None
    for _ in range(verb.number("loop", 1) or ENDLESS):
        script.leg.say("play", url)
        await script.sleep(script.stage.world.pace.play_s)
    return None


async def pause(script: Script, verb: Element) -> Move:
    """Wait in silence. As the first verb of an incoming call this leaves the telephone ringing."""
    await script.sleep(verb.number("length", 1))
    return None


async def play_all(script: Script, verbs: tuple[Element, ...]) -> None:
    """Play the verbs nested in a Gather one after another."""
    for verb in verbs:
        await script.verbs[verb.name](script, verb)


async def _is_audio(script: Script, url: str) -> bool:
    request = Request(Hook(url, "GET"), {}, Product.VOICE, script.leg.sid, "sound file")
    reply = await script.stage.world.webhooks.send(request)
    if reply.code:
        script.error(reply.code, f"Play: {reply.text}")
        return False
    if not media_type(reply.content_type).startswith("audio/"):
        script.error(13420, f"Play: Invalid Content-Type {reply.content_type or 'none'} of {url}")
        return False
    return True
