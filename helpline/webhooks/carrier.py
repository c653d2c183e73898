"""What the carrier reports: how pages and calls fare, who enters and leaves a room."""

from flask import Blueprint, Response, request

from flows import bridging
from flows.pages import case_of
from flows.roster import StaffId
from helpline.arrival import count
from helpline.gateway.rest import OPTED_OUT
from helpline.running.fault_points import Point
from helpline.webhooks.gate import nothing
from helpline.wiring import Services

TAKES_NO_TEXTS = frozenset({"21614", "30006"})  # not a mobile; a landline (Twilio docs, error dictionary)
NOT_DELIVERED = frozenset({"undelivered", "failed"})
ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def blueprint(line: Services) -> Blueprint:
    """The addresses of reports."""
    pages = Blueprint("carrier", __name__)

    @pages.post("/status/page")
    def page() -> Response:
        """A text or call of ours has come a step further; the signed address says which."""
        form = request.form
        sid = form.get("MessageSid") or form.get("CallSid", "")
        status = form.get("MessageStatus") or form.get("CallStatus", "")
        for page_id in _pages(line):
            line.faults.reach(Point.CALLBACK)
            line.dispatch.page_status(
                case_of(page_id), page_id, sid=sid, status=status, error=form.get("ErrorCode", "")
            )
            if form.get("CallSid") and status in ENDED:
                _call_over(line, page_id, sid)
        return nothing()

    @pages.post("/status/notice")
    def notice() -> Response:
        """How a notice fared: Twilio may only now say that its reader has opted out."""
        _told_or_not(line)
        return nothing()

    @pages.post("/room")
    def room() -> Response:
        """Somebody entered or left the room of a case."""
        case_id, sid = request.args.get("c", ""), request.form.get("CallSid", "")
        n = count(request.args.get("n", "0"))
        match request.form.get("StatusCallbackEvent", ""):
            case "participant-join":
                line.dispatch.joined(case_id, sid, n)
            case "participant-leave":
                lives = request.form.get("ParticipantCallStatus", "") == "in-progress"
                line.dispatch.change(case_id, lambda c, now: bridging.room_left(c, sid, now, on_line=lives, n=n))
            case _:
                pass
        return nothing()

    return pages


def _told_or_not(line: Services) -> None:
    code, to = request.form.get("ErrorCode", ""), request.form.get("To", "")
    if code == str(OPTED_OUT) and to:
        line.no_texts.learned(to)
    if code in TAKES_NO_TEXTS and to:
        line.conversations.takes_no_texts(to)
    if request.form.get("MessageStatus", "") in NOT_DELIVERED and (letter_id := request.args.get("l", "")):
        line.post.not_delivered(letter_id, code or "undelivered")


def _pages(line: Services) -> tuple[str, ...]:
    """The pages that a status is about: one, or all that were folded into one text."""
    token = request.args.get("f", "")
    return (token and line.store.folded(token)) or (request.args.get("p", ""),)


def _call_over(line: Services, page_id: str, sid: str) -> None:
    """The phone is still: whoever waited for it is called, and a talk on this call is over."""
    if staff_id := request.args.get("s", ""):
        line.pager.call_over(StaffId(staff_id), page_id)
    line.dispatch.call_over(case_of(page_id), sid)
