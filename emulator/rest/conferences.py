"""The Conference and Participant resources."""

from typing import Any

from emulator.rest.form import Form
from emulator.rest.http import API, ApiRequest, ApiResponse, not_found
from emulator.rest.paging import Listing, page, rfc2822, within
from emulator.voice.conference import Conference, Participant
from emulator.voice.dial_conference import kick
from emulator.voice.switchboard import Switchboard
from emulator.world import World


class Conferences:
    """fetch, list, and ending a conference; its participants: fetch, list, mute, hold, take out."""

    def __init__(self, world: World, switchboard: Switchboard) -> None:
        self._world, self._stage = world, switchboard.stage

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
        if form.choice("Status", ("", "completed"), "") == "completed" and conference.live:
            conference.end_by_api()
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
        if form.has("Muted"):
            person.muted = form.flag("Muted")
            conference.tell("participant-mute" if person.muted else "participant-unmute", person)
        if form.has("Hold"):
            person.hold = form.flag("Hold")
            conference.tell("participant-hold" if person.hold else "participant-unhold", person)
        person.ends = form.flag("EndConferenceOnExit", default=person.ends)
        return ApiResponse(200, self.render_participant(conference, person))

    def remove_participant(self, request: ApiRequest, form: Form, sid: str, who: str) -> ApiResponse:  # noqa: ARG002
        conference = self._find(request, sid)
        kick(conference, _person(request, conference, who).leg)
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
            "call_sid_to_coach": None,
            "coaching": False,
            "conference_sid": conference.sid,
            "date_created": rfc2822(leg.created),
            "date_updated": rfc2822(leg.updated),
            "end_conference_on_exit": person.ends,
            "hold": person.hold,
            "label": person.label or None,
            "muted": person.muted,
            "queue_time": None,
            "start_conference_on_enter": person.starts,
            "status": "connected" if leg.answered.is_set() else "ringing",
            "uri": f"{API}/Accounts/{account}/Conferences/{conference.sid}/Participants/{leg.sid}.json",
        }

    def _find(self, request: ApiRequest, sid: str) -> Conference:
        conference = self._stage.conferences.get(sid) or self._stage.conference(sid)
        if conference is None:
            raise not_found(request.path)
        return conference


def _person(request: ApiRequest, conference: Conference, who: str) -> Participant:
    """Return a participant by call SID or by label."""
    for person in conference.participants.values():
        if who in (person.leg.sid, person.label):
            return person
    raise not_found(request.path)
