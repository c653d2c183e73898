"""What the carrier reports: how pages and calls fare, who enters and leaves a room."""

from flask import Blueprint, Response, request

from flows import bridging
from flows.pages import case_of
from helpline.webhooks.gate import nothing
from helpline.wiring import Services

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def blueprint(line: Services) -> Blueprint:
    """The addresses of reports."""
    pages = Blueprint("carrier", __name__)

    @pages.post("/status/page")
    def page() -> Response:
        """A text or call of ours has come a step further; the signed address says which."""
        form, page_id = request.form, request.args.get("p", "")
        sid = form.get("MessageSid") or form.get("CallSid", "")
        status = form.get("MessageStatus") or form.get("CallStatus", "")
        case_id = case_of(page_id)
        line.dispatch.page_status(case_id, page_id, sid=sid, status=status, error=form.get("ErrorCode", ""))
        if form.get("CallSid") and status in ENDED:
            line.dispatch.call_over(case_id, sid)
        return nothing()

    @pages.post("/status/notice")
    def notice() -> Response:
        """How a notice fared; nothing follows from it yet but the carrier's own record."""
        return nothing()

    @pages.post("/room")
    def room() -> Response:
        """Somebody entered or left the room of a case."""
        case_id, sid = request.args.get("c", ""), request.form.get("CallSid", "")
        match request.form.get("StatusCallbackEvent", ""):
            case "participant-join":
                _joined(line, case_id, sid)
            case "participant-leave":
                line.dispatch.call_over(case_id, sid)
            case _:
                pass
        return nothing()

    return pages


def _joined(line: Services, case_id: str, sid: str) -> None:
    case = line.store.case(case_id)
    if case is None or case.bridge is None:
        return
    joined = bridging.staff_joined if sid == case.bridge.staff_call else bridging.caller_joined
    line.dispatch.change(case_id, lambda c, now: joined(c, sid, now))
