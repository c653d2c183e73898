"""The phones page in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGS += ["--disable-component-update", "--disable-sync"]
CALLER, STAFF = "+12025550101", "+12025550102"


@pytest.fixture
def page(lab, chromium):
    lab.emulator.engine.call(lab.emulator.engine.world.clock.set_speed, 1.0)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=ARGS)
        page = browser.new_page(viewport={"width": 1100, "height": 1000})
        yield page
        browser.close()


def open_phones(page: Page, lab) -> None:
    lab.phone(CALLER, name="Caller")
    page.goto(f"{lab.emulator.url}/?staff={STAFF}")


@pytest.mark.browser
def test_a_text_is_sent_and_its_answer_is_shown_as_text(page, lab, peer):
    peer.twiml("/sms", "<Message>Welcome &lt;b&gt;you&lt;/b&gt;</Message>")
    open_phones(page, lab)
    phone = page.get_by_test_id(f"phone-{CALLER}")
    phone.get_by_test_id("text-input").fill("hi")
    phone.get_by_test_id("text-input").press("Enter")
    expect(phone.get_by_test_id("thread")).to_contain_text("Welcome <b>you</b>")
    expect(phone.get_by_test_id("thread")).to_contain_text("delivered")


@pytest.mark.browser
def test_a_call_is_joined_with_a_staff_phone_that_rings_and_presses_one(page, lab, peer, tmp_path):
    peer.twiml("/voice", f'<Say>Please hold</Say><Dial><Number url="/screen">{STAFF}</Number></Dial>')
    peer.twiml("/screen", '<Gather numDigits="1" action="/join"><Say>Press 1</Say></Gather><Hangup/>')
    peer.twiml("/join", "")
    open_phones(page, lab)
    caller, staff = page.get_by_test_id(f"phone-{CALLER}"), page.get_by_test_id(f"phone-{STAFF}")
    caller.get_by_test_id("call").click()
    expect(caller.get_by_test_id("captions")).to_contain_text("Please hold")
    staff.get_by_test_id("answer").click()
    expect(staff.get_by_test_id("captions")).to_contain_text("Press 1")
    staff.get_by_test_id("key-1").click()
    expect(staff.get_by_test_id("connected")).to_have_text(f"Connected with {CALLER}")
    expect(caller.get_by_test_id("connected")).to_have_text(f"Connected with {STAFF}")
    page.screenshot(path=tmp_path / "phones.png", full_page=True)
    caller.get_by_test_id("hangup").click()
    expect(caller.get_by_test_id("connected")).to_have_text("No call")


@pytest.mark.browser
def test_a_phone_the_line_texts_appears_by_itself(page, lab, peer):
    open_phones(page, lab)
    lab.sdk.messages.create(to="+12025550103", from_="+15005550006", body="You are on call")
    expect(page.get_by_test_id("phone-+12025550103").get_by_test_id("thread")).to_contain_text("You are on call")
    expect(page.locator("#journal")).to_contain_text(re.compile("phone.new"))
