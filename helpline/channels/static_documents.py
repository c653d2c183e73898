"""Documents that answer for the line while it is down: files for another web server, the same for everybody."""

from config.settings import Settings
from flows.catalogue import Catalogue
from flows.events import Channel
from flows.step import Prompt
from helpline.channels.twiml import document, said, verb
from helpline.safe_answer import RING_S, SAFE

ROUNDS = 2  # of saying it and dialling, before the document is fetched again: a call that nobody takes goes on


def documents(settings: Settings, catalogue: Catalogue, base: str) -> dict[str, str]:
    """File name to TwiML; the same for everybody, for a file cannot read what was written."""
    languages = (catalogue.default, *(code for code in catalogue.languages if code != catalogue.default))
    return {"sms.xml": _text(settings, catalogue, languages), "voice.xml": _call(settings, catalogue, languages, base)}


def _text(settings: Settings, catalogue: Catalogue, languages: tuple[str, ...]) -> str:
    return document(*(verb("Message", said(_words(settings, catalogue, one, Channel.SMS))) for one in languages))


def _call(settings: Settings, catalogue: Catalogue, languages: tuple[str, ...], base: str) -> str:
    spoken = (catalogue.language(one) for one in languages)
    words = (said(_words(settings, catalogue, one, Channel.VOICE)) for one in languages)
    once = [verb("Say", w, voice=s.voice or None, language=s.tag) for w, s in zip(words, spoken, strict=True)]
    dial = verb("Dial", said(settings.fallback_number), callerId=settings.helpline_number, timeout=RING_S)
    return document(*[*once, dial] * ROUNDS, verb("Redirect", said(f"{base}/voice.xml"), method="GET"))


def _words(settings: Settings, catalogue: Catalogue, language: str, channel: Channel) -> str:
    return catalogue.text(Prompt(SAFE, language, {"fallback": settings.fallback_number}), channel)
