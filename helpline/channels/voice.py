"""Prompts as speech, and every TwiML document the line can answer a call with.

Each document ends in a verb that keeps the caller, except where the conversation is over. Addresses are absolute:
a call made by us with inline TwiML would refuse relative ones (Twilio docs, Gather).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never
from urllib.parse import urlencode

from flows.catalogue import Catalogue
from flows.events import Channel
from flows.holding import Told
from flows.step import Listen, Prompt, Wait
from helpline.channels.twiml import document, said, verb

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
        match listen.wait:
            case Wait.END:
                return self.say_and_hang_up(prompts)
            case Wait.HOLD:
                first = self._listen(prompts, Listen(Wait.ANSWER), version, language, patience_s=1)
                return document(first, _to(self.addresses.of("voice/hold", {"v": version})))
            case Wait.ANSWER:
                patience_s = UNHURRIED_S if listen.unhurried else PATIENCE_S
                first = self._listen(prompts, listen, version, language, patience_s=patience_s)
                return document(first, _to(self.addresses.of("voice/turn", {"v": version})))
            case Wait.RECORD:
                first = self._listen(prompts, Listen(Wait.ANSWER), version, language, patience_s=1)
                return document(first, *self._record(version))
            case _:
                assert_never(listen.wait)

    def _record(self, version: int) -> tuple[str, ...]:
        """A spoken message; where nothing at all was said Twilio goes on with the next verb (Twilio docs, Record)."""
        turn: Mapping[str, str | int] = {"v": version}
        record = verb(
            "Record",
            action=self.addresses.of("voice/recorded", turn),
            method="POST",
            timeout=SILENCE_S,
            finishOnKey="#",
            maxLength=RECORD_FOR_S,
            trim="trim-silence",
        )
        return record, _to(self.addresses.of("voice/turn", turn))

    def hold(self, prompts: Sequence[Prompt], version: int, language: str, told: Told, music: str) -> str:
        """What a waiting caller hears: the truth when it is new, then music; any key reaches the flow."""
        heard = (*self._say(prompts), verb("Play", said(music)))
        again: Mapping[str, str | int] = {"v": version, "t": told.truth, "n": told.rounds}
        return document(
            self._gather(heard, Listen(Wait.ANSWER), version, language, HOLD_PATIENCE_S, speech=False),
            _to(self.addresses.of("voice/hold", again)),
        )

    def conference(self, prompts: Sequence[Prompt], door: Door) -> str:
        """Joins this leg to the room of a case: at most two people, or three once asked for; nothing is recorded."""
        room = verb(
            "Conference",
            said(door.room),
            beep="false",
            startConferenceOnEnter=True,
            endConferenceOnExit=door.ends_with_me,
            waitUrl="",
            maxParticipants=door.most,
            statusCallbackEvent="start end join leave",
            statusCallback=door.events,
            statusCallbackMethod="POST",
        )
        star = True if door.star else None
        return document(*self._say(prompts), verb("Dial", room, action=door.after, method="POST", hangupOnStar=star))

    def offer(self, prompts: Sequence[Prompt], answer: str, again: str | None) -> str:
        """Asks for one key; with `again` it is said once more on silence, without it silence hangs up.

        Nothing but a key press goes on, so a voicemail that answers takes nobody and nothing.
        """
        gather = verb(
            "Gather",
            *self._say(prompts),
            input="dtmf",
            action=answer,
            method="POST",
            timeout=STAFF_PATIENCE_S,
            finishOnKey="",
            numDigits=1,
        )
        return document(gather, _to(again) if again else verb("Hangup"))

    def say_and_hang_up(self, prompts: Sequence[Prompt]) -> str:
        """Says it and ends the call."""
        return document(*self._say(prompts), verb("Hangup"))

    def letter(self, text: str, language: str, times: int = 2) -> str:
        """Says a letter to whoever picked up, more than once, and ends the call."""
        once = (self._spoken(text, language), verb("Pause", length=1))
        return document(*once * times, verb("Hangup"))

    def to(self, address: str) -> str:
        """Goes on at another document."""
        return document(_to(address))

    def _listen(
        self, prompts: Sequence[Prompt], listen: Listen, version: int, language: str, *, patience_s: int
    ) -> str:
        return self._gather(self._say(prompts), listen, version, language, patience_s, speech=True)

    def _gather(
        self, heard: Sequence[str], listen: Listen, version: int, language: str, patience_s: int, *, speech: bool
    ) -> str:
        one_key = listen.digits is not None and not listen.several
        speaking: dict[str, str | int | None] = {
            "speechTimeout": "auto",
            "language": self.catalogue.language(language).tag,
            "hints": ", ".join(listen.hints[:100]) or None,
            "profanityFilter": False,  # crisis words must reach the screening
        }
        return verb(
            "Gather",
            *heard,
            input="dtmf speech" if speech else "dtmf",
            action=self.addresses.of("voice/turn", {"v": version}),
            method="POST",
            timeout=patience_s,
            finishOnKey="#",
            numDigits=listen.digits if one_key else None,
            **(speaking if speech else {}),
        )

    def _say(self, prompts: Sequence[Prompt]) -> tuple[str, ...]:
        texts = self.catalogue.text
        return tuple(self._spoken(texts(prompt, Channel.VOICE), prompt.language) for prompt in prompts)

    def _spoken(self, words: str, language: str) -> str:
        spoken = self.catalogue.language(language)
        return verb("Say", said(words[:LONGEST_SPEECH]), voice=spoken.voice or None, language=spoken.tag)


def _to(address: str) -> str:
    return verb("Redirect", said(address), method="POST")
