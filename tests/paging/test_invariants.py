"""The 26 promises of paging, each with a test of its name, on the real line in one process (see house.py).

Where a promise has a whole file of its own elsewhere, the test here holds the core of it on the whole line.
"""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from flows import handling
from flows.case import CALLER, CaseState, ClaimVia, LineKind, NoticeKind, Outcome
from flows.claims import Claimed
from flows.pages import PageState
from flows.roster import on_call, stretches
from helpline.running.fault_points import Point
from helpline.store import keys
from tests.flows.roster.test_every_instant import Reference, clock_changes
from tests.helpline.inside import BEGIN
from tests.paging.carrier import Chances
from tests.paging.house import House, World
from tests.paging.long_runs import DANGER, longest_wait, race, vigil
from tests.paging.people import ANA, BEN, CODE, NOBODY, STAFF, WILLING, Habits, People, caller
from tests.paging.trials import TRIALS, tried

DESPAIR_AT_LENGTH = (
    "i am so sad and so tired of all this and every day is the same and i feel hopeless and alone and i do not know what "
    "to do with myself any more because my sister moved away and my job ended in may and the flat is cold and nobody calls "
    "me and i sit here in the evening and look at the wall and wonder when it gets better"
)
"""Not in danger: staff are asked soon, by text alone."""


def trial(name):
    return next(one for one in TRIALS if one.name == name)


@pytest.fixture
def house(world):
    return House(world, People(NOBODY))


def a_case(house, number=1, words=DANGER):
    """The case of somebody who texts now; nothing else has happened yet."""
    before = {case.id for case in house.open_cases()}
    house.text_in(caller(number), words)
    (case,) = [one for one in house.open_cases() if one.id not in before]
    return case


def kinds(house, case):
    return [line.what for line in house.store.timeline(case.id)]


@pytest.mark.parametrize("point", ["F1 SIGKILL", "F2 SIGKILL"])
def test_i1_exactly_one_case_before_the_webhook_is_answered_whatever_dies(world, point):
    house = House(world, People(NOBODY))
    trial(point).arrange(house)
    sid = house.inside.sid("SM")
    form = {"MessageSid": sid, "From": caller(1), "To": "+17175550100", "Body": DANGER}
    answers = []
    for path in ("/twilio/sms", "/twilio/sms/fallback", "/twilio/sms"):
        try:
            answers.append(house.inside.post(path, form).get_data(as_text=True))
        except BaseException:  # noqa: BLE001 - the process died
            continue
    assert house.deaths.struck.total() == 1
    assert len(house.open_cases()) == 1
    assert len(set(answers)) == 1
    assert "911" in answers[0]


@pytest.fixture(
    scope="module",
    params=[0.5, pytest.param(24, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])],
    ids=["half an hour", "24 hours"],
)
def silence(world, request):
    """Hours in which nobody answers anything."""
    return vigil(world, request.param)


def test_i2_with_nobody_answering_pages_go_on_and_the_case_is_still_open(silence):
    late = [second for second in silence.paged if second > silence.hours * 3600 - 600]
    assert len(late) >= 12
    assert silence.still_paging
    (case,) = silence.house.open_cases()
    assert case.exhausted >= 13 * silence.hours
    assert {NoticeKind.NOBODY_ANSWERS, NoticeKind.TARGET_MISSED} <= set(case.alarmed)


def test_i2_the_caller_is_told_the_truth_at_each_step_of_those_hours(silence):
    assert len(silence.told) >= 9 * silence.hours
    assert longest_wait([second for second, _ in silence.told]) <= 310
    assert not any("has taken" in words or "is calling" in words.lower() for _, words in silence.told)
    assert all("911" in words for _, words in silence.told)


@pytest.mark.parametrize("point", [Point.DEQUEUED, Point.LEASED, Point.ANSWER_LOST, Point.ACCEPTED, Point.WRITTEN])
def test_i3_no_page_is_lost_by_a_death_anywhere_on_its_way(world, point):
    _, came_of = tried(world, trial(f"{point} SIGKILL"), seed=3)
    assert came_of.struck == 1
    assert came_of.paged
    assert came_of.first_page_s < 30


