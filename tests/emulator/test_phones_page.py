"""The phones page in a real browser: by mouse, by keyboard, for a screen reader, on a desk and on a telephone."""

import re
import shutil
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGS += ["--disable-component-update", "--disable-sync"]
CALLER, STAFF, NUMBER = "+12025550101", "+12025550102", "+15005550006"
DESK, TELEPHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=ARGS)
        yield browser
        browser.close()


def opened(browser: Browser, lab, size: dict[str, int], **more) -> Page:
    lab.http.put(f"{lab.emulator.url}/emulator/api/clock", json={"speed": 1}, timeout=9)
    lab.phone(CALLER, name="Ana, caller")
    page = browser.new_page(viewport=size, **more)
    page.goto(f"{lab.emulator.url}/?staff={STAFF}")
    expect(page.get_by_test_id(f"phone-{STAFF}")).to_be_visible()
    return page


@pytest.fixture
def page(browser, lab):
    page = opened(browser, lab, DESK)
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: noise.append(str(error)))
    yield page
    page.unroute_all(behavior="ignoreErrors")  # an answer held back in a test would come into the next one
    page.close()
    assert [line for line in noise if "status of 4" not in line] == []


@pytest.fixture
def caller(page):
    return page.get_by_test_id(f"phone-{CALLER}")


@pytest.fixture
def staff(page):
    return page.get_by_test_id(f"phone-{STAFF}")


def join(lab, peer, caller, staff) -> None:
    """Bring the two into one call."""
    peer.twiml("/voice", f'<Say>Please hold</Say><Dial><Number url="/screen">{STAFF}</Number></Dial>')
    peer.twiml("/screen", '<Gather numDigits="1" action="/join"><Say>Press 1</Say></Gather><Hangup/>')
    peer.twiml("/join", "")
    caller.get_by_test_id("call").click()
    staff.get_by_test_id("answer").click()
    expect(staff.get_by_test_id("captions")).to_contain_text("Press 1")
    staff.get_by_test_id("key-1").click()
    expect(staff.get_by_test_id("connected")).to_have_text(f"Connected with {CALLER}")


def test_a_text_is_sent_and_its_answer_is_shown_as_text(caller, lab, peer):
    peer.twiml("/sms", "<Message>Welcome &lt;b&gt;you&lt;/b&gt;</Message>")
    caller.get_by_test_id("text-input").fill("hi")
    caller.get_by_test_id("text-input").press("Enter")
    expect(caller.get_by_test_id("thread")).to_contain_text("Welcome <b>you</b>")
    expect(caller.get_by_test_id("thread")).to_contain_text("✓✓ delivered")


def test_two_phones_are_joined_talk_and_part(page, caller, staff, lab, peer):
    join(lab, peer, caller, staff)
    expect(caller.get_by_test_id("captions")).to_contain_text("Please hold")
    expect(caller.get_by_test_id("connected")).to_have_text(f"Connected with {STAFF}")
    caller.get_by_placeholder("Say something").fill("hello, are you there?")
    caller.get_by_placeholder("Say something").press("Enter")
    expect(staff.get_by_test_id("captions")).to_contain_text("hello, are you there?")
    caller.get_by_test_id("hangup").click()
    expect(caller.get_by_test_id("connected")).to_have_text("No call")
    expect(staff.get_by_test_id("connected")).to_have_text("No call")


def test_the_tab_says_that_a_phone_rings_and_a_call_can_be_declined(page, caller, staff, lab, peer):
    peer.twiml("/voice", f'<Dial callReason="A call for you">{STAFF}</Dial>')
    caller.get_by_test_id("call").click()
    expect(staff.get_by_role("alert")).to_contain_text("A call for you")
    expect(page).to_have_title(re.compile(r"1 ringing"))
    expect(page.get_by_role("navigation", name="Phones that ring").get_by_role("link")).to_have_text(f"{STAFF} rings")
    staff.get_by_test_id("decline").click()
    expect(staff.get_by_test_id("connected")).to_have_text("No call")
    expect(page).to_have_title("Telephones")


def test_a_phone_the_line_texts_appears_by_itself(page, lab):
    lab.sdk.messages.create(to="+12025550103", from_=NUMBER, body="You are on call")
    expect(page.get_by_test_id("phone-+12025550103").get_by_test_id("thread")).to_contain_text("You are on call")
    expect(page.locator("#journal")).to_contain_text("+12025550103 gets “You are on call”")


