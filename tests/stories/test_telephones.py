"""The main job as a stranger meets it: the phones page in a real browser, on the running line."""

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.stories.people import ANA, ROOT

pytestmark = [pytest.mark.story, pytest.mark.browser]

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def page(chromium):
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


def test_a_text_for_help_rings_a_staff_phone_and_pressing_1_joins_the_two(line, caller, ana, page: Page, request):
    page.goto(line.api.removesuffix("/emulator/api") + "/")
    mine = page.get_by_test_id(f"phone-{caller.number}")
    staff = page.get_by_test_id(f"phone-{ANA}")
    mine.get_by_test_id("text-input").fill("she took a whole bottle and is not breathing")
    mine.get_by_test_id("send").click()
    expect(mine.get_by_test_id("thread")).to_contain_text("911", timeout=10_000)
    staff.get_by_test_id("answer").click(timeout=20_000)
    expect(staff.get_by_test_id("captions")).to_contain_text("press 1", timeout=10_000)
    if request.config.getoption("--update-golden"):
        page.screenshot(path=ROOT / "docs" / "phones.png")
    staff.get_by_test_id("key-1").click()
    mine.get_by_test_id("answer").click(timeout=20_000)
    expect(mine.get_by_test_id("captions")).to_contain_text("press 1", timeout=10_000)
    mine.get_by_test_id("key-1").click()
    expect(mine.get_by_test_id("connected")).to_contain_text(ANA, timeout=20_000)
    code = ana.gets("case").split("case ")[1][:4]
    mine.get_by_test_id("hangup").click()
    ana.texts(f"DONE {code} 3")
