"""What people hear when the line itself has failed: from memory, dependent on nothing that can be down."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.catalogue import Catalogue
from flows.events import Channel
from flows.safety import screen
from flows.safety.lexicon import Lexicon
from flows.step import Prompt
from helpline.channels.twiml import document, said, verb

SAFE = "safe_fallback"
OFFLINE = "offline_"
"""Message ids of the danger scripts that claim nothing a line that is down cannot keep ("staff are being alerted")."""

RING_S = 30


@dataclass(frozen=True, slots=True)
class SafeAnswer:
    """Answers a text or call with 911, 988 and a human's number; danger still gets its fixed script first."""

    catalogue: Catalogue
    lexicon: Lexicon
    fallback_number: str
    helpline_number: str
    again: str

    def text(self, form: Mapping[str, str]) -> str:
        """TwiML for a text."""
        language, messages = self._to_say(form.get("Body", ""))
        return document(*(verb("Message", said(self._say(one, language, Channel.SMS))) for one in messages))

    def call(self, form: Mapping[str, str]) -> str:
        """TwiML for a call: the safe words, then a human is dialled, then the line is tried again; never a hang-up."""
        language, messages = self._to_say(form.get("SpeechResult", ""))
        spoken = self.catalogue.language(language)
        words = [said(self._say(one, language, Channel.VOICE)) for one in messages]
        aloud = [verb("Say", one, voice=spoken.voice or None, language=spoken.tag) for one in words]
        dial = verb("Dial", said(self.fallback_number), callerId=self.helpline_number, timeout=RING_S)
        return document(*aloud, dial, aloud[-1], dial, verb("Redirect", said(self.again), method="POST"))

    def _to_say(self, given: str) -> tuple[str, tuple[str, ...]]:
        """In which language, and what: the script for the danger in what was given, then the safe words."""
        heard = screen(given, self.lexicon)
        language = heard.language if heard.language in self.catalogue.languages else self.catalogue.default
        script = f"{OFFLINE}{heard.script}"
        known = heard.script is not None and bool(self.catalogue.forms(script, language))
        return language, (script, SAFE) if known else (SAFE,)

    def _say(self, message: str, language: str, channel: Channel) -> str:
        params = {"fallback": self.fallback_number}
        return self.catalogue.text(Prompt(message, language, params), channel)
