"""What staff do with the console, in a real browser on the running line, with real telephones of the emulator."""

import re
import subprocess
import sys
import time

import pytest
import requests
from playwright.sync_api import expect

from flows.case import Outcome
from tests.console_browser.conftest import CODE, PHONE, at_work, signed_in
from tests.stories.people import ANA, BEN, CARLA, NUMBERS, ROOT, record, until

pytestmark = [pytest.mark.story, pytest.mark.browser]

DANGER = "my friend took too much and wont wake up"
SEEN_WITHIN_S = 2.0


@pytest.fixture
def ana(line, browser):
    with at_work(line, browser, ANA) as staff:
        yield staff
        assert staff.faults == []


@pytest.fixture
def ben(line, browser):
    with at_work(line, browser, BEN, viewport=PHONE) as staff:
        yield staff


@pytest.fixture
def carla(line, browser):
    with at_work(line, browser, CARLA) as staff:
        yield staff


def row_of(page, code):
    return page.locator(".row", has_text=code)


def open_case(line, caller, staff, words=DANGER):
    """The caller writes, and the case is on the board; gives its code."""
    before = set(staff.page.locator(".row").evaluate_all("rows => rows.map(row => row.id)"))
    caller.texts(words)

    def new():
        rows = staff.page.locator(".row").evaluate_all("rows => rows.map(row => [row.id, row.dataset.code])")
        return next((code for row, code in rows if row not in before), None)

    return until("the case on the board", new)


def closes(staff, outcome="handed_over"):
    end = staff.page.locator(".head details, .row.mine details").first
    if not end.evaluate("one => one.open"):
        end.locator("summary").click()
    staff.page.get_by_label(re.compile("How case .* ended")).select_option(outcome)
    staff.page.get_by_role("button", name=re.compile("^Close")).click()
    staff.page.get_by_role("heading", name="Board", exact=True).wait_for()


def test_new_danger_is_on_the_board_within_two_seconds_with_sound_and_spoken(line, ana, caller):
    ana.page.get_by_role("button", name="Sound is off").click()
    expect(ana.page.get_by_role("button", name="Sound is on")).to_be_visible()
    chimed = int(ana.page.evaluate("document.documentElement.dataset.chimed"))
    ana.page.evaluate(
        "() => { window.seen = 0; new MutationObserver(() => { if (!window.seen && document.querySelector('.row'))"
        " window.seen = Date.now(); }).observe(document.getElementById('live'), {childList: true, subtree: true}); }"
    )
    sent = time.time()
    code = open_case(line, caller, ana)
    took = ana.page.evaluate("window.seen") / 1000 - sent
    assert 0 < took < SEEN_WITHIN_S, f"{took:.2f} s"
    expect(ana.page.locator("#spoken")).to_contain_text(f"New danger: case {code}")
    assert int(ana.page.evaluate("document.documentElement.dataset.chimed")) > chimed
    row_of(ana.page, code).get_by_role("button", name="Take it").click()
    closes(ana)


HEARD = """
  window.shown = []; window.sounds = [];
  const RealNotification = window.Notification, RealAudio = window.AudioContext;
  window.Notification = class extends RealNotification {
    constructor(title, options) { super(title, options); window.shown.push([title, options.body]); }
  };
  window.AudioContext = class extends RealAudio { constructor() { super(); window.sounds.push(this); } };
"""


def test_new_danger_shows_a_notification_of_the_browser_and_makes_a_sound_once_they_are_on(line, browser, caller):
    with at_work(line, browser, ANA, permissions=["notifications"]) as ana:
        ana.page.add_init_script(HEARD)
        ana.goes_to("/console/")
        assert ana.page.evaluate("Notification.permission") == "granted"
        code = open_case(line, caller, ana)
        assert ana.page.evaluate("[window.shown.length, window.sounds.length]") == [0, 0], (
            "they are off until asked for"
        )
        ana.page.get_by_role("button", name="Sound is off").click()
        second = line.phone(next(NUMBERS))
        other = open_case(line, second, ana)
        ana.page.wait_for_function("window.shown.length > 0")
        ((title, body),) = ana.page.evaluate("window.shown")
        assert title == "Helpline: new danger"
        assert other in body
        assert caller.number[-7:] not in body
        ana.page.wait_for_function("window.sounds.some((one) => one.state === 'running' && one.currentTime > 0)")
        for one in (code, other):
            ana.goes_to("/console/")
            row_of(ana.page, one).get_by_role("button", name="Take it").click()
            closes(ana)


