"""The Flask application: webhooks, health, and, when all else fails, an answer that still helps."""

import atexit
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from config.content import ContentFaults
from config.policy import PolicyFaults
from config.settings import from_environment as settings_from_environment
from helpline import console, web_guards, wiring
from helpline.arrival import Malformed
from helpline.media.compose import HOLD
from helpline.privacy.vault import Unreadable
from helpline.running import health
from helpline.safe_app import create_safe_app
from helpline.staff import duty_feed
from helpline.staff.roster_source import RosterFaults
from helpline.store import Unavailable
from helpline.webhooks import aside, callers, carrier, guests, staff
from helpline.webhooks.gate import Gate, twiml
from helpline.webhooks.posted import Posted
from helpline.wiring import Services

log = structlog.get_logger()

MUSIC_AGE_S = 86_400
WEBHOOKS, WEBHOOKS_AT = "webhooks", "/twilio"
CHANNELS = frozenset({"sms", "voice"})
FAILED = "helpline.failed"  # in the environment of a request that ended in a fault


def create_app(services: Services) -> Flask:
    """The application over these services: pages for people, and beside them, with nothing of cookies, the webhooks."""
    app = Flask(__name__)
    app.url_map.strict_slashes = False
    app.register_blueprint(health.blueprint(services))
    app.register_blueprint(duty_feed.blueprint(services))
    console.register(app, services)
    _serve_music(app)
    _answer_faults(app, services)
    web_guards.guard(app, services.settings)
    app.extensions[WEBHOOKS] = webhooks_of(services)
    _answer_for(app, app.extensions[WEBHOOKS], WEBHOOKS_AT)
    web_guards.believe_proxies(app, services.settings)
    return app


def webhooks_of(services: Services) -> Flask:
    """What Twilio asks. Sessions, sign-in and the limits of the staff pages cost each request, so they are not here."""
    app = Flask(__name__)
    app.request_class = Posted
    app.url_map.strict_slashes = False  # a redirect would lose what Twilio posted (Twilio docs, webhooks)
    gate = Gate(services.settings.auth_tokens, services.settings.public_url)
    for part in (callers, staff, aside, guests, carrier):
        blueprint = part.blueprint(services)
        blueprint.before_request(gate.check)
        app.register_blueprint(blueprint, url_prefix=WEBHOOKS_AT)
    _answer_faults(app, services)
    web_guards.limit(app, services.settings)
    app.wsgi_app = _time_turns(web_guards.with_headers(app.wsgi_app, services.settings), services)  # type: ignore[assignment,method-assign]
    return app


def _answer_for(app: Flask, other: Flask, at: str) -> None:
    """Let the other application answer for everything below an address; the address itself stays whole."""
    pages, below = app.wsgi_app, f"{at}/"

    def either(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        chosen = other.wsgi_app if environ.get("PATH_INFO", "").startswith(below) else pages
        return chosen(environ, start_response)

    app.wsgi_app = either  # type: ignore[method-assign]


def from_environment() -> Flask:
    """The application of this process; what the web server loads."""
    from config.logs import configure

    settings = settings_from_environment()
    configure(settings)
    try:
        services = wiring.build(settings)
        services.watch_content()
        console.announce(services)
        _look_back(services)
        atexit.register(services.turn_times.end)
    except (ContentFaults, PolicyFaults, RosterFaults, Unreadable) as faults:
        return create_safe_app(settings, str(faults))
    return create_app(services)


def _time_turns(answer: WSGIApplication, line: Services) -> WSGIApplication:
    """How long people waited for their answer, for Prometheus."""

    def timed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began_s, channel = time.perf_counter(), environ["PATH_INFO"].removeprefix(f"{WEBHOOKS_AT}/").partition("/")[0]

        def begin(status: str, headers: web_guards.Headers, *fault: Any) -> Callable[[bytes], object]:
            taken = status.startswith("200") and FAILED not in environ  # what is broken is not asked again
            if taken and channel in CHANNELS:
                line.turn_times.note(channel, timedelta(seconds=time.perf_counter() - began_s))
            return start_response(status, headers, *fault)

        return answer(environ, begin)

    return timed


def _serve_music(app: Flask) -> None:
    sound = HOLD.read_bytes()

    @app.get("/media/hold.wav", endpoint="music_static")  # the one thing of ours that may be cached
    def music() -> Response:
        """The music on hold; Twilio keeps it for as long as it is told to (Twilio docs, Play)."""
        answer = Response(sound, mimetype="audio/wav")
        answer.cache_control.public, answer.cache_control.max_age = True, MUSIC_AGE_S
        return answer


def _look_back(line: Services) -> None:
    """Who died or failed may have had a text in hand: what Twilio has is compared at once."""
    try:
        line.chores.hasten("reconcile")
    except Unavailable as fault:
        log.warning("reconcile_failed", fault=type(fault).__name__)  # the clock does it when Redis is back


def _answer_faults(app: Flask, line: Services) -> None:
    @app.errorhandler(Exception)
    def fault(raised: Exception) -> Response:
        """The outermost frame: a person is answered whatever happened; a machine is told."""
        request.environ[FAILED] = True
        if isinstance(raised, HTTPException):
            return Response(f"{raised.name}\n", raised.code or HTTPStatus.BAD_REQUEST, mimetype="text/plain")
        if isinstance(raised, Malformed):
            return Response(f"{raised}\n", HTTPStatus.BAD_REQUEST, mimetype="text/plain")
        log.error("request_failed", path=request.path, fault=type(raised).__name__, at=_place(raised))
        if not isinstance(raised, Unavailable):  # without Redis the clock looks back as soon as it is there again
            _look_back(line)
        if request.path.startswith("/twilio/sms"):
            return twiml(line.safe.text(request.form))
        if request.path.startswith("/twilio/voice") and not request.path.endswith("/status"):
            return twiml(line.safe.call(request.form))
        return Response("The line could not do this now.\n", HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")


def _place(raised: Exception) -> str:
    """Where it happened; a traceback could show a person's words."""
    frame = traceback.extract_tb(raised.__traceback__)[-1]
    return f"{frame.name}:{frame.lineno}"
