"""The phones page: telephones in the browser, on the control API alone."""

from pathlib import Path

from flask import Blueprint, abort, redirect, send_from_directory
from flask.typing import ResponseReturnValue

_FOLDER = Path(__file__).parent
_SERVED = frozenset({".css", ".js", ".svg"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def phones_page_blueprint() -> Blueprint:
    """Return the page at `/`, with its style and scripts beside it; it loads nothing from elsewhere."""
    blueprint = Blueprint("phones_page", __name__)

    @blueprint.get("/")
    def page() -> ResponseReturnValue:
        response = send_from_directory(_FOLDER, "index.html")
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    @blueprint.get("/emulator/")
    def old_address() -> ResponseReturnValue:
        return redirect("/")

    @blueprint.get("/emulator/page/<name>")
    def part(name: str) -> ResponseReturnValue:
        if Path(name).suffix not in _SERVED:
            abort(404)
        return send_from_directory(_FOLDER, name)

    return blueprint