@pytest.mark.parametrize("point", [Point.DEQUEUED, Point.LEASED, Point.ANSWER_LOST, Point.ACCEPTED, Point.WRITTEN])
def test_i3_the_very_page_whose_worker_died_reaches_the_carrier_and_not_only_another_that_follows_it(house, point):
    house.deaths.wanted[point] = 1
    case = a_case(house)
    house.run(until=50)
    assert house.deaths.struck[point] == 1
    lines = [line for line in house.store.timeline(case.id) if line.what is LineKind.PAGED]
    first = [line.detail["page"] for line in lines if line.detail["step"] == "0" and "after" not in line.detail]
    assert len(first) == 2
    assert all(1 <= house.carrier.requests[page] <= 2 for page in first)


@pytest.mark.parametrize("name", ["F5 SIGKILL", "F6 SIGKILL", "F5 both answers lost, done", "F8 503 and yet done"])
def test_i4_never_more_than_two_requests_for_one_attempt(world, name):
    house, came_of = tried(world, trial(name), seed=4)
    assert 1 <= came_of.most_requests <= 2
    assert all(many <= 2 for many in house.carrier.requests.values())


def test_i4_a_carrier_that_says_nothing_gets_the_page_a_second_time_and_not_a_third(world):
    house, came_of = tried(world, trial("F5 every answer lost, lists and callbacks silent, 10 minutes"), seed=4)
    assert came_of.most_requests == 2
    assert not came_of.lost
    assert list(house.carrier.requests.values()).count(2) >= 2


def test_i5_a_callback_alone_makes_known_what_a_dead_worker_could_not_report(world):
    house = House(world, People(NOBODY))
    house.deaths.wanted[Point.ACCEPTED] = 1
    house.later(1, lambda: house.people.needs_help(1))
    house.run(until=15)
    assert house.deaths.struck[Point.ACCEPTED] == 1
    (case,) = house.open_cases()
    unsure = [page for page in case.pages if page.state in {PageState.LEASED, PageState.UNCERTAIN}]
    assert unsure == []
    house.run(until=60)
    assert max(house.carrier.requests.values()) == 1


@pytest.mark.parametrize("code", ["30003", "30004", "30005", "30006", "30007", "30008"])
def test_i6_an_undelivered_text_becomes_a_call_within_30_s(world, code):
    assert second_channel(world, fates=[code]) < 10


def test_i6_a_text_of_which_nothing_is_heard_becomes_a_call_after_30_s(world):
    assert 30 <= second_channel(world, chances=Chances(callback_lost=1.0)) < 35


def second_channel(world, *, fates=(), chances=None):
    """After how many seconds Ana's phone rings for a case of which she should have got a text alone."""
    house = House(world, People(NOBODY), chances=chances)
    house.carrier.fates.extend(fates)
    case = a_case(house, words=DESPAIR_AT_LENGTH)
    assert case.level.steps[0].by == "sms"
    house.run(until=40)
    return next(second for second, number, words in house.people.paged if (number, words) == (ANA, "call"))


def test_i7_the_order_and_number_of_callbacks_make_no_difference(house):
    case = a_case(house)
    house.run(until=3)
    page = next(one for one in house.case(case.id).pages if one.sids and one.channel.value == "sms")
    words = [("sent", ""), ("delivered", ""), ("sending", ""), ("delivered", "")]
    path = f"/twilio/status/page?p={page.id}"
    for order in set(itertools.permutations(words)):
        for word, error in order:
            house.inside.post(path, {"MessageSid": page.sids[0], "MessageStatus": word, "ErrorCode": error})
        assert house.case(case.id).page(page.id).state is PageState.DELIVERED


