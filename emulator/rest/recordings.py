"""The Recording resource and its sound."""

from typing import Any

from emulator.rest.form import Form
from emulator.rest.http import API, ApiRequest, ApiResponse, not_found
from emulator.rest.paging import Listing, page, rfc2822
from emulator.voice.recording import Recording
from emulator.voice.switchboard import Switchboard
from emulator.world import World


class Recordings:
    """fetch, list, delete, and the WAV file."""

    def __init__(self, world: World, switchboard: Switchboard) -> None:
        self._world, self._recordings = world, switchboard.stage.recordings

    def list(self, request: ApiRequest, form: Form) -> ApiResponse:
        call = form.text("CallSid")
        found = [item for item in reversed(self._recordings.values()) if call in ("", item.call_sid)]
        return page(request, form, Listing("recordings", self.render), found)

    def of_call(self, request: ApiRequest, form: Form, call: str) -> ApiResponse:
        found = [item for item in reversed(self._recordings.values()) if item.call_sid == call]
        return page(request, form, Listing("recordings", self.render), found)

    def fetch(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        """Return a recording: its JSON at `.json`, its sound at the bare address and at `.wav`."""
        recording = self._find(request, sid.removesuffix(".wav"))
        if request.path.endswith(".json"):
            return ApiResponse(200, self.render(recording))
        return ApiResponse(200, raw=recording.wav, content_type="audio/x-wav")

    def delete(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        self._find(request, sid)
        del self._recordings[sid]
        return ApiResponse(204)

    def render(self, recording: Recording) -> dict[str, Any]:
        """Return a recording as Twilio's JSON."""
        account = self._world.account.sid
        uri = f"{API}/Accounts/{account}/Recordings/{recording.sid}"
        created = rfc2822(recording.created)
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "call_sid": recording.call_sid,
            "conference_sid": recording.conference_sid,
            "channels": 1,
            "date_created": created,
            "date_updated": created,
            "start_time": created,
            "duration": str(recording.duration_s),
            "encryption_details": None,
            "error_code": None,
            "media_url": self._world.base_url() + uri,
            "price": None,
            "price_unit": "USD",
            "sid": recording.sid,
            "source": recording.source,
            "status": "completed",
            "subresource_uris": {},
            "uri": f"{uri}.json",
        }

    def _find(self, request: ApiRequest, sid: str) -> Recording:
        recording = self._recordings.get(sid)
        if recording is None:
            raise not_found(request.path)
        return recording
