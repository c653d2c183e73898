"""What people hear when the line itself has failed: from memory, dependent on nothing that can be down."""

from collections.abc import Mapping
from dataclasses import dataclass

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from flows.catalogue import Catalogue
from flows.events import Channel
from flows.safety import screen
from flows.safety.lexicon import Lexicon
from flows.step import Prompt

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
        response = MessagingResponse()
        language, messages = self._to_say(form.get("Body", ""))
        for message in messages:
            response.message(self._say(message, language, Channel.SMS))
        return str(response)

    def call(self, form: Mapping[str, str]) -> str:
        """TwiML for a call: the safe words, then a human is dialled, then the line is tried again; never a hang-up."""
        response = VoiceResponse()
        language, messages = self._to_say(form.get("SpeechResult", ""))
        spoken = self.catalogue.language(language)
        for said in (messages, messages[-1:]):
            for message in said:
                words = self._say(message, language, Channel.VOICE)
                response.say(words, language=spoken.tag, voice=spoken.voice or None)
            response.dial(self.fallback_number, caller_id=self.helpline_number, timeout=RING_S)
        response.redirect(self.again, method="POST")
        return str(response)

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
