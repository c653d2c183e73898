"""The addresses of the control API, under /emulator/api."""

import json
import queue
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from emulator.control.asked import data, query
from emulator.control.errors import ControlError
from emulator.control.phone_routes import call_routes, phone_routes
from emulator.control.surroundings import Surroundings
from emulator.control.telephony import Telephony
from emulator.engine import Engine
from emulator.journal import Query, Record
from emulator.voice.speech import can_speak

HEARTBEAT_S = 15.0


def control_blueprint(engine: Engine) -> Blueprint:
    """Return the control API of one engine."""
    blueprint = Blueprint("control", __name__, url_prefix="/emulator/api")
    blueprint.register_error_handler(ControlError, _refuse)
    blueprint.before_request(_only_from_here)
    telephony, surroundings = Telephony(engine), Surroundings(engine)
    phone_routes(blueprint, engine, telephony)
    call_routes(blueprint, engine, telephony)
    _clock(blueprint, engine, telephony, surroundings)
    _journal(blueprint, engine, surroundings)
    _faults(blueprint, engine, surroundings)
    _opt_outs(blueprint, engine, surroundings)
    return blueprint


def _clock(api: Blueprint, engine: Engine, telephony: Telephony, surroundings: Surroundings) -> None:
    @api.get("/state")
    def state() -> ResponseReturnValue:
        """Everything the phones page shows, in one answer."""
        whole = engine.call(
            lambda: {
                "phones": telephony.state(),
                "clock": surroundings.clock(),
                "faults": surroundings.faults(),
                "account": surroundings.account(),
            }
        )
        return jsonify(whole | {"can_speak": can_speak()})

    @api.get("/clock")
    def clock() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.clock))

    @api.put("/clock")
    def set_clock() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.set_clock, data()))

    @api.post("/clock/advance")
    def advance() -> ResponseReturnValue:
        return jsonify(engine.wait(surroundings.advance(data())))

    @api.post("/clock/settle")
    def settle() -> ResponseReturnValue:
        return jsonify(engine.wait(surroundings.settle()))

    @api.get("/pace")
    def pace() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.pace))

    @api.patch("/pace")
    def set_pace() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.set_pace, data()))

    @api.get("/account")
    def account() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.account))


def _journal(api: Blueprint, engine: Engine, surroundings: Surroundings) -> None:
    @api.get("/journal")
    def journal() -> ResponseReturnValue:
        wait_s = request.args.get("wait_s", 0.0, float)
        return jsonify(engine.wait(surroundings.journal(query(), wait_s)))

    @api.get("/complaints")
    def complaints() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.complaints))

    @api.delete("/journal")
    def clear_journal() -> ResponseReturnValue:
        engine.call(surroundings.clear_journal)
        return "", 204

    @api.get("/journal/export")
    def export() -> ResponseReturnValue:
        records = engine.wait(surroundings.journal(Query(), 0))
        headers = {"Content-Disposition": "attachment; filename=journal.json"}
        return Response(json.dumps(records, indent=1), mimetype="application/json", headers=headers)

    @api.get("/events")
    def events() -> ResponseReturnValue:
        listener = engine.call(engine.world.journal.listen)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(_stream(engine, listener), mimetype="text/event-stream", headers=headers)


def _faults(api: Blueprint, engine: Engine, surroundings: Surroundings) -> None:
    @api.get("/faults")
    def faults() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.faults))

    @api.post("/faults")
    def add_fault() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.add_fault, data())), 201

    @api.put("/faults")
    def script_faults() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.script_faults, data()))

    @api.delete("/faults")
    def clear_faults() -> ResponseReturnValue:
        engine.call(surroundings.clear_faults)
        return "", 204

    @api.delete("/faults/<sid>")
    def remove_fault(sid: str) -> ResponseReturnValue:
        engine.call(surroundings.remove_fault, sid)
        return "", 204


def _opt_outs(api: Blueprint, engine: Engine, surroundings: Surroundings) -> None:
    @api.get("/opt-outs")
    def opt_outs() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.opt_outs))

    @api.put("/opt-outs/<owner>")
    def set_handling(owner: str) -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.set_handling, owner, data()))

    @api.route("/opt-outs/<owner>/<person>", methods=["PUT", "DELETE"])
    def set_blocked(owner: str, person: str) -> ResponseReturnValue:
        blocked = request.method == "PUT"
        return jsonify(engine.call(lambda: surroundings.set_blocked(owner, person, blocked=blocked)))

    @api.post("/json-webhooks")
    def send_json() -> ResponseReturnValue:
        return jsonify(engine.wait(surroundings.send_json(data())))


def _stream(engine: Engine, listener: "queue.SimpleQueue[Record | None]") -> Iterator[str]:
    """Yield every record as a server-sent event, with a comment now and then so that a gone reader is noticed."""
    try:
        yield ": listening\n\n"
        while True:
            try:
                record = listener.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                yield ": still here\n\n"
                continue
            if record is None:
                return
            yield f"id: {record.number}\nevent: record\ndata: {json.dumps(record.as_json())}\n\n"
    finally:
        engine.world.journal.unlisten(listener)


def _only_from_here() -> None:
    """Refuse pages of other sites that would use the reader's browser to play with the phones."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise ControlError(403, "pages of other sites may not use this API")


def _refuse(error: ControlError) -> ResponseReturnValue:
    return jsonify({"error": error.text}), error.status
