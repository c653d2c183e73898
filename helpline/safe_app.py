"""The web server of a line that cannot start: its content or roster is broken. It still answers every person.

Texts and calls get the safe answer made of the content that was shipped with the program: 911, 988 and a human's
number, who is dialled. Nothing is written down, so once the line runs again, the comparison with Twilio's lists finds
everybody who was answered this way, and they are answered again, in full.
"""

from http import HTTPStatus

import structlog
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from config import content as content_files
from config.settings import Settings
from helpline.channels.voice import Addresses
from helpline.safe_answer import SafeAnswer
from helpline.webhooks.gate import Gate, nothing, twiml

log = structlog.get_logger()


def create_safe_app(settings: Settings, why: str) -> Flask:
    """The application that has nothing but the safe answer; `why` is for whoever runs the line."""
    shipped = content_files.load(content_files.SHIPPED)
    safe = SafeAnswer(
        catalogue=shipped.catalogue,
        lexicon=shipped.flow.lexicon,
        fallback_number=settings.fallback_number,
        helpline_number=settings.helpline_number,
        again=Addresses(settings.public_url).of("voice/fallback"),
    )
    app = Flask(__name__)
    app.url_map.strict_slashes = False
    gate = Gate(settings.auth_tokens, settings.public_url)
    log.critical("line_cannot_start", fault=why.partition("\n")[0])

    @app.get("/healthz")
    def alive() -> ResponseReturnValue:
        return Response("alive\n", mimetype="text/plain")

    @app.get("/readyz")
    def ready() -> ResponseReturnValue:
        return jsonify({"ready": False, "faults": why.splitlines()}), HTTPStatus.SERVICE_UNAVAILABLE

    @app.post("/twilio/<path:rest>")
    def answer(rest: str) -> ResponseReturnValue:
        refused = gate.check()
        if refused is not None:
            return refused
        if rest.startswith("sms"):
            return twiml(safe.text(request.form))
        if rest.startswith(("status", "voice/status", "room")):
            return nothing()
        return twiml(safe.call(request.form))

    return app
