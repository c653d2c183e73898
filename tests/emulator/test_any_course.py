"""Whatever people, phones and the application do in whatever order, some things always hold."""

from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CALLER, STAFF, OTHER, NUMBER = "+12025550101", "+12025550102", "+12025550103", "+15005550006"
PHONES = (CALLER, STAFF, OTHER)
FINAL = {"completed", "busy", "failed", "no-answer", "canceled"}
ORDER = ["initiated", "ringing", "in-progress"]
EVENTS = "initiated ringing answered completed"
DOCUMENTS = [
    "",
    "<Say>hi</Say><Pause length='9'/>",
    "<Gather numDigits='1' action='/any'><Say>key</Say></Gather><Redirect>/any</Redirect>",
    (
        f"<Dial callerId='{NUMBER}' timeout='9' action='/any'><Number statusCallback='/cs' statusCallbackEvent='{EVENTS}'"
        f" url='/screen'>{STAFF}</Number><Number>{OTHER}</Number></Dial>"
    ),
    (
        "<Dial action='/any'><Conference waitUrl='' statusCallback='/conf' statusCallbackEvent='start end join leave"
        " mute hold' endConferenceOnExit='true'>room</Conference></Dial>"
    ),
    "<Dial><Conference waitUrl='' statusCallback='/conf' statusCallbackEvent='start end join leave'>room</Conference></Dial>",
    "<Enqueue waitUrl='/any' action='/any'>line</Enqueue>",
    "<Dial timeout='9' action='/any'><Queue>line</Queue></Dial>",
    "<Record timeout='3' action='/any'/>",
    "<Hangup/>",
    "<Redirect>/any</Redirect>",
]
acts = st.one_of(
    st.tuples(st.just("call"), st.sampled_from(PHONES)),
    st.tuples(st.just("page"), st.sampled_from(PHONES)),
    st.tuples(
        st.sampled_from(["answer", "reject", "hangup", "press", "speak", "redirect", "complete"]), st.integers(0, 9)
    ),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 3, 15])),
)


class Course:
    """Carries out acts, whether they fit the moment or not."""

    def __init__(self, lab: Any) -> None:
        self.lab, self.api = lab, f"{lab.emulator.url}/emulator/api"
        settings = lab.emulator.settings
        self.rest, self.auth = f"{lab.emulator.url}/2010-04-01/Accounts/{settings.account_sid}", None
        self.auth = (settings.account_sid, settings.auth_token)

    def do(self, act: str, what: Any) -> None:
        match act:
            case "wait":
                self.lab.advance(what)
            case "call":
                self.lab.call(what)
            case "page":
                order = {"To": what, "From": NUMBER, "Url": f"{self.lab.peer.url}/any"}
                hook = {"StatusCallback": f"{self.lab.peer.url}/cs", "StatusCallbackEvent": EVENTS.split()}
                self.lab.http.post(f"{self.rest}/Calls.json", data=order | hook, auth=self.auth, timeout=20)
            case _:
                self.to_a_call(act, what)

    def to_a_call(self, act: str, which: int) -> None:
        calls = self.lab.get("/calls", active="true")
        if not calls:
            return
        sid = calls[which % len(calls)]["sid"]
        match act:
            case "redirect" | "complete":
                form = {"Url": f"{self.lab.peer.url}/any"} if act == "redirect" else {"Status": "completed"}
                answer = self.lab.http.post(f"{self.rest}/Calls/{sid}.json", data=form, auth=self.auth, timeout=20)
            case "press" | "speak":
                data = {"digits": "1"} if act == "press" else {"text": "hello"}
                path = "keys" if act == "press" else "speech"
                answer = self.lab.http.post(f"{self.api}/calls/{sid}/{path}", json=data, timeout=20)
            case _:
                answer = self.lab.http.post(f"{self.api}/calls/{sid}/{act}", timeout=20)
        assert answer.status_code < 500


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    first=st.lists(st.sampled_from(DOCUMENTS), min_size=1, max_size=3),
    then=st.lists(st.sampled_from(DOCUMENTS), min_size=1, max_size=4),
    course=st.lists(acts, min_size=1, max_size=10),
)
def test_every_call_is_told_of_in_order_ends_once_and_leaves_no_room_behind(lab, peer, first, then, course):
    peer.seen.clear()
    before = {call["sid"] for call in lab.get("/calls")}
    peer.twiml("/voice", *first)
    peer.twiml("/any", *then)
    peer.twiml("/screen", "<Say>hi</Say>")
    played = Course(lab)
    for act, what in course:
        played.do(act, what)
    for call in lab.get("/calls", active="true"):
        lab.http.post(f"{played.api}/calls/{call['sid']}/hangup", timeout=20)
        lab.settle()
    lab.advance(70)
    calls = [call for call in lab.get("/calls") if call["sid"] not in before]
    assert [call["status"] for call in calls if call["status"] not in FINAL or call["live"] or call["room"]] == []
    assert lab.rooms() == []
    told(peer)
    lab.excuse(*{one["code"] for one in lab.complaints() if one["code"] in (11200, 12200, 12400)})
    assert lab.complaints() == []


def told(peer: Any) -> None:
    """The callbacks of each call and conference: numbered without a gap, in order, with one end."""
    by_sid: dict[str, list[dict[str, str]]] = defaultdict(list)
    for form in peer.got("/cs"):
        by_sid[form["CallSid"]].append(form)
    for forms in by_sid.values():
        statuses = [form["CallStatus"] for form in forms]
        assert [form["SequenceNumber"] for form in forms] == [str(n) for n in range(len(forms))]
        assert [status for status in statuses if status in FINAL] == statuses[-1:]
        assert statuses[:-1] == ORDER[: len(statuses) - 1]
    rooms: dict[str, list[dict[str, str]]] = defaultdict(list)
    for form in peer.got("/conf"):
        rooms[form["ConferenceSid"]].append(form)
    for forms in rooms.values():
        numbers = [int(form["SequenceNumber"]) for form in forms]
        events = [form["StatusCallbackEvent"] for form in forms]
        assert numbers == sorted(set(numbers))
        assert events.count("participant-join") == events.count("participant-leave")
        assert events[-1] == "conference-end"
