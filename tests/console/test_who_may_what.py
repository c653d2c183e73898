"""Every page of the console, by every role and by nobody; ids of others; forms with anything in them."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.case import LineKind
from flows.roster import Role
from helpline.console.access import RANK, rule_of
from tests.console.desk import ANA, BEN, CARLA, LOGIN, Desk, a_case

TRIED = {"case_id": "0" * 20, "token": "x", "name": "waits", "place": "0", "anything": "x", "filename": "live.js",
         "contact_id": "nobody"}  # fmt: skip
OPEN = {"console.sign_in", "console.ask", "console.code", "console.enter", "console.first", "console.static"}
SUPERVISORS = {"console.audit", "console.verify_audit", "console.reports", "console.reports_csv", "console.plot",
               "console.forecast_week", "console.forecast_plot", "console.ledger", "console.ledger_contact",
               "console.limits", "console.block_number", "console.block_case", "console.unblock_caller"}  # fmt: skip
NOBODY_S = {"contact.form", "contact.nothing", "contact.ask", "contact.code", "contact.confirm"}


def rules(app):
    """Every rule under /console and /contact with its address filled in, as (endpoint, method, path)."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.endpoint, str(one))):
        if str(rule).startswith(("/console", "/contact")):
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: TRIED[found.group(1)], str(rule))
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, path


def test_every_page_says_who_may_open_it(line):
    for endpoint, _, _ in rules(line.app):
        if not endpoint.endswith(".static"):
            assert rule_of(line.app.view_functions[endpoint]) is not None, endpoint


def test_the_pages_that_ask_for_no_sign_in_are_these_and_no_other(line):
    found = {
        endpoint
        for endpoint, _, _ in rules(line.app)
        if endpoint.endswith(".static") or rule_of(line.app.view_functions[endpoint]).role is None
    }
    assert found == OPEN | NOBODY_S


def test_a_page_that_was_never_marked_opens_for_nobody(line):
    assert rule_of(lambda: "secret") is None


def test_nobody_gets_anything_but_the_way_to_sign_in(line):
    for endpoint, method, path in rules(line.app):
        if endpoint in OPEN | NOBODY_S:
            continue
        answer = line.app.test_client().open(path, method=method)
        assert (answer.status_code, answer.location or "") in {(302, LOGIN), (401, "")}, (endpoint, method)


@pytest.mark.parametrize(("number", "role"), [(ANA, Role.RESPONDER), (CARLA, Role.SUPERVISOR)], ids=["ana", "carla"])
def test_every_role_opens_its_own_pages_and_no_other(line, number, role):
    desk = Desk(line, line.app.test_client()).sign_in(number)
    for endpoint, method, path in rules(line.app):
        if endpoint in OPEN | NOBODY_S | {"console.sign_out"}:
            continue
        needed = rule_of(line.app.view_functions[endpoint]).role
        desk.get("/console/account")
        answer = desk.get(path) if method == "GET" else desk.post(path)
        refused = answer.status_code == 403
        assert refused == (RANK[role] < RANK[needed]), (endpoint, method, answer.status_code)
        assert answer.status_code < 500, endpoint
        assert (endpoint in SUPERVISORS) == (needed is Role.SUPERVISOR), endpoint


def test_every_action_on_somebody_elses_case_leaves_it_as_it_is_and_shows_nothing(line):
    case = a_case(line, "+12025550123")
    ana = Desk(line, line.app.test_client()).sign_in(ANA)
    ben = Desk(line, line.app.test_client()).sign_in(BEN)
    ana.post(f"/console/cases/{case.id}/claim")
    acts = [
        path
        for _, method, path in rules(line.app)
        if method == "POST" and path.startswith(f"/console/cases/{TRIED['case_id']}/")
    ]
    assert len(acts) >= 10
    for path in acts:
        form = {"to": "ben", "outcome": "handed_over", "text": "hello", "verdict": "wrong", "danger": case.dangers[0]}
        answer = ben.post(path.replace(TRIED["case_id"], case.id), follow=True, **form)
        assert answer.status_code < 500
        assert "wont wake up" not in answer.text
        assert "202-555-0123" not in answer.text
    after = line.services.store.case(case.id)
    assert (after.owner, after.closed, after.chat) == ("ana", False, False)
    by_ben = {entry.what for entry in line.services.store.timeline(case.id) if entry.who == "ben"}
    assert by_ben <= {LineKind.PASSED}, "to say that one does not take it is everybody's"


def test_ids_that_are_none_are_not_found(line):
    ana = Desk(line, line.app.test_client()).sign_in()
    for made_up in ("x", "0" * 20, "..%2f..%2fcase", "%00", "a" * 3000, "';--", "{{7*7}}"):
        assert ana.get(f"/console/cases/{made_up}").status_code in {404, 400}


ANYTHING = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "",
            "ana",
            "ben",
            "handed_over",
            "out",
            "primary",
            "9" * 500,
            "\x00",
            "\u202e",
            "<b>",
            "0001-01-01T00:00",
            "🙂" * 40,
        ]
    ),
)
FIELDS = ("code", "by", "to", "who", "kind", "list", "from", "outcome", "text", "ready", "verdict", "danger",
          "visit", "override", "phone", "reason", "days", "block", "id", "said", "language", "how", "about", "name", "times", "consent", "shared", "back")  # fmt: skip


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_put_into_any_form_no_page_breaks(line, data):
    if not hasattr(line, "fuzzed"):
        line.fuzzed = Desk(line, line.app.test_client()).sign_in(CARLA)
        line.fuzzed_case = a_case(line, "+12025550123").id
    desk, case = line.fuzzed, line.fuzzed_case
    posts = [path for endpoint, method, path in rules(line.app) if method == "POST" and endpoint != "console.sign_out"]
    path = data.draw(st.sampled_from(posts)).replace(TRIED["case_id"], case)
    form = {name: data.draw(ANYTHING) for name in data.draw(st.sets(st.sampled_from(FIELDS), max_size=8))}
    answer = desk.client.post(path, data={"csrf_token": desk.token, **form})
    assert answer.status_code < 500, (path, form)
    assert "Traceback" not in answer.text


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_asked_for_no_page_breaks(line, data):
    if not hasattr(line, "asked"):
        line.asked = Desk(line, line.app.test_client()).sign_in(CARLA)
    gets = [path for name, method, path in rules(line.app) if method == "GET" and not name.endswith(".static")]
    query = {name: data.draw(ANYTHING) for name in ("days", "tone", "chart", "since", "next", "lang")}
    answer = line.asked.client.get(data.draw(st.sampled_from(gets)), query_string=query)
    assert answer.status_code < 500


def test_pages_are_kept_by_no_browser_and_run_nothing_from_elsewhere(line):
    ana = Desk(line, line.app.test_client()).sign_in()
    for path in ("/console/", "/console/account", "/console/roster", "/contact/"):
        headers = ana.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"


def test_no_template_holds_a_script_a_style_or_a_handler_of_its_own(line):
    from pathlib import Path

    from helpline import console

    templates = sorted((Path(console.__file__).parent / "templates").rglob("*.html"))
    assert len(templates) > 15
    for file in templates:
        text = file.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), file.name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), file.name
        assert "|safe" not in text, file.name