@pytest.mark.parametrize("rounds", [300, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_i8_of_claims_at_the_same_time_one_wins_and_the_others_are_told_who(world, rounds):
    came_of = race(world, rounds)
    assert len(came_of.results) == rounds
    assert came_of.wrongly_told == 0
    assert came_of.claimed_lines == 1


@pytest.mark.parametrize("name", ["F5 SIGKILL", "F9 every status callback lost", "F9 every word about rooms lost"])
def test_i9_never_two_staff_with_one_caller_nor_the_caller_dialled_twice(world, name):
    house, came_of = tried(world, trial(name), seed=9)
    assert house.carrier.most_in_a_room <= 2
    assert came_of.faulty == ()


def test_i10_voicemail_and_silence_claim_nothing(world):
    house = House(world, People(NOBODY))
    house.later(1, lambda: house.people.needs_help(1))
    house.people.picks_up = lambda leg: house.carrier.answered(leg, "voicemail")
    house.run(until=600)
    (case,) = house.open_cases()
    assert case.owner is None
    assert case.state is CaseState.PAGING
    assert "claimed" not in {kind.value for kind in kinds(house, case)}
    assert any(getattr(leg, "person", "") == "voicemail" for leg in house.carrier.legs.values())


@pytest.mark.parametrize("form", [{}, {"Digits": ""}, {"Digits": "*"}, {"Digits": "11"}, {"SpeechResult": "one"}])
def test_i10_nothing_but_the_key_takes_a_case_on_a_call(house, form):
    case = a_case(house)
    house.run(until=20)
    leg = next(one for one in house.carrier.legs.values() if one.kind == "call" and one.to == ANA)
    said = house.fetch(house.address(f"/twilio/staff/key?p={leg.page}"), {"CallSid": leg.sid, **form})
    assert "yours" not in said
    assert house.case(case.id).owner is None


def test_i10_a_key_pressed_on_a_call_about_a_case_that_is_closed_takes_nothing(house):
    case = a_case(house)
    house.run(until=20)
    leg = next(one for one in house.carrier.legs.values() if one.kind == "call" and one.to == ANA)
    house.line.dispatch.close(case.id, "ben", Outcome.REACHED_ELSEWHERE)
    action = house.address(f"/twilio/staff/key?p={leg.page}")
    said = house.fetch(action, {"CallSid": leg.sid, "Digits": "1"})
    assert "taken care of" in said
    assert house.case(case.id).owner is None


def test_i11_a_claim_that_leads_to_no_talk_reopens_and_both_are_told(world):
    house = House(world, People(Habits(replies=0.0, picks_up=0.0, owner_picks_up=0.0)))
    case = a_case(house)
    house.run(until=2)
    house.people.says(ANA, f"1 {case.code}")
    house.run(until=125)
    after = house.case(case.id)
    assert after.owner is None
    assert LineKind.CLAIM_EXPIRED in kinds(house, case)
    assert any("open again" in leg.body for leg in house.carrier.legs.values() if leg.to == ANA)
    words = [said for _, number, said in house.people.told if number == caller(1)]
    assert "looking" in words[-1].lower() or "somebody else" in words[-1].lower(), words


def test_i12_an_old_code_and_a_bare_answer_act_on_no_other_case(house):
    first = a_case(house, 1)
    house.run(until=3)  # Ana has a page for it: a code she was never sent is none she may use at all
    house.line.dispatch.close(first.id, "ana", Outcome.REACHED_ELSEWHERE)
    second, third = a_case(house, 2), a_case(house, 3)
    house.run(until=15)
    assert "closed" in house.people.says(ANA, f"1 {first.code}")
    said = house.people.says(ANA, "1")
    assert second.code in said
    assert third.code in said
    assert {case.owner for case in house.open_cases()} == {None}
    assert first.code not in {second.code, third.code}


def test_i13_a_claim_between_lease_and_request_stops_the_page(world):
    house = House(world, People(NOBODY))
    case = a_case(house)
    taken = []

    def reach(point):
        if point is Point.LEASED and not taken:
            taken.append(house.line.dispatch.claim(case.id, "ben", via=ClaimVia.CONSOLE, call=""))

    house.deaths.reach = reach
    house.run(until=3)
    assert taken
    assert [leg for leg in house.carrier.legs.values() if leg.to == ANA] == []
    assert house.faulty == []


def test_i13_a_queued_call_that_rings_late_hears_who_has_the_case(house):
    case = a_case(house)
    house.run(until=3)
    late = next(leg for leg in house.carrier.legs.values() if leg.kind == "call" and leg.to == ANA)
    taken = house.line.dispatch.claim(case.id, "ben", via=ClaimVia.CONSOLE, call="")
    assert isinstance(taken, Claimed)
    said = house.fetch(late.answer, {"CallSid": late.sid, "CallStatus": "in-progress"})
    assert "Ben already has this case" in said
    assert "Gather" not in said


def test_i14_a_step_with_nobody_costs_no_time_alarms_and_reaches_the_last_resort(world):
    house = House(world, People(NOBODY))
    for number in (ANA, BEN):
        house.people.says(number, "OFF 2h")
    house.people.says("+17175550113", "OFF 2h")
    case = a_case(house)
    house.run(until=5)
    rung = [number for _, number, words in house.people.paged if words == "call"]
    assert "+17175550199" in rung
    assert kinds(house, case).count(LineKind.NOBODY_ON_CALL) == 2
    assert NoticeKind.NOBODY_TO_PAGE in house.case(case.id).alarmed


def test_i16_no_open_row_waits_longer_than_15_s_though_every_job_is_lost(world):
    house = House(world, People(NOBODY), chances=Chances(job_lost=1.0))
    for number in range(1, 6):
        house.later(number, lambda number=number: house.people.needs_help(number))
    house.run(until=120)
    assert house.oldest_due_s < 15
    assert len(house.people.first_page) == 5
    assert max(house.people.first_page.values()) < 15


def test_i17_a_worker_that_wakes_with_a_lease_that_is_over_sends_nothing(world):
    _, came_of = tried(world, trial("F12 SIGSTOP after the lease, CONT 60 s later"), seed=17)
    assert came_of.struck == 1
    assert came_of.most_requests == 1
    assert came_of.paged


def test_i18_after_redis_was_killed_everything_acknowledged_is_there_and_nothing_closed_reopens(world):
    house = House(world, People(NOBODY))
    closed, case = a_case(house, 1), a_case(house, 2)
    house.line.dispatch.close(closed.id, "ana", Outcome.REACHED_ELSEWHERE)
    before = house.case(case.id)
    world.kill_redis()
    assert house.case(case.id) == before
    assert house.case(closed.id).state is CaseState.CLOSED
    for queue in ("urgent", "default"):
        house.redis.delete(f"rq:queue:{queue}")
    house.run(until=10)
    assert house.people.first_page
    assert house.case(closed.id).state is CaseState.CLOSED
    assert closed.id not in house.people.first_page


TRUE_WHEN = {
    "alerted": lambda case, paged: case.id in paged,
    "taken your request": lambda case, _: case.claim is not None,
    "is calling": lambda case, _: case.claim is not None,
}
"""What each promise to a caller claims, by words of its text."""


@pytest.mark.parametrize("habits", [NOBODY, WILLING], ids=["nobody answers", "all answer"])
def test_i19_every_word_to_a_caller_is_true_when_it_leaves(world, habits):
    house = House(world, People(habits))
    false, seen = [], Counter()
    reads = house.people.reads

    def read(leg):
        for words, so in TRUE_WHEN.items():
            case = house.store.transact(lambda tx: tx.case_of(house.store.vault.caller_key(leg.to)))
            if leg.to not in STAFF and words in leg.body and case is not None:
                seen[words] += 1
                if not so(case, house.people.first_page):
                    false.append(leg.body)
        reads(leg)

    house.people.reads = read
    for number in range(1, 4):
        house.later(number * 30, lambda number=number: house.people.needs_help(number))
    house.run(until=600)
    assert false == []
    assert seen["alerted"] == 3
    if habits is WILLING:
        assert seen["taken your request"] >= 1


def test_i20_staff_are_told_that_a_case_is_theirs_only_once_it_is_written(world):
    house = House(world, People(NOBODY))
    case = a_case(house)
    store = house.line.dispatch.store

    def refuses(_self, _decide):
        raise RuntimeError("the store takes nothing")

    real = type(store).transact
    type(store).transact = refuses
    try:
        said = house.inside.post(
            "/twilio/sms",
            {"MessageSid": house.inside.sid("SM"), "From": ANA, "To": "+17175550100", "Body": f"1 {case.code}"},
        ).get_data(as_text=True)
    finally:
        type(store).transact = real
    assert "yours" not in said
    assert house.case(case.id).owner is None


@pytest.mark.parametrize("word", ["end", "quit", "STOP", "cancel"])
def test_i21_a_word_that_opts_out_closes_and_silences_no_danger(house, word):
    case = a_case(house)
    house.people.says(caller(1), word)
    house.run(until=5)
    after = house.case(case.id)
    assert not after.closed
    assert after.urgency == case.urgency
    assert house.people.first_page


def test_i22_a_staff_number_that_is_spoofed_reaches_no_caller_without_the_real_phone(world):
    """A text can be sent in anybody's name: it may claim, but the bridge rings the phone on the roster."""
    house = House(world, People(NOBODY))
    case = a_case(house)
    house.run(until=2)
    house.people.says(ANA, f"1 {case.code}")
    house.run(until=20)
    rung = {leg.to for leg in house.carrier.legs.values() if leg.kind == "call"}
    assert ANA in rung
    assert caller(1) not in rung
    bad = house.inside.app.test_client().post(
        "/twilio/sms", data={"MessageSid": "SM" + "0" * 32, "From": ANA, "Body": "1"}
    )
    assert bad.status_code == 403


ROSTER = """
zone: {zone}
fallback_numbers: ["+1 717 555 0199"]
supervisors: [carla]
staff:
  - {{id: ana, name: Ana Flores, phones: ["+1 717 555 0111"], languages: [en]}}
  - {{id: ben, name: Ben Okafor, phones: ["+1 717 555 0112"], languages: [en]}}
  - {{id: carla, name: Carla Lindqvist, phones: ["+1 717 555 0113"], languages: [en], role: supervisor}}
lists:
  - name: primary
    rotations:
      - {{turn: daily, first: 2026-10-01, handoff: "{handoff}", staff: [ana, ben, carla]}}
  - name: backup
    rotations:
      - {{turn: weekly, first: 2026-01-05, handoff: "09:00", staff: [ben]}}
"""


@pytest.fixture(
    scope="module",
    params=[
        ("America/New_York", "01:30"),  # comes twice in autumn
        ("America/New_York", "02:30"),  # does not come in spring
        ("Europe/Berlin", "02:30"),  # both
        ("Australia/Lord_Howe", "02:15"),  # both, and the clock moves by half an hour
        ("Asia/Kathmandu", "02:30"),  # neither
    ],
    ids=" ".join,
)
def elsewhere(tmp_path_factory, request):
    """A line in another zone whose people hand over in the hour in which its clocks are changed."""
    zone, handoff = request.param
    folder = tmp_path_factory.mktemp("r")
    (folder / "roster.yaml").write_text(ROSTER.format(zone=zone, handoff=handoff))
    made = World(folder, ROSTER_FILE=str(folder / "roster.yaml"))
    yield made
    made.stop()


def handoffs(world):
    """When the line's people hand over around each change of its clocks, and around an ordinary night."""
    roster = world.built.roster.now()
    night = datetime(2027, 1, 15, tzinfo=UTC)
    for change in (*islice(clock_changes(roster.lists[0].zone), 2), night):
        parts = stretches(roster, "primary", change - timedelta(days=2), change + timedelta(days=2))
        yield from (part.start for part in parts[1:])


def test_i23_whoever_is_on_call_at_any_instant_is_paged_at_the_changes_of_the_clocks_too(elsewhere):
    """Every half hour and minute of two years against the same reference: tests/flows/roster/test_every_instant.py."""
    reference = Reference(elsewhere.built.roster.now(), "primary")
    moments = [at + timedelta(seconds=s) for at in handoffs(elsewhere) for s in (-60, 0)]
    assert len(moments) >= 6
    paged = []
    for moment in moments:
        house = House(elsewhere, People(NOBODY))
        house.clock.now = moment
        a_case(house)
        house.run(until=5)
        paged.append([house.people.paged[0][1]])
    number = dict(zip(("ana", "ben", "carla"), STAFF, strict=True))
    assert paged == [[number[who] for who in reference(moment)] for moment in moments]
    assert len(set(map(tuple, paged))) == 3


def test_i23_what_was_changed_live_counts_at_once_and_ends_when_it_was_said_to(elsewhere):
    house = House(elsewhere, People(NOBODY))
    (first, *_) = handoffs(elsewhere)
    house.clock.now = first
    (on,) = on_call(elsewhere.built.roster.now(), first)
    number = dict(zip(("ana", "ben", "carla"), STAFF, strict=True))
    house.people.says(number[on], "OFF 2h")
    for minutes, covered in ((0, False), (119, False), (121, True)):
        moment = first + timedelta(minutes=minutes)
        assert (on in on_call(elsewhere.built.roster.now(), moment)) == covered, minutes


def test_i25_the_timeline_tells_every_step_of_a_case_again(world):
    house, _ = tried(world, trial("F9 every callback twice"), seed=25)
    (case_id,) = [key.decode().partition(":")[2] for key in house.redis.keys("timeline:*")]
    case, lines = house.case(case_id), house.store.timeline(case_id)
    words = [line.what for line in lines]
    for kind in (LineKind.OPENED, LineKind.PAGED, LineKind.CLAIMED, LineKind.CONNECTED, LineKind.CLOSED):
        assert kind in words
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    closing = next(line for line in lines if line.what is LineKind.CLOSED)
    assert (closing.who, closing.at, closing.detail["outcome"]) == (case.closed_by, case.closed_at, case.outcome)
    paged = {line.detail["page"] for line in lines if line.what is LineKind.PAGED}
    assert {leg.page for leg in house.carrier.legs.values() if leg.page and "&s=" in leg.callback} <= paged


@pytest.fixture(
    scope="module",
    params=[(6, 5), pytest.param((50, 30), marks=[pytest.mark.soak, pytest.mark.timeout(3600)])],
    ids=["6 cases in 5 minutes", "50 cases in 30 minutes"],
)
def outage(world, request):
    """Cases that open one by one while the carrier is out of reach, and the minute after it is back."""
    many, minutes = request.param
    house = House(world, People(NOBODY), seed=26)
    house.carrier.down_until = BEGIN + timedelta(minutes=minutes)
    cases = []
    for number in range(1, many + 1):
        cases.append(a_case(house, number))
        house.run(until=minutes * 60 / many)
    house.newest_first = [case.code for case in reversed(cases)]
    return house.run(until=40)


def test_i26_after_an_outage_the_newest_danger_is_named_first(outage):
    texts = [leg for leg in outage.carrier.legs.values() if leg.kind == "sms" and leg.to == ANA and leg.page]
    first = min(texts, key=lambda leg: leg.at)
    assert _codes(first.body) == outage.newest_first[:10]
    assert (first.at - outage.carrier.down_until).total_seconds() < 25  # the longest back-off, and a sweep
    for leg in texts:
        order = [outage.newest_first.index(code) for code in _codes(leg.body)]
        assert order == sorted(order)


def test_i26_pages_of_an_outage_are_made_anew_and_one_call_is_about_the_newest_danger(outage):
    made = [leg for leg in outage.carrier.legs.values() if leg.to == ANA and leg.page]
    assert all(leg.at >= outage.carrier.down_until for leg in made)
    assert not any("waiting 0m" in leg.body for leg in made if len(_codes(leg.body)) == 1 and _old(outage, leg))
    call = min((leg for leg in made if leg.kind == "call"), key=lambda leg: leg.at)
    assert outage.case(call.page.rpartition(".")[0]).code == outage.newest_first[0]


def _old(outage, leg):
    return _codes(leg.body)[0] in outage.newest_first[3:]


def _codes(body):
    return CODE.findall(body)


def test_a_withdrawal_in_danger_does_not_close(house):
    case = a_case(house)
    refused = house.line.dispatch.change(
        case.id, lambda c, now: handling.close(c, Outcome.WITHDRAWN_BY_CALLER, by=CALLER, now=now)
    )
    assert refused is None
    assert house.redis.zscore(keys.OPEN, case.id) is not None
