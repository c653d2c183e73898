"""The Conference and Participant resources."""

from dataclasses import replace
from typing import Any

from lxml import etree

from emulator.rest.calls import Calls
from emulator.rest.form import Form
from emulator.rest.http import API, ApiRequest, ApiResponse, bad, not_found
from emulator.rest.paging import Listing, page, rfc2822, within
from emulator.voice.conference import WORDS, Conference, Participant, Reports
from emulator.voice.dial_conference import MUSIC, kick, open_conference
from emulator.voice.leg import Goto, Leg, LegStatus
from emulator.voice.switchboard import Switchboard
from emulator.webhooks import Hook
from emulator.world import World


class Conferences:
    """fetch, list, and ending a conference; its participants: fetch, list, mute, hold, take out."""

    def __init__(self, world: World, switchboard: Switchboard, calls: Calls) -> None:
        self._world, self._stage = world, switchboard.stage
        self._switchboard, self._calls = switchboard, calls

    def list(self, request: ApiRequest, form: Form) -> ApiResponse:
        status, name = form.text("Status"), form.text("FriendlyName")
        found = [
            conference
            for conference in reversed(self._stage.conferences.values())
            if status in ("", conference.status.value)
            and name in ("", conference.name)
            and within(form, "DateCreated", conference.created)
            and within(form, "DateUpdated", conference.updated)
        ]
        return page(request, form, Listing("conferences", self.render), found)

    def fetch(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002 - the shape of every handler
        return ApiResponse(200, self.render(self._find(request, sid)))

    def update(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        conference = self._find(request, sid)
        announcement = form.hook("AnnounceUrl", code=21205, method_name="AnnounceMethod")
        if form.choice("Status", ("", "completed"), "") == "completed" and conference.live:
            conference.end_by_api()
        elif announcement is not None:
            for person in list(conference.participants.values()):
                if person.play is not None:
                    person.play(announcement, False)
        return ApiResponse(200, self.render(conference))

    def participants(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        conference = self._find(request, sid)
        muted, hold = form.text("Muted"), form.text("Hold")
        found = [
            person
            for person in conference.participants.values()
            if muted in ("", str(person.muted).lower()) and hold in ("", str(person.hold).lower())
        ]
        listing = Listing("participants", lambda person: self.render_participant(conference, person))
        return page(request, form, listing, found)

    def participant(self, request: ApiRequest, form: Form, sid: str, who: str) -> ApiResponse:  # noqa: ARG002
        conference = self._find(request, sid)
        return ApiResponse(200, self.render_participant(conference, _person(request, conference, who)))

    def change_participant(self, request: ApiRequest, form: Form, sid: str, who: str) -> ApiResponse:
        conference = self._find(request, sid)
        person = _person(request, conference, who)
        hold = form.hook("HoldUrl", code=21205, method_name="HoldMethod", default_method="POST")
        announcement = form.hook("AnnounceUrl", code=21205, method_name="AnnounceMethod")
        person.ends = form.flag("EndConferenceOnExit", default=person.ends)
        person.beep = "onExit" if form.flag("BeepOnExit") else person.beep
        if form.has("Coaching") or form.has("CallSidToCoach"):
            person.coaches = form.text("CallSidToCoach") if form.flag("Coaching", default=True) else ""
            conference.tell("participant-modify", person)
        if form.has("Muted"):
            person.muted = form.flag("Muted")
            conference.tell("participant-mute" if person.muted else "participant-unmute", person)
        if form.has("Hold"):
            self._hold(conference, person, form.flag("Hold"), hold)
        if announcement is not None and person.play is not None:
            person.play(announcement, False).add_done_callback(lambda _: conference.tell("announcement-end", person))
        return ApiResponse(200, self.render_participant(conference, person))

    def _hold(self, conference: Conference, person: Participant, hold: bool, music: Hook | None) -> None:  # noqa: FBT001
        """Put somebody on hold with music, or take them back."""
        if person.holding is not None:
            person.holding.cancel()
            person.holding = None
        person.hold = hold
        if hold and music is not None and person.play is not None:
            person.holding = person.play(music, True)
        elif hold:
            person.leg.say("music", MUSIC)
        conference.tell("participant-hold" if hold else "participant-unhold", person)

    def add_participant(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        """Call somebody into a conference, named by SID or by friendly name; it comes into being if need be."""
        conference = self._stage.conferences.get(sid) or self._stage.conference(sid)
        if conference is None and sid.startswith("CF"):
            raise not_found(request.path)
        order, noun = self._calls.order_into(form)
        if conference is None:
            conference = open_conference(self._stage, sid, _reports(form))
        twiml = conference_twiml(conference.name, noun)
        leg = self._switchboard.call_out(replace(order, goto=Goto(twiml=twiml, purpose="participant")))
        person = Participant(leg, label=noun.get("participantLabel", ""))
        conference.invited[leg.sid] = person
        return ApiResponse(201, self.render_participant(conference, person))

    def remove_participant(self, request: ApiRequest, form: Form, sid: str, who: str) -> ApiResponse:  # noqa: ARG002
        conference = self._find(request, sid)
        leg = _person(request, conference, who).leg
        if leg.sid in conference.invited:
            leg.hang_up()
        else:
            kick(conference, leg)
        return ApiResponse(204)

    def render(self, conference: Conference) -> dict[str, Any]:
        """Return a conference as Twilio's JSON."""
        account = self._world.account.sid
        uri = f"{API}/Accounts/{account}/Conferences/{conference.sid}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "call_sid_ending_conference": conference.call_ending,
            "date_created": rfc2822(conference.created),
            "date_updated": rfc2822(conference.updated),
            "friendly_name": conference.name,
            "reason_conference_ended": conference.reason_ended,
            "region": "us1",
            "sid": conference.sid,
            "status": conference.status.value,
            "subresource_uris": {
                "participants": f"{uri}/Participants.json",
                "recordings": f"{uri}/Recordings.json",
            },
            "uri": f"{uri}.json",
        }

    def render_participant(self, conference: Conference, person: Participant) -> dict[str, Any]:
        """Return a participant as Twilio's JSON."""
        account = self._world.account.sid
        leg = person.leg
        return {
            "account_sid": account,
            "call_sid": leg.sid,
            "call_sid_to_coach": person.coaches or None,
            "coaching": bool(person.coaches),
            "conference_sid": conference.sid,
            "date_created": rfc2822(leg.created),
            "date_updated": rfc2822(leg.updated),
            "end_conference_on_exit": person.ends,
            "hold": person.hold,
            "label": person.label or None,
            "muted": person.muted,
            "queue_time": None,
            "start_conference_on_enter": person.starts,
            "status": _participant_status(leg),
            "uri": f"{API}/Accounts/{account}/Conferences/{conference.sid}/Participants/{leg.sid}.json",
        }

    def _find(self, request: ApiRequest, sid: str) -> Conference:
        conference = self._stage.conferences.get(sid) or self._stage.conference(sid)
        if conference is None:
            raise not_found(request.path)
        return conference


def _person(request: ApiRequest, conference: Conference, who: str) -> Participant:
    """Return a participant by call SID or by label."""
    for person in (*conference.participants.values(), *conference.invited.values()):
        if who in (person.leg.sid, person.label):
            return person
    raise not_found(request.path)


def _participant_status(leg: Leg) -> str:
    """Return how far a participant's call has come, in this resource's own words."""
    if not leg.live:
        return "complete" if leg.answered.is_set() else "failed"
    if leg.answered.is_set():
        return "connected"
    return {LegStatus.QUEUED: "queued", LegStatus.INITIATED: "connecting"}.get(leg.status, "ringing")


def _reports(form: Form) -> Reports:
    hook = form.hook("ConferenceStatusCallback", code=21626)
    words = [word for value in form.all("ConferenceStatusCallbackEvent") for word in value.split()]
    unknown = set(words) - set(WORDS.values())
    if unknown:
        raise bad(21626, f"Invalid ConferenceStatusCallbackEvent: {', '.join(sorted(unknown))}")
    return Reports(hook, frozenset(words or ["start", "end"]))


def conference_twiml(name: str, attributes: dict[str, str]) -> str:
    """Return the document a participant called by REST runs."""
    response = etree.Element("Response")
    noun = etree.SubElement(etree.SubElement(response, "Dial"), "Conference", attributes)
    noun.text = name
    return etree.tostring(response, encoding="unicode")
