"""A conference: who is in it, when it starts and ends, and what it reports."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

from emulator.identifiers import new_sid
from emulator.voice.leg import Leg
from emulator.webhooks import Hook


class ConferenceStatus(StrEnum):
    """Twilio's conference statuses."""

    INIT = "init"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"


Play = Callable[[Hook, bool], asyncio.Task[None]]  # a document's address, and whether over and over


@dataclass(slots=True)
class Participant:
    """A leg's membership."""

    leg: Leg
    starts: bool = True
    ends: bool = False
    label: str = ""
    muted: bool = False
    hold: bool = False
    coaches: str = ""  # the SID of the only call that hears this one
    beep: str = "true"  # on which of coming and going the others hear a beep: true, false, onEnter, onExit
    play: "Play | None" = None  # plays a document to this participant
    holding: asyncio.Task[None] | None = None
    left_because: str = ""
    out: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Reports:
    """Where and what a conference reports: fixed by its first participant (Twilio docs, Conference)."""

    hook: Hook | None
    events: frozenset[str]


class Conference:
    """A room with a beginning and an end."""

    kind = "conference"

    def __init__(self, name: str, reports: Reports, now: Callable[[], datetime], on_event: "OnEvent") -> None:
        self.sid = new_sid("CF")
        self.name, self.reports = name, reports
        self.status = ConferenceStatus.INIT
        self.created = self.updated = now()
        self.participants: dict[str, Participant] = {}
        self.started, self.ended = asyncio.Event(), asyncio.Event()
        self.sequence = 0
        self.invited: dict[str, Participant] = {}  # called by REST and not in the room yet
        self.reason_ended: str | None = None
        self.call_ending: str | None = None
        self._now, self._on_event = now, on_event

    @property
    def live(self) -> bool:
        return not self.ended.is_set()

    @property
    def members(self) -> list[Leg]:
        """Return who hears each other: nobody before the start, nobody on hold."""
        if not self.started.is_set() or not self.live:
            return []
        return [person.leg for person in self.participants.values() if not person.hold]

    def hearers(self, leg: Leg) -> list[Leg]:
        """Return who hears `leg`: nobody while it is muted, only the coached one while it coaches."""
        person, members = self.participants.get(leg.sid), self.members
        if person is None or person.muted or leg not in members:
            return []
        return [member for member in members if member is not leg and person.coaches in ("", member.sid)]

    def spoken(self, leg: Leg) -> None:
        """Report that somebody spoke."""
        person = self.participants.get(leg.sid)
        if person is not None and not person.muted:
            self._tell("participant-speech-start", person)
            self._tell("participant-speech-stop", person)

    def enter(self, person: Participant) -> None:
        """Let somebody in, and start once two are here and one of them starts it."""
        self.participants[person.leg.sid] = person
        person.leg.enters(self)
        self._tell("participant-join", person)
        ready = len(self.participants) >= 2 and any(one.starts for one in self.participants.values())
        if ready and not self.started.is_set():
            self.status = ConferenceStatus.IN_PROGRESS
            self.started.set()
            self._tell("conference-start", None)
        self._beep(person, "onEnter")

    def leave(self, leg: Leg, because: str = "participant_hung_up") -> None:
        """Let somebody out; that may end the conference."""
        person = self.participants.pop(leg.sid, None)
        if person is None:
            return
        leg.leaves()
        person.left_because = because
        self._tell("participant-leave", person)
        self._beep(person, "onExit")
        kicked = because == "participant_updated_via_api"
        if person.ends and self.live:
            self._end("participant-with-end-conference-on-exit-" + ("kicked" if kicked else "left"), leg)
        elif not self.participants and self.live:
            self._end("last-participant-" + ("kicked" if kicked else "left"), leg)

    def end_by_api(self) -> None:
        self._end("conference-ended-via-api", None)

    def tell(self, event: str, person: Participant) -> None:
        """Report something about a participant."""
        self._tell(event, person)

    def params(self, event: str, person: Participant | None, account_sid: str) -> dict[str, str]:
        """Return the form of a conference status callback; takes the next sequence number."""
        params = {
            "AccountSid": account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(self.sequence),
            "Timestamp": format_datetime(self._now()),
        }
        self.sequence += 1
        if person is not None:
            params |= _participant_params(person)
        if event == "participant-leave" and person is not None:
            params["ReasonParticipantLeft"] = person.left_because
            params["ParticipantCallStatus"] = person.leg.status.value
        if event == "conference-end":
            params["ReasonConferenceEnded"] = self.reason_ended or ""
            if self.call_ending is not None:
                params["CallSidEndingConference"] = self.call_ending
        return params

    def _end(self, reason: str, by: Leg | None) -> None:
        self.reason_ended, self.call_ending = reason, by.sid if by is not None else None
        self.ended.set()
        for person in list(self.participants.values()):
            del self.participants[person.leg.sid]
            person.leg.leaves()
            person.left_because = "conference_ended"
            self._tell("participant-leave", person)
        self.status = ConferenceStatus.COMPLETED
        self._tell("conference-end", None)

    def _beep(self, person: Participant, when: str) -> None:
        if person.beep in ("true", when):
            for member in self.members:
                if member is not person.leg:
                    member.say("beep", "beep")

    def _tell(self, event: str, person: Participant | None) -> None:
        self.updated = self._now()
        self._on_event(self, event, person)


# The word in statusCallbackEvent that asks for each event (Twilio docs, Conference).
WORDS = {
    "conference-start": "start",
    "conference-end": "end",
    "participant-join": "join",
    "participant-leave": "leave",
    "participant-mute": "mute",
    "participant-unmute": "mute",
    "participant-hold": "hold",
    "participant-unhold": "hold",
    "participant-modify": "modify",
    "participant-speech-start": "speaker",
    "participant-speech-stop": "speaker",
    "announcement-end": "announcement",
}
OnEvent = Callable[[Conference, str, Participant | None], None]


def _participant_params(person: Participant) -> dict[str, str]:
    params = {
        "CallSid": person.leg.sid,
        "Muted": str(person.muted).lower(),
        "Hold": str(person.hold).lower(),
        "Coaching": str(bool(person.coaches)).lower(),
        "StartConferenceOnEnter": str(person.starts).lower(),
        "EndConferenceOnExit": str(person.ends).lower(),
    }
    if person.coaches:
        params["CallSidToCoach"] = person.coaches
    return params | ({"ParticipantLabel": person.label} if person.label else {})