def test_of_two_browsers_one_takes_the_case_and_the_other_is_told_who_has_it(line, ana, ben, caller):
    code = open_case(line, caller, ana)
    row_of(ben.page, code).wait_for()
    ben.page.route("**/board/rows*", lambda asked: asked.abort())  # Ben's board does not learn of it in time
    row_of(ana.page, code).get_by_role("button", name="Take it").click()
    ana.page.get_by_role("heading", name="Conversation").wait_for()
    row_of(ben.page, code).get_by_role("button", name="Take it").click()
    expect(ben.page.get_by_role("status").first).to_contain_text("Ana already has this case")
    expect(row_of(ben.page, code)).to_contain_text("Ana")
    closes(ana)


def test_a_sign_in_that_was_ended_in_the_middle_of_a_claim_changes_nothing_shows_nothing_and_leads_back(
    line, browser, ana, carla, caller
):
    code = open_case(line, caller, ana)
    with at_work(line, browser, BEN, viewport=PHONE) as ben:
        row_of(ben.page, code).get_by_role("link", name=code).click()
        ben.page.get_by_role("button", name="Take it").wait_for()
        ben.page.route("**/parts*", lambda asked: asked.abort())  # his page does not learn of it in time
        account = carla.goes_to("/console/account")
        account.get_by_role("button", name=re.compile("Sign out Ben")).first.click()
        expect(account.get_by_role("status").first).to_contain_text("Ben is signed out")
        ben.page.get_by_role("button", name="Take it").click()
        expect(ben.page.locator("main")).to_contain_text("Nothing was changed")
        assert code not in ben.page.locator("body").inner_text()
        assert record(line, code)[0].owner is None
        before = len(ben.phone.received)
        ben.page.get_by_role("link", name=re.compile("Sign in")).click()
        ben.page.get_by_label("Your phone number").fill(BEN)
        ben.page.get_by_role("button", name="Text me a code").click()
        fresh = until("a new code", lambda: [one for one in ben.phone.received[before:] if CODE.search(one)])
        ben.page.get_by_label("Code of 6 digits").fill(CODE.search(fresh[-1]).group(1))
        ben.page.get_by_role("button", name="Sign in").click()
        ben.page.get_by_role("heading", name=code).wait_for()
        signed_in(line, ben)
    ana.goes_to("/console/")
    row_of(ana.page, code).get_by_role("button", name="Take it").click()
    closes(ana)


def test_a_lost_connection_is_said_and_so_is_its_return(line, ben):
    ben.context.set_offline(True)
    expect(ben.page.locator("#lost")).to_contain_text("Connection lost since", timeout=15_000)
    ben.context.set_offline(False)
    expect(ben.page.locator("#lost")).to_be_hidden(timeout=15_000)


def test_chat_goes_both_ways_with_the_bot_silent_and_is_given_back(line, ana, caller):
    code = open_case(line, caller, ana, "i want to die")
    row_of(ana.page, code).get_by_role("button", name="Take it").click()
    ana.page.get_by_label("Your text").fill("Hi, I am Ana. I am a person.")
    ana.page.get_by_role("button", name="Send", exact=True).click()
    caller.gets("Hi, I am Ana. I am a person.")
    heard = len(caller.received)
    line_api = caller.api

    requests.post(
        f"{line_api}/phones/{caller.number}/texts", json={"to": "+17175550100", "body": "thank you ana"}, timeout=15
    )
    expect(ana.page.locator(".words .caller").last).to_contain_text("thank you ana", timeout=5_000)
    ana.page.get_by_text("Ready answers").click()
    ana.page.get_by_role("button", name=re.compile("Take your time")).click()
    caller.gets("Take your time")
    assert not [one for one in caller.received[heard:] if "Take your time" not in one], "the bot kept silent"
    ana.page.get_by_role("button", name=re.compile("Let the bot answer")).click()
    expect(ana.page.get_by_role("button", name=re.compile("Take over from the bot"))).to_be_visible()
    closes(ana)
    case, history = record(line, code)
    assert case.outcome is Outcome.HANDED_OVER
    assert {"taken_over", "relayed", "given_back"} <= set(history)


