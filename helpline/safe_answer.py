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
    """Answers a text or call with 911, 988 and a human's number; danger in a text still gets its fixed script first."""

    catalogue: Catalogue
    lexicon: Lexicon
    fallback_number: str
    helpline_number: str
    again: str

    def text(self, form: Mapping[str, str]) -> str:
        """TwiML for a text."""
        response = MessagingResponse()
        script = screen(form.get("Body", ""), self.lexicon).script
        for message in (f"{OFFLINE}{script}" if script else None, SAFE):
            if message and self.catalogue.forms(message, self.catalogue.default):
                response.message(self._say(message, Channel.SMS))
        return str(response)

    def call(self) -> str:
        """TwiML for a call: the safe words, then a human is dialled, then the line is tried again; never a hang-up."""
        response = VoiceResponse()
        spoken = self.catalogue.language(self.catalogue.default)
        for _ in range(2):
            response.say(self._say(SAFE, Channel.VOICE), language=spoken.tag, voice=spoken.voice or None)
            response.dial(self.fallback_number, caller_id=self.helpline_number, timeout=RING_S)
        response.redirect(self.again, method="POST")
        return str(response)

    def _say(self, message: str, channel: Channel) -> str:
        params = {"fallback": self.fallback_number}
        return self.catalogue.text(Prompt(message, self.catalogue.default, params), channel)
