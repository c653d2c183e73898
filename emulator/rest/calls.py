"""The Call resource."""

from typing import Any

from emulator.rest.form import Form
from emulator.rest.http import API, ApiError, ApiRequest, ApiResponse, bad, not_found
from emulator.rest.paging import Listing, page, rfc2822, within
from emulator.twiml.checks import send_digits as digits_fault
from emulator.voice.detection import Detection
from emulator.voice.leg import Goto, Leg, LegStatus, StatusHook
from emulator.voice.recording import RecordingReports
from emulator.voice.switchboard import Order, Switchboard
from emulator.world import World

TWIML_LIMIT = 4000
# What a request for a participant says of their <Conference>.
PARTICIPANT = {
    "Label": "participantLabel",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "Muted": "muted",
    "Beep": "beep",
    "WaitUrl": "waitUrl",
    "WaitMethod": "waitMethod",
    "MaxParticipants": "maxParticipants",
    "CallSidToCoach": "coach",
    "ConferenceRecord": "record",
    "ConferenceStatusCallback": "statusCallback",
}
EVENTS = ("initiated", "ringing", "answered", "completed")
NOT_LIVE = "Call is not in-progress. Cannot redirect."


class Calls:
    """create, fetch, list, update (redirect, complete, cancel), delete."""

    def __init__(self, world: World, switchboard: Switchboard) -> None:
        self._world, self._switchboard = world, switchboard

    def create(self, request: ApiRequest, form: Form) -> ApiResponse:  # noqa: ARG002 - the shape of every handler
        return ApiResponse(201, self.render(self._switchboard.call_out(self._order(form))))

    def list(self, request: ApiRequest, form: Form) -> ApiResponse:
        to, from_, status = form.text("To"), form.text("From"), form.text("Status")
        parent = form.text("ParentCallSid")
        found = [
            leg
            for leg in reversed(self._switchboard.stage.legs.values())
            if to in ("", leg.line.to)
            and from_ in ("", leg.line.from_)
            and status in ("", _status(leg))
            and parent in ("", leg.line.parent.sid if leg.line.parent else "-")
            and within(form, "StartTime", leg.started or leg.created)
            and within(form, "EndTime", leg.ended)
        ]
        return page(request, form, Listing("calls", self.render), found)

    def fetch(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        return ApiResponse(200, self.render(self._find(request, sid)))

    def update(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        """Redirect a live call, complete it, or cancel one that is not yet answered."""
        leg = self._find(request, sid)
        status = form.choice("Status", ("", "completed", "canceled"), "")
        goto = self._goto(form, required=False)
        fallback = form.hook("FallbackUrl", code=21205, method_name="FallbackMethod")
        hook = _status_hook(form)
        if not leg.live:
            raise bad(21220, NOT_LIVE)
        leg.fallback = fallback or leg.fallback
        leg.status_hook = hook or leg.status_hook
        if status:
            self._end(leg, status)
        elif goto is not None:
            if not leg.answered.is_set():
                raise bad(21220, NOT_LIVE)
            leg.divert(goto)
        return ApiResponse(200, self.render(leg))

    def delete(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        leg = self._find(request, sid)
        if leg.live:
            raise ApiError(409, 20009, "Resource not complete: the call is not over")
        del self._switchboard.stage.legs[sid]
        return ApiResponse(204)

    def render(self, leg: Leg) -> dict[str, Any]:
        """Return a call as Twilio's JSON."""
        account = self._world.account.sid
        uri = f"{API}/Accounts/{account}/Calls/{leg.sid}"
        number = leg.line.number or self._world.account.owned(leg.line.from_)
        return {
            "account_sid": account,
            "answered_by": leg.answered_by,
            "api_version": "2010-04-01",
            "caller_name": None,
            "date_created": rfc2822(leg.created),
            "date_updated": rfc2822(leg.updated),
            "direction": leg.line.direction.value,
            "duration": None if leg.live else str(leg.duration_s),
            "end_time": rfc2822(leg.ended),
            "forwarded_from": None,
            "from": leg.line.from_,
            "from_formatted": leg.line.from_,
            "group_sid": None,
            "parent_call_sid": leg.line.parent.sid if leg.line.parent else None,
            "phone_number_sid": number.sid if number else None,
            "price": None,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": leg.sid,
            "start_time": rfc2822(leg.started),
            "status": _status(leg),
            "subresource_uris": {
                name: f"{uri}/{name.title().replace('_', '')}.json"
                for name in ("notifications", "recordings", "events", "payments", "siprec", "streams")
            },
            "to": leg.line.to,
            "to_formatted": leg.line.to,
            "trunk_sid": None,
            "uri": f"{uri}.json",
        }

    def _find(self, request: ApiRequest, sid: str) -> Leg:
        leg = self._switchboard.stage.legs.get(sid)
        if leg is None:
            raise not_found(request.path)
        return leg

    def _end(self, leg: Leg, status: str) -> None:
        """Complete ends any call; cancel only one that nobody has answered."""
        if status == "canceled":
            if leg.answered.is_set():
                raise bad(21220, NOT_LIVE)
            leg.finish(LegStatus.CANCELED)
            return
        leg.hang_up()

    def order_into(self, form: Form) -> tuple[Order, dict[str, str]]:
        """Return the call that brings somebody into a conference, and the attributes of its <Conference>."""
        order = self._order(form, Goto(), progress="StatusCallbackEvent")
        noun = {attribute: form.text(name) for name, attribute in PARTICIPANT.items() if form.has(name)}
        return order, {name: value for name, value in noun.items() if value or name == "waitUrl"}

    def _order(self, form: Form, goto: Goto | None = None, progress: str = "StatusCallbackEvent") -> Order:
        to = form.e164("To", missing=bad(21201, "No 'To' number is specified"), invalid=21217)
        from_ = form.e164("From", missing=bad(21213, "No 'From' number is specified"), invalid=21212)
        if self._world.account.owned(from_) is None:
            raise bad(21210, f"The source phone number provided, {from_}, is not yet verified for your account.")
        send_digits = form.text("SendDigits")
        if send_digits and (fault := digits_fault(send_digits)):
            raise bad(21222, f"SendDigits {fault}")
        return Order(
            from_=from_,
            to=to,
            goto=goto or self._goto(form, required=True) or Goto(),
            fallback=form.hook("FallbackUrl", code=21205, method_name="FallbackMethod"),
            status_hook=_status_hook(form, progress),
            timeout_s=form.number("Timeout", 60, 1, 600),
            time_limit_s=form.number("TimeLimit", 14400, 1, 86400),
            detection=None if send_digits else _detection(form),
            send_digits=send_digits,
            reason=form.text("CallReason")[:50],
            reports=_recording(form),
        )

    def _goto(self, form: Form, *, required: bool) -> Goto | None:
        """Return where the call goes: `Url` wins over `Twiml`, as with Twilio."""
        hook = form.hook("Url", code=21205, method_name="Method")
        twiml = form.text("Twiml")
        if hook is not None:
            return Goto(hook, purpose="call Url")
        if len(twiml) > TWIML_LIMIT:
            raise bad(32018, f"Twiml is longer than {TWIML_LIMIT} characters")
        if twiml:
            return Goto(twiml=twiml)
        if required:
            raise bad(21205, "Url parameter is required.")
        return None


def _recording(form: Form) -> RecordingReports | None:
    """Return where the recording of a call is reported, or None where it is not recorded."""
    hook = form.hook("RecordingStatusCallback", code=21205)
    events = [word for value in form.all("RecordingStatusCallbackEvent") for word in value.split()]
    form.choice("RecordingChannels", ("mono", "dual"), "mono")
    form.choice("RecordingTrack", ("inbound", "outbound", "both"), "both")
    form.choice("Trim", ("trim-silence", "do-not-trim"), "trim-silence")
    return RecordingReports(hook, frozenset(events or ["completed"])) if form.flag("Record") else None


def _status_hook(form: Form, name: str = "StatusCallbackEvent") -> StatusHook | None:
    hook = form.hook("StatusCallback", code=21626)
    events = [word for value in form.all(name) for word in value.split()] or ["completed"]
    for event in events:
        if event not in EVENTS:
            raise bad(21626, f"Invalid StatusCallbackEvent: {event} is not one of {', '.join(EVENTS)}")
    return StatusHook(hook, frozenset(events)) if hook is not None else None


def _detection(form: Form) -> Detection | None:
    """Return the machine detection asked for."""
    mode = form.choice("MachineDetection", ("", "Enable", "DetectMessageEnd"), "")
    timeout_s = form.number("MachineDetectionTimeout", 30, 3, 60)
    form.number("MachineDetectionSpeechThreshold", 2400, 1000, 6000)
    form.number("MachineDetectionSpeechEndThreshold", 1200, 500, 5000)
    form.number("MachineDetectionSilenceTimeout", 5000, 2000, 10000)
    asynchronous = form.flag("AsyncAmd")
    hook = form.hook("AsyncAmdStatusCallback", code=21205)
    return Detection(mode, timeout_s, asynchronous, hook if asynchronous else None) if mode else None


def _status(leg: Leg) -> str:
    """Return the status REST shows: `initiated` is known to callbacks only."""
    return LegStatus.QUEUED.value if leg.status is LegStatus.INITIATED else leg.status.value
