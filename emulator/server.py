"""The emulator as a web server on loopback."""

import json
import logging
import socket
import threading
from types import TracebackType
from typing import Self

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from emulator.audit import Complaint, complaints
from emulator.control.routes import control_blueprint
from emulator.engine import Engine
from emulator.faults import Fault, FaultKind
from emulator.phones_page import phones_page_blueprint
from emulator.rest.http import ApiError, ApiRequest, ApiResponse
from emulator.settings import Settings


class _Handler(WSGIRequestHandler):
    """A request handler that writes no line per request, and can cut a connection."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave the log alone: the journal holds every request."""


class Emulator:
    """A running emulator: `with Emulator(Settings(port=0)) as emulator: use(emulator.url)`."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.engine = Engine(self.settings, lambda: self.url)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """Return the base address, for the REST API and the pages alike."""
        if self._server is None:
            raise RuntimeError("the emulator is not running: call start() first")
        return f"http://{self.settings.host}:{self._server.port}"

    def start(self) -> Self:
        """Listen and serve in threads of its own. Raises OSError if the port is taken."""
        app = create_app(self.engine, self._stopping)
        # Bound here, because werkzeug would end the whole process over a port that is taken.
        with socket.create_server((self.settings.host, self.settings.port)) as bound:
            host, port = bound.getsockname()[:2]
            self._server = make_server(host, port, app, threaded=True, request_handler=_Handler, fd=bound.fileno())
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.engine.start()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def put_up(self, number: str, name: str = "") -> None:
        """Put up a telephone, so that what reaches it is expected."""

        def put() -> None:
            phone = self.engine.world.phones.at(number)
            phone.name, phone.expected = name or phone.name, True

        self.engine.call(put)

    def complaints(self) -> list[Complaint]:
        """Return what a test should explain before it passes: errors Twilio would log, messages nobody expected."""
        return self.engine.call(complaints, self.engine.world)

    def stop(self) -> None:
        """Stop serving and end all calls and timers. May be called twice."""
        if self._server is None or self._thread is None or self._stopping.is_set():
            return
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self.engine.stop()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def create_app(engine: Engine, stopping: threading.Event) -> Flask:
    """Return the web application of one engine: Twilio's REST API and the control API."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(control_blueprint(engine))
    app.register_blueprint(phones_page_blueprint())

    @app.route("/2010-04-01/<path:rest>", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    def rest(rest: str) -> ResponseReturnValue:
        return _flask_response(_answer(engine, _api_request(f"/2010-04-01/{rest}"), stopping))

    @app.route("/v1/<path:rest>", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    def newer_rest(rest: str) -> ResponseReturnValue:
        return _flask_response(_answer(engine, _api_request(f"/v1/{rest}"), stopping))

    return app


def _answer(engine: Engine, asked: ApiRequest, stopping: threading.Event) -> ApiResponse:
    """Return the engine's answer, or what a fault in force makes of it."""
    facts = {
        "method": asked.method,
        "path": asked.path,
        "to": asked.form.get("To", [""])[-1],
        "from": asked.form.get("From", [""])[-1],
    }
    fault = engine.call(engine.world.faults.for_request, facts)
    if fault is None:
        return engine.call(engine.router.answer, asked)
    return _faulty(engine, asked, fault, stopping)


def _faulty(engine: Engine, asked: ApiRequest, fault: Fault, stopping: threading.Event) -> ApiResponse:
    if fault.kind is FaultKind.REST_STATUS:
        return _failure(fault)
    if fault.kind is FaultKind.REST_CUT:
        return _cut()
    response = engine.call(engine.router.answer, asked)
    match fault.kind:
        case FaultKind.CALLBACK_EARLY:
            engine.wait(engine.callbacks_now(str((response.body or {}).get("sid", ""))))
            return response
        case FaultKind.REST_CUT_AFTER:
            return _cut()
        case FaultKind.REST_STATUS_AFTER:
            return _failure(fault)
        case _:
            stopping.wait(fault.seconds)
            return response


def _cut() -> ApiResponse:
    """Close the connection under the answer, so that the application gets none."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return ApiResponse(204)


def _failure(fault: Fault) -> ApiResponse:
    if fault.status == 429:
        response = ApiError(429, 20429, "Too Many Requests").response()
        return ApiResponse(429, response.body, {"Retry-After": f"{fault.seconds or 1:g}"})
    return ApiError(fault.status, fault.code or 20500, "An internal server error has occurred").response()


def _api_request(path: str) -> ApiRequest:
    auth = request.authorization
    return ApiRequest(
        method=request.method,
        path=path,
        form={name: request.form.getlist(name) for name in request.form},
        query={name: request.args.getlist(name) for name in request.args},
        user=(auth.username or "") if auth is not None else "",
        password=(auth.password or "") if auth is not None else "",
    )


def _flask_response(response: ApiResponse) -> Response:
    answer = Response(status=response.status, headers=response.headers, content_type=response.content_type)
    if response.raw is not None:
        answer.set_data(response.raw() if callable(response.raw) else response.raw)
    elif response.body is not None:
        answer = Response(_json(response.body), response.status, response.headers, mimetype="application/json")
    return answer


def _json(body: dict[str, object]) -> str:
    return json.dumps(body)