def test_call_now_rings_me_then_the_caller_and_joins_us_and_then_it_is_closed(line, ana, caller):
    code = open_case(line, caller, ana, DANGER)
    ana.phone.rings()
    mobile = ana.phone.from_now()  # what rings for the page is another call than the one for the bridge
    row_of(ana.page, code).get_by_role("button", name="Take it").click()
    ana.page.get_by_role("heading", name="Conversation").wait_for()
    again = ana.page.get_by_role("button", name=re.compile("^Call now"))
    if again.is_visible():  # until the line's own call for the bridge is written down
        again.click()
    mine = mobile.rings().does("answer").hears("your case")
    mine.press("1")
    theirs = caller.rings().does("answer").hears("press 1")
    theirs.press("1")
    mine.is_connected_with(caller.number)
    expect(ana.page.locator(".facts-list")).to_contain_text("talking", timeout=10_000)
    theirs.does("hangup")  # and is out before Ana is: of two who hang up at once either may be reported first
    expect(ana.page.locator(".events")).to_contain_text("the caller left the call", timeout=20_000)
    mine.does("hangup")
    closes(ana)
    case, history = record(line, code)
    assert case.outcome is Outcome.HANDED_OVER
    assert "connected" in history


@pytest.mark.parametrize(("way", "changes"), [("Covers", 1), ("Swaps", 2)])
def test_a_cover_or_a_swap_on_the_roster_changes_who_is_paged_next(line, carla, caller, way, changes):
    page = carla.goes_to("/console/roster")
    page.get_by_text("Ana Flores").first.click()
    page.get_by_text(re.compile("Change.*Ana, primary")).first.click()
    form = page.locator(".person[open] details[open] form").first
    form.get_by_label("Colleague").select_option("ben")
    form.get_by_role("button", name=way).click()
    expect(page.get_by_role("status").first).to_contain_text("The roster is changed")
    ben_s = line.phone(BEN)
    caller.texts(DANGER)
    code = re.search(r"case (\w{4})", ben_s.gets("EMERGENCY case")).group(1)
    case, _ = record(line, code)
    assert case.tried[0] == "ben"
    assert page.get_by_role("button", name=re.compile("Take back")).count() == changes
    for _ in range(changes):
        page.get_by_role("button", name=re.compile("Take back")).first.click()
        expect(page.get_by_role("status").first).to_contain_text("taken back")
    page.goto(f"{line.url}/console/")
    row_of(page, code).get_by_role("button", name="Take it").click()
    closes(carla)


def test_everything_from_signing_in_to_closing_can_be_done_with_the_keyboard_alone(line, browser, caller):
    with at_work(line, browser, ANA) as ana:
        code = open_case(line, caller, ana)
        press_until(ana.page, lambda: focused(ana.page).startswith("Take it") and code in focused(ana.page))
        ana.page.keyboard.press("Enter")
        ana.page.get_by_role("heading", name="Conversation").wait_for()
        press_until(ana.page, lambda: focused(ana.page).startswith("Close, or give"))
        ana.page.keyboard.press("Enter")
        press_until(ana.page, lambda: "How case" in focused(ana.page))
        ana.page.keyboard.press("ArrowDown")
        ana.page.keyboard.press("Tab")
        assert focused(ana.page).startswith("Close")
        ana.page.keyboard.press("Enter")
        ana.page.get_by_role("heading", name="Board", exact=True).wait_for()
        assert record(line, code)[0].closed


def focused(page):
    return page.evaluate(
        "() => { const one = document.activeElement; const label = one.labels && one.labels[0];"
        " return (label || one).textContent.trim(); }"
    )


def press_until(page, there, most=80):
    for _ in range(most):
        page.keyboard.press("Tab")
        if there():
            return
    raise AssertionError(f"the Tab key never came there; it is at {focused(page)!r}")


