"""The least that a web server can be asked to do: read the form, answer. What it costs is the server's own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

ANSWER = b"<Response/>"


def create() -> Callable[..., Iterable[bytes]]:
    def app(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(ANSWER)))])
        return [ANSWER]

    return app
