"""Whether the line is alive, and whether it can answer and page."""

import os
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from helpline.running.metrics import BEAT_TTL, exposition
from helpline.store import Beat, Unavailable
from helpline.wiring import Services

PROCESS = "Helpline-Process"
"""Which process answered: how a web server that takes over is told from the one before it."""

OLDEST_DUE = timedelta(seconds=15)  # an open row due for longer means that nobody sweeps
OLDEST_BEAT = MappingProxyType(
    {
        Beat.CLOCK: timedelta(seconds=15),
        Beat.URGENT: timedelta(seconds=45),  # a job may take 30 s, and between jobs a worker beats every few
        Beat.DEFAULT: timedelta(seconds=45),
    }
)
MEND = MappingProxyType(
    {
        Beat.CLOCK: "the clock is silent: start `python -m workers.clock`",
        Beat.URGENT: "nobody works the urgent queue: start `python -m workers urgent`",
        Beat.DEFAULT: "nobody works the default queue: start `python -m workers default`",
    }
)


DOWN = "Redis does not answer: callers hear the safe answer and nobody can be paged"
REFUSES = (
    "Redis takes no writes: callers hear the safe answer and nobody can be paged. "
    "Look at its memory, its disk and its replicas"
)


def blueprint(line: Services) -> Blueprint:
    """The addresses a platform and a monitor ask."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def alive() -> ResponseReturnValue:
        process = f"{os.getppid()}.{os.getpid()}"  # the server and which of its processes this is
        return Response("alive\n", mimetype="text/plain", headers={PROCESS: process})

    @pages.get("/readyz")
    def ready() -> ResponseReturnValue:
        """200 when texts can be answered and staff paged; else 503 and every reason."""
        wrong = faults(line)
        status = HTTPStatus.SERVICE_UNAVAILABLE if wrong else HTTPStatus.OK
        return jsonify({"ready": not wrong, "faults": wrong}), status

    @pages.get("/metrics")
    def metrics() -> ResponseReturnValue:
        return Response(exposition(line), content_type=CONTENT_TYPE_LATEST)

    return pages


def faults(line: Services) -> list[str]:
    """Everything that keeps the line from answering or paging."""
    now = line.clock()
    try:
        line.store.beat("web", now, BEAT_TTL)
    except Unavailable:
        return [_redis_fault(line)]
    try:
        beats = {kind: line.store.last_beat(kind) for kind in Beat}
        oldest = line.store.oldest_due()
    except Unavailable:
        return [DOWN]
    wrong = [MEND[kind] for kind, beat in beats.items() if beat is None or now - beat > OLDEST_BEAT[kind]]
    if oldest is not None and now - oldest > OLDEST_DUE:
        wrong.append(f"a due row has waited {int((now - oldest).total_seconds())} s: are workers and clock running?")
    return wrong


def _redis_fault(line: Services) -> str:
    """Why nothing could be written."""
    try:
        line.store.ping()
    except Unavailable:
        return DOWN
    return REFUSES
