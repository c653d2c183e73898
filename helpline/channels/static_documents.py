"""Documents that answer for the line while it is down: files for another web server, the same for everybody."""

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from config.settings import Settings
from flows.catalogue import Catalogue
from flows.events import Channel
from flows.step import Prompt
from helpline.safe_answer import RING_S, SAFE

ROUNDS = 2  # of saying it and dialling, before the document is fetched again: a call that nobody takes goes on


def documents(settings: Settings, catalogue: Catalogue, base: str) -> dict[str, str]:
    """File name to TwiML; the same for everybody, for a file cannot read what was written."""
    languages = (catalogue.default, *(code for code in catalogue.languages if code != catalogue.default))
    return {"sms.xml": _text(settings, catalogue, languages), "voice.xml": _call(settings, catalogue, languages, base)}


def _text(settings: Settings, catalogue: Catalogue, languages: tuple[str, ...]) -> str:
    response = MessagingResponse()
    for language in languages:
        response.message(_say(settings, catalogue, language, Channel.SMS))
    return str(response)


def _call(settings: Settings, catalogue: Catalogue, languages: tuple[str, ...], base: str) -> str:
    response = VoiceResponse()
    for _ in range(ROUNDS):
        for language in languages:
            spoken = catalogue.language(language)
            words = _say(settings, catalogue, language, Channel.VOICE)
            response.say(words, language=spoken.tag, voice=spoken.voice or None)
        response.dial(settings.fallback_number, caller_id=settings.helpline_number, timeout=RING_S)
    response.redirect(f"{base}/voice.xml", method="GET")
    return str(response)


def _say(settings: Settings, catalogue: Catalogue, language: str, channel: Channel) -> str:
    return catalogue.text(Prompt(SAFE, language, {"fallback": settings.fallback_number}), channel)