def test_another_caller_is_added_and_taken_away(page, lab):
    page.get_by_label("Number", exact=True).fill("+12025550144")
    page.get_by_label("Name").fill("Ben")
    page.get_by_role("button", name="Add a phone").click()
    added = page.get_by_test_id("phone-+12025550144")
    expect(added.get_by_role("heading")).to_have_text("Ben")
    added.get_by_text("Settings of this phone").click()
    added.get_by_test_id("remove").click()
    expect(added).to_have_count(0)


def test_a_text_that_does_not_arrive_is_known_by_the_journal_and_a_blocked_phone_by_a_note(page, caller, lab):
    lab.post("/faults", kind="message_fate", outcome="undelivered", code=30007)
    lab.sdk.messages.create(to=CALLER, from_=NUMBER, body="Are you safe?")
    expect(page.locator("#journal")).to_contain_text("undelivered (30007)")
    caller.get_by_test_id("text-input").fill("STOP")
    caller.get_by_test_id("send").click()
    expect(caller.get_by_text("Has texted STOP")).to_be_visible()


def test_a_switch_breaks_the_next_request_and_goes_off_by_itself(page, lab):
    switch = page.get_by_role("switch", name="The API answers 429")
    switch.check()
    expect(page.locator("#fault-count")).to_have_text("1 waiting")
    auth = (lab.emulator.settings.account_sid, lab.emulator.settings.auth_token)
    url = f"{lab.emulator.url}/2010-04-01/Accounts/{auth[0]}/Messages.json"
    assert [lab.http.get(url, auth=auth, timeout=9).status_code for _ in range(2)] == [429, 200]
    expect(switch).not_to_be_checked()


def test_a_switch_left_on_stays_for_one_number_until_switched_off(page, lab):
    page.get_by_label("until switched off").check()
    page.get_by_label("Only for").select_option(STAFF)
    switch = page.get_by_role("switch", name="The API answers 500, nothing done")
    switch.check()
    expect(page.locator("#fault-count")).to_have_text("1 waiting")
    auth = (lab.emulator.settings.account_sid, lab.emulator.settings.auth_token)
    url = f"{lab.emulator.url}/2010-04-01/Accounts/{auth[0]}/Messages.json"

    def send(to: str) -> int:
        return lab.http.post(url, data={"To": to, "From": NUMBER, "Body": "x"}, auth=auth, timeout=9).status_code

    assert [send(STAFF), send(STAFF), send(CALLER)] == [500, 500, 201]
    switch.uncheck()
    expect(page.locator("#fault-count")).to_have_text("")
    assert send(STAFF) == 201


def test_a_state_asked_for_before_a_switch_was_touched_does_not_put_it_back(page):
    switch = page.get_by_role("switch", name="The API answers 500, nothing done")
    held = []
    page.route("**/state", lambda route: held.append((route, route.fetch())))
    page.get_by_role("button", name="Stand still").click()  # makes the page ask for the state
    deadline = time.monotonic() + 10
    while not held and time.monotonic() < deadline:
        page.evaluate("() => new Promise(requestAnimationFrame)")
    with page.expect_response(lambda answer: answer.url.endswith("/faults") and answer.request.method == "POST"):
        switch.check()
    route, before = held[0]
    route.fulfill(response=before)
    expect(page.locator("#pace")).to_have_text("standing still")  # the old state is shown, a newer one is held back
    expect(switch).to_be_checked()


def test_every_switch_sets_a_fault_the_emulator_knows(page, lab):
    switches = page.locator("#switches").get_by_role("switch")
    count = switches.count()
    assert count >= 16
    for index in range(count):
        switches.nth(index).check()
    expect(page.locator("#fault-count")).to_have_text(f"{count} waiting")
    page.get_by_role("button", name="Put everything right").click()
    expect(page.locator("#fault-count")).to_have_text("")
    assert lab.get("/faults") == []


def test_time_stands_still_moves_on_by_hand_and_runs_again(page, caller, lab, peer):
    peer.twiml("/voice", "<Pause length='20'/><Say>Twenty seconds later</Say>")
    page.get_by_role("button", name="Stand still").click()
    expect(page.locator("#pace")).to_have_text("standing still")
    caller.get_by_test_id("call").click()
    expect(caller.get_by_test_id("connected")).to_have_text("Calling")
    page.get_by_role("button", name="+ 10 s").click()
    page.get_by_label("Move on by seconds").fill("11")
    page.get_by_role("button", name="Move on", exact=True).click()
    expect(page.locator("#journal")).to_contain_text("Twenty seconds later")
    page.get_by_role("button", name="10 times").click()
    expect(page.locator("#pace")).to_have_text("10 times as fast")
    expect(page.get_by_role("button", name="+ 10 s")).to_be_disabled()