def test_keyboard_focus_stays_where_it_is_when_the_board_changes(line, ana):
    first, second = line.phone(next(NUMBERS)), line.phone(next(NUMBERS))
    code = open_case(line, first, ana)
    button = row_of(ana.page, code).get_by_role("button", name="Pass")
    button.focus()
    other = open_case(line, second, ana)
    assert code in focused(ana.page)
    for one in (code, other):
        ana.goes_to("/console/")
        row_of(ana.page, one).get_by_role("button", name="Take it").click()
        closes(ana)


def test_board_and_case_work_without_javascript(line, browser, caller):
    with at_work(line, browser, ANA, java_script_enabled=False) as ana:
        caller.texts(DANGER)

        def there():
            ana.goes_to("/console/")
            return ana.page.locator(".row").count()

        until("the case on the reloaded board", there)
        ana.page.get_by_role("button", name=re.compile("Take it")).first.click()
        expect(ana.page.get_by_text("wont wake up").first).to_be_visible()
        closes(ana)


def test_the_form_of_the_web_site_opens_a_case_from_first_word_to_last_without_javascript(line, browser, ana, caller):
    before = {row.get_attribute("data-code") for row in ana.page.locator(".row").all()}
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{line.url}/contact/?lang=en")
    expect(page.locator("main > *").first).to_contain_text("911")
    page.get_by_label("Your phone number").fill(caller.number)
    page.get_by_label("Call me. Leave no voicemail.").check()
    page.get_by_label(re.compile("In the evening")).check()
    page.get_by_label(re.compile("What should we know about calling")).fill("let it ring twice")
    page.get_by_label(re.compile("Anything we should know")).fill("it is about my son")
    page.get_by_label(re.compile("I agree")).check()
    page.get_by_role("button", name="Text me a code").click()
    digits = re.search(r"\d{6}", caller.gets("code")).group()
    assert not {row.get_attribute("data-code") for row in ana.page.locator(".row").all()} - before, (
        "nobody is paged yet"
    )
    page.get_by_label("Code of 6 digits").fill("000000" if digits != "000000" else "111111")
    page.get_by_role("button", name="Ask for the call").click()
    expect(page.get_by_role("alert").first).to_contain_text("not right")
    page.get_by_label("Code of 6 digits").fill(digits)
    page.get_by_role("button", name="Ask for the call").click()
    expect(page.get_by_role("heading", name="We have your request")).to_be_visible()
    context.close()
    codes = until(
        "the case on the board",
        lambda: {row.get_attribute("data-code") for row in ana.page.locator(".row").all()} - before,
    )
    (code,) = codes
    case, _ = record(line, code)
    assert (case.reason, case.consent.value) == ("call_me", "call_only")
    assert [one.opens for one in case.safe_times] == ["17:00"]
    row_of(ana.page, code).get_by_role("button", name="Take it").click()
    expect(ana.page.locator(".events")).to_contain_text("it is about my son")
    expect(ana.page.locator(".events")).to_contain_text("let it ring twice")
    closes(ana)


def test_a_number_is_blocked_and_unblocked_with_the_keyboard_alone(line, carla):
    page = carla.goes_to("/console/limits")
    press_until(page, lambda: focused(page).startswith("Block a number"))
    page.keyboard.press("Enter")
    for words in ("+12025550177", "threats to staff"):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    press_until(page, lambda: focused(page) == "Block")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Blocked for 7 days")
    press_until(page, lambda: focused(page).startswith("Unblock"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("taken back")


def test_the_first_start_prints_a_link_that_signs_an_admin_in_once(line, browser):
    printed = until("the link", lambda: re.search(r"http\S+/console/first/\S+", line.log.read_text()))
    assert len(re.findall(r"/console/first/", line.log.read_text())) == 1
    page = browser.new_page()
    page.goto(printed.group())
    page.get_by_role("button", name="Sign in as admin").click()
    page.get_by_role("heading", name="Board", exact=True).wait_for()
    page.context.close()


def test_the_command_finds_the_trail_of_this_night_whole(line):
    command = [sys.executable, "-m", "helpline", "audit", "verify"]
    found = subprocess.run(command, cwd=ROOT, env=line.env, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "The chain is whole." in found.stdout
    assert int(found.stdout.split(" lines linked")[0].split()[-1]) > 20
