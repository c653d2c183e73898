"""Every route of the application × everybody who may knock: strangers, responders, supervisors, admins.

The routes are taken from the application itself: one that is added is tested without a word here, and one that nobody
said anything about must be closed to strangers.
"""

import pytest

from flows.roster import Role
from helpline.console.access import RANK, Person
from tests.console.desk import CARLA, Desk, a_case

OPEN = {
    "console.sign_in", "console.ask", "console.code", "console.enter", "console.first", "console.static",
    "contact.form", "contact.nothing", "contact.ask", "contact.code", "contact.confirm",
    "health.alive", "health.ready", "health.metrics", "music_static", "static",
    "duty_feed.feed",  # for calendar programs, which cannot sign in: its address is the secret
}  # fmt: skip
"""Open to everybody; whoever adds one says so here."""

SUPERVISORS = {"console.audit", "console.verify_audit", "console.reports", "console.reports_csv", "console.plot",
               "console.forecast_week", "console.forecast_plot", "console.ledger", "console.ledger_contact",
               "console.limits", "console.block_number", "console.block_case", "console.unblock_caller"}  # fmt: skip
VALUES = {
    "staff_id": "ana",
    "key": "x" * 20,
    "token": "x" * 43,
    "name": "arrivals",
    "filename": "nothing.css",
    "place": 0,
    "contact_id": "nobody",
}
SECRETS = ("+12025550123", "2025550123", "took too much")


def routes(line):
    """Every (endpoint, path, method) there is, on a case that exists."""
    case = a_case(line)
    for rule in line.rules:
        adapter = rule.map.bind("localhost")
        known = {"case_id": case.id, **VALUES}
        path = adapter.build(rule.endpoint, {name: known.get(name, "nothing") for name in rule.arguments})
        if rule.rule.endswith("/fallback"):
            path = rule.rule
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, path, method


def needs(endpoint):
    """The least role this route is meant for; None: everybody."""
    if endpoint in OPEN:
        return None
    return Role.SUPERVISOR if endpoint in SUPERVISORS else Role.RESPONDER


def knock(client, method, path, **form):
    return client.open(path, method=method, data=form or None)


def is_sent_away(answer):
    """To sign in, or with a no; a form without its token is refused before anybody is asked who they are."""
    if answer.status_code in {302, 303}:
        return "/console/sign-in" in answer.headers["Location"]
    return answer.status_code in {400, 401, 403, 404}


def test_every_route_is_twilios_open_or_the_consoles(line):
    others = {endpoint for endpoint, path, _ in routes(line) if not path.startswith("/twilio/")}
    assert {one for one in others if not one.startswith("console.")} <= OPEN
    known = {endpoint for endpoint, _, _ in routes(line)}
    assert known >= OPEN
    assert known >= SUPERVISORS


def test_twilios_routes_open_for_its_signature_alone(line):
    client = line.app.test_client()
    twilio = [(path, method) for _, path, method in routes(line) if path.startswith("/twilio/")]
    assert len(twilio) > 15
    for path, method in twilio:
        assert knock(client, method, path, MessageSid="SM1", From="+12025550123").status_code == 403, path
        assert knock(client, "GET", path).status_code in {403, 404, 405}, path


def test_a_stranger_gets_in_nowhere_but_where_everybody_may_and_sees_nothing_of_a_caller(line):
    client = line.app.test_client()
    for endpoint, path, method in routes(line):
        if path.startswith("/twilio/"):
            continue
        answer = knock(client, method, path)
        assert not [secret for secret in SECRETS if secret.encode() in answer.data], path
        if needs(endpoint) is not None:
            assert is_sent_away(answer), (endpoint, method, answer.status_code)


def test_nothing_is_changed_without_the_token_of_the_form_whoever_is_signed_in(line, carla):
    everything = list(routes(line))
    before = kept(line)
    posts = [path for _, path, method in everything if method == "POST" and not path.startswith("/twilio/")]
    assert len(posts) > 15
    for path in posts:
        answer = knock(carla.client, "POST", path, code="1", outcome="handed_over", text="words")
        assert answer.status_code in {303, 400, 403}, path
    assert kept(line) == before


def kept(line):
    """Everything but who was seen when and how often somebody tried."""
    passing = (b"limit:", b"console:visit", b"audit", b"LIMITER")
    return {name: line.redis.dump(name) for name in line.redis.scan_iter() if not name.startswith(passing)}


@pytest.fixture
def admin(line, monkeypatch):
    """A supervisor whose visit says that they are an admin, as the first link's does."""
    desk = Desk(line, line.app.test_client()).sign_in(CARLA)
    monkeypatch.setattr(Person, "role", property(lambda _self: Role.ADMIN))
    return desk


@pytest.mark.parametrize("who", ["ana", "carla", "admin"])
def test_each_role_gets_in_where_it_may_and_nowhere_else(line, request, who):
    role = {"ana": Role.RESPONDER, "carla": Role.SUPERVISOR, "admin": Role.ADMIN}[who]
    wrong = []
    desk = request.getfixturevalue(who)
    everything = [route for route in routes(line) if needs(route[0])]
    for endpoint, path, method in everything:
        if path.startswith("/twilio/") or endpoint == "console.sign_out":
            continue
        answer = knock(desk.client, method, path, csrf_token=desk.token)
        may = RANK[role] >= RANK[needs(endpoint)]
        let_in = not (answer.status_code in {401, 403} or "/console/sign-in" in answer.headers.get("Location", ""))
        if let_in is not may or answer.status_code >= 500:
            wrong.append((endpoint, method, answer.status_code, "may" if may else "may not"))
    assert wrong == []