def test_the_journal_is_searched_opened_and_cleared(page, caller, lab, peer):
    peer.twiml("/sms", "<Message>Welcome</Message>")
    caller.get_by_test_id("text-input").fill("hi")
    caller.get_by_test_id("send").click()
    journal = page.locator("#journal")
    expect(journal).to_contain_text("gets “Welcome”")
    page.get_by_label("Find").fill("incoming message")
    expect(journal.locator("li:visible")).to_have_count(1)
    journal.locator("li:visible summary").click()
    expect(journal.locator("li:visible pre")).to_contain_text('"Body": "hi"')
    page.get_by_label("Find").fill("")
    page.get_by_label("Show").select_option("error")
    expect(journal.locator("li:visible")).to_have_count(0)
    page.get_by_role("button", name="Forget all").click()
    expect(journal.locator("li")).to_have_count(0)


def test_what_a_phone_does_when_it_rings_is_chosen_on_the_phone(staff, lab):
    staff.get_by_text("Settings of this phone").click()
    staff.get_by_label("When it rings").select_option("busy")
    staff.get_by_label("Hide its number").check()
    expect(staff.get_by_label("Hide its number")).to_be_checked()
    assert {one["behaviour"]: one["withheld"] for one in lab.get("/phones") if one["number"] == STAFF} == {"busy": True}


def test_with_the_keyboard_alone_one_texts_calls_answers_and_presses_keys(page, caller, staff, lab, peer):
    peer.twiml("/sms", "<Message>Welcome</Message>")
    peer.twiml("/voice", '<Gather numDigits="2" action="/key"><Say>Two digits</Say></Gather>')
    peer.twiml("/key", f"<Dial>{STAFF}</Dial>")
    caller.get_by_test_id("text-input").focus()
    page.keyboard.type("hi")
    page.keyboard.press("Enter")
    expect(caller.get_by_test_id("thread")).to_contain_text("Welcome")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(caller.get_by_test_id("call")).to_be_focused()
    page.keyboard.press("Enter")
    expect(caller.get_by_test_id("captions")).to_contain_text("Two digits")
    caller.get_by_test_id("key-1").focus()
    page.keyboard.type("47")
    expect(staff.get_by_test_id("answer")).to_be_visible()
    staff.get_by_test_id("answer").focus()
    page.keyboard.press("Enter")
    expect(staff.get_by_test_id("connected")).to_contain_text("Connected")
    expect(staff.get_by_test_id("key-1")).to_be_focused()
    assert peer.got("/key")[0]["Digits"] == "47"
    staff.get_by_test_id("hangup").press("Enter")
    expect(staff.get_by_test_id("call")).to_be_focused()


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_call_is_spoken_aloud_where_that_is_switched_on(page, caller, lab, peer):
    peer.twiml("/voice", "<Say>Welcome to the line</Say><Pause length='60'/>")
    page.get_by_label("Speak calls aloud").check()
    with page.expect_response(re.compile(r"captions/0\.wav")) as answered:
        caller.get_by_test_id("call").click()
    assert (answered.value.status, answered.value.headers["content-type"]) == (200, "audio/wav")


def seen_by_a_screen_reader(page: Page) -> list[str]:
    return [f"{one['id']}: {one['help']}" for one in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_nothing_on_the_page_keeps_a_screen_reader_out_and_nothing_sticks_out(
    browser, lab, peer, size, scheme, tmp_path
):
    page = opened(browser, lab, size, color_scheme=scheme)
    caller, staff = page.get_by_test_id(f"phone-{CALLER}"), page.get_by_test_id(f"phone-{STAFF}")
    lab.sdk.messages.create(to=CALLER, from_=NUMBER, body="A long word: " + "x" * 120)
    expect(caller.get_by_test_id("thread")).to_contain_text("A long word")
    join(lab, peer, caller, staff)
    if size is TELEPHONE:
        page.get_by_text("What goes wrong").click()
    page.get_by_role("switch", name="A text is not delivered").check()
    lab.sdk.calls.create(to="+12025550103", from_=NUMBER, twiml="<Response/>")
    expect(page.get_by_test_id("phone-+12025550103").get_by_test_id("answer")).to_be_visible()
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    assert seen_by_a_screen_reader(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.screenshot(path=tmp_path / "phones.png", full_page=True)
    page.close()


def test_pages_of_other_sites_cannot_play_with_the_phones(lab):
    url = f"{lab.emulator.url}/emulator/api/phones/{CALLER}/calls"
    assert lab.http.post(url, headers={"Sec-Fetch-Site": "cross-site"}, timeout=9).status_code == 403
    policy = lab.http.get(f"{lab.emulator.url}/", timeout=9).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
