"""Prompts as speech, and every TwiML document the line can answer a call with.

Each document ends in a verb that keeps the caller, except where the conversation is over. Addresses are absolute:
a call made by us with inline TwiML would refuse relative ones (Twilio docs, Gather).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import urlencode

from twilio.twiml.voice_response import Conference, Dial, Gather, VoiceResponse

from flows.catalogue import Catalogue
from flows.events import Channel
from flows.holding import Told
from flows.step import Listen, Prompt, Wait

PATIENCE_S = 8  # before a silence counts; people are frightened or use a relay (clinical brief, 4.11)
UNHURRIED_S = 30  # after `*`: a relay operator types both ways (47 CFR 64.604)
HOLD_PATIENCE_S = 2  # after the music, before the line is asked again
RECORD_FOR_S = 180
SILENCE_S = 10  # ends a spoken message; people who cry stop speaking for a while
STAFF_PATIENCE_S = 8
RING_S = 25  # rings out before most voicemail picks up; Twilio adds 5 s to a Dial
LONGEST_SPEECH = 4_000  # characters a Say takes is 4,096 (Twilio skills, TwiML voice)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Twilio finds each document of this line."""

    public_url: str

    def of(self, path: str, params: Mapping[str, str | int] | None = None) -> str:
        """The absolute address of a path under /twilio."""
        query = f"?{urlencode(params)}" if params else ""
        return self.site(f"twilio/{path}{query}")

    def site(self, path: str) -> str:
        """The absolute address of anything else the line serves."""
        return f"{self.public_url.rstrip('/')}/{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a leg enters a room: `after` and `events` are addresses, `star` lets `*` lead out of it again."""

    room: str
    after: str
    events: str
    ends_with_me: bool = False
    star: bool = False
    most: int = 2


@dataclass(frozen=True, slots=True)
class VoiceRenderer:
    """Makes the documents."""

    catalogue: Catalogue
    addresses: Addresses

    def turn(self, prompts: Sequence[Prompt], listen: Listen, version: int, language: str) -> str:
        """What a caller hears at a step of the flow, and how their answer comes back."""
        response = VoiceResponse()
        match listen.wait:
            case Wait.END:
                self._say(response, prompts)
                response.hangup()
            case Wait.HOLD:
                self._listen(response, prompts, Listen(Wait.ANSWER), version, language, patience_s=1)
                response.redirect(self.addresses.of("voice/hold", {"v": version}), method="POST")
            case Wait.ANSWER:
                patience_s = UNHURRIED_S if listen.unhurried else PATIENCE_S
                self._listen(response, prompts, listen, version, language, patience_s=patience_s)
                response.redirect(self.addresses.of("voice/turn", {"v": version}), method="POST")
            case Wait.RECORD:
                self._listen(response, prompts, Listen(Wait.ANSWER), version, language, patience_s=1)
                self._record(response, version)
            case _:
                assert_never(listen.wait)
        return str(response)

    def _record(self, response: VoiceResponse, version: int) -> None:
        """A spoken message; where nothing at all was said Twilio goes on with the next verb (Twilio docs, Record)."""
        turn: Mapping[str, str | int] = {"v": version}
        response.record(
            action=self.addresses.of("voice/recorded", turn),
            method="POST",
            max_length=RECORD_FOR_S,
            finish_on_key="#",
            timeout=SILENCE_S,
            trim="trim-silence",
        )
        response.redirect(self.addresses.of("voice/turn", turn), method="POST")

    def hold(self, prompts: Sequence[Prompt], version: int, language: str, told: Told, music: str) -> str:
        """What a waiting caller hears: the truth when it is new, then music; any key reaches the flow."""
        response = VoiceResponse()
        gather = self._gather(Listen(Wait.ANSWER), version, language, HOLD_PATIENCE_S, speech=False)
        self._say(gather, prompts)
        gather.play(music)
        response.append(gather)
        again: Mapping[str, str | int] = {"v": version, "t": told.truth, "n": told.rounds}
        response.redirect(self.addresses.of("voice/hold", again), method="POST")
        return str(response)

    def conference(self, prompts: Sequence[Prompt], door: Door) -> str:
        """Joins this leg to the room of a case: at most two people, or three once asked for; nothing is recorded."""
        response = VoiceResponse()
        self._say(response, prompts)
        dial = Dial(action=door.after, method="POST", hangup_on_star=True if door.star else None)
        conference = Conference(
            door.room,
            start_conference_on_enter=True,
            end_conference_on_exit=door.ends_with_me,
            max_participants=door.most,
            beep="false",
            wait_url="",
            status_callback=door.events,
            status_callback_event="start end join leave",
            status_callback_method="POST",
        )
        dial.append(conference)
        response.append(dial)
        return str(response)

    def offer(self, prompts: Sequence[Prompt], answer: str, again: str | None) -> str:
        """Asks for one key; with `again` it is said once more on silence, without it silence hangs up.

        Nothing but a key press goes on, so a voicemail that answers takes nobody and nothing.
        """
        response = VoiceResponse()
        gather = Gather(
            input="dtmf", num_digits=1, timeout=STAFF_PATIENCE_S, action=answer, method="POST", finish_on_key=""
        )
        self._say(gather, prompts)
        response.append(gather)
        if again:
            response.redirect(again, method="POST")
        else:
            response.hangup()
        return str(response)

    def say_and_hang_up(self, prompts: Sequence[Prompt]) -> str:
        """Says it and ends the call."""
        response = VoiceResponse()
        self._say(response, prompts)
        response.hangup()
        return str(response)

    def letter(self, text: str, language: str, times: int = 2) -> str:
        """Says a letter to whoever picked up, more than once, and ends the call."""
        spoken = self.catalogue.language(language)
        response = VoiceResponse()
        for _ in range(times):
            response.say(text[:LONGEST_SPEECH], language=spoken.tag, voice=spoken.voice or None)
            response.pause(length=1)
        response.hangup()
        return str(response)

    def to(self, address: str) -> str:
        """Goes on at another document."""
        response = VoiceResponse()
        response.redirect(address, method="POST")
        return str(response)

    def _listen(
        self,
        response: VoiceResponse,
        prompts: Sequence[Prompt],
        listen: Listen,
        version: int,
        language: str,
        *,
        patience_s: int,
    ) -> None:
        gather = self._gather(listen, version, language, patience_s, speech=True)
        self._say(gather, prompts)
        response.append(gather)

    def _gather(self, listen: Listen, version: int, language: str, patience_s: int, *, speech: bool) -> Gather:
        keys: dict[str, object] = {"finish_on_key": "#"}
        if listen.digits is not None and not listen.several:
            keys["num_digits"] = listen.digits
        if speech:
            keys |= {
                "hints": ", ".join(listen.hints[:100]) or None,
                "profanity_filter": False,  # crisis words must reach the screening
                "speech_timeout": "auto",
                "language": self.catalogue.language(language).tag,
            }
        return Gather(
            input="dtmf speech" if speech else "dtmf",
            timeout=patience_s,
            action=self.addresses.of("voice/turn", {"v": version}),
            method="POST",
            **keys,
        )

    def _say(self, verb: "VoiceResponse | Gather", prompts: Sequence[Prompt]) -> None:
        for prompt in prompts:
            spoken = self.catalogue.language(prompt.language)
            verb.say(
                self.catalogue.text(prompt, Channel.VOICE)[:LONGEST_SPEECH],
                language=spoken.tag,
                voice=spoken.voice or None,
            )
