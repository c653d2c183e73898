"""The addresses of the control API, under /emulator/api."""

import json
import queue
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from emulator.control.errors import ControlError
from emulator.control.surroundings import Surroundings
from emulator.control.telephony import Telephony
from emulator.engine import Engine
from emulator.journal import Query, Record
from emulator.voice.speech import can_speak, spoken

HEARTBEAT_S = 15.0


def control_blueprint(engine: Engine) -> Blueprint:
    """Return the control API of one engine."""
    blueprint = Blueprint("control", __name__, url_prefix="/emulator/api")
    blueprint.register_error_handler(ControlError, _refuse)
    blueprint.before_request(_only_from_here)
    telephony, surroundings = Telephony(engine), Surroundings(engine)
    _phones(blueprint, engine, telephony)
    _calls(blueprint, engine, telephony)
    _clock(blueprint, engine, telephony, surroundings)
    _journal(blueprint, engine, surroundings)
    _faults(blueprint, engine, surroundings)
    _opt_outs(blueprint, engine, surroundings)
    return blueprint


def _phones(api: Blueprint, engine: Engine, telephony: Telephony) -> None:
    @api.get("/phones")
    def phones() -> ResponseReturnValue:
        return jsonify(engine.call(telephony.phones))

    @api.post("/phones")
    def set_up() -> ResponseReturnValue:
        return jsonify(engine.call(telephony.set_up, _data())), 201

    @api.get("/phones/<number>")
    def phone(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.phone, number))

    @api.patch("/phones/<number>")
    def change(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.change, number, _data()))

    @api.delete("/phones/<number>")
    def remove(number: str) -> ResponseReturnValue:
        engine.call(telephony.remove, number)
        return "", 204

    @api.get("/phones/<number>/thread")
    def thread(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.thread, number))

    @api.post("/phones/<number>/texts")
    def text(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.text, number, _data())), 201

    @api.get("/phones/<number>/calls")
    def calls(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(lambda: telephony.calls(number, active=_active())))

    @api.post("/phones/<number>/calls")
    def call(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.call, number, _data())), 201


def _calls(api: Blueprint, engine: Engine, telephony: Telephony) -> None:
    acts = {
        "answer": telephony.answer,
        "reject": telephony.reject,
        "ignore": telephony.ignore,
        "hangup": telephony.hang_up,
    }

    @api.get("/calls")
    def all_calls() -> ResponseReturnValue:
        active = _active()
        return jsonify(engine.call(lambda: telephony.all_calls(active=active)))

    @api.get("/calls/<sid>/captions/<int:index>.wav")
    def caption_sound(sid: str, index: int) -> ResponseReturnValue:
        sound = spoken(*engine.call(telephony.caption_sound, sid, index))
        if sound is None:
            raise ControlError(404, "this machine cannot speak: install espeak-ng")
        return Response(sound, mimetype="audio/wav")

    @api.get("/calls/<sid>")
    def one_call(sid: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.one_call, sid))

    @api.post("/calls/<sid>/keys")
    def press(sid: str) -> ResponseReturnValue:
        return jsonify(engine.wait(telephony.press(sid, _data())))

    @api.post("/calls/<sid>/speech")
    def speak(sid: str) -> ResponseReturnValue:
        return jsonify(engine.wait(telephony.speak(sid, _data())))

    @api.post("/calls/<sid>/<act>")
    def act(sid: str, act: str) -> ResponseReturnValue:
        if act not in acts:
            raise ControlError(404, f"a call knows {', '.join(acts)}, keys and speech, not {act}")
        return jsonify(engine.call(acts[act], sid))

    @api.get("/rooms")
    def rooms() -> ResponseReturnValue:
        return jsonify(engine.call(telephony.rooms))


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
        return jsonify(engine.call(surroundings.set_clock, _data()))

    @api.post("/clock/advance")
    def advance() -> ResponseReturnValue:
        return jsonify(engine.wait(surroundings.advance(_data())))

    @api.post("/clock/settle")
    def settle() -> ResponseReturnValue:
        return jsonify(engine.wait(surroundings.settle()))

    @api.get("/pace")
    def pace() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.pace))

    @api.patch("/pace")
    def set_pace() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.set_pace, _data()))

    @api.get("/account")
    def account() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.account))


def _journal(api: Blueprint, engine: Engine, surroundings: Surroundings) -> None:
    @api.get("/journal")
    def journal() -> ResponseReturnValue:
        wait_s = request.args.get("wait_s", 0.0, float)
        return jsonify(engine.wait(surroundings.journal(_query(), wait_s)))

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
        return jsonify(engine.call(surroundings.add_fault, _data())), 201

    @api.put("/faults")
    def script_faults() -> ResponseReturnValue:
        return jsonify(engine.call(surroundings.script_faults, _data()))

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
        return jsonify(engine.call(surroundings.set_handling, owner, _data()))

    @api.route("/opt-outs/<owner>/<person>", methods=["PUT", "DELETE"])
    def set_blocked(owner: str, person: str) -> ResponseReturnValue:
        blocked = request.method == "PUT"
        return jsonify(engine.call(lambda: surroundings.set_blocked(owner, person, blocked=blocked)))

    @api.post("/json-webhooks")
    def send_json() -> ResponseReturnValue:
        return jsonify(engine.wait(surroundings.send_json(_data())))


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


def _data() -> object:
    return request.get_json(silent=True) if request.get_data() else {}


def _active() -> bool:
    return request.args.get("active", "") == "true"


def _query() -> Query:
    return Query(
        kind=request.args.get("kind", ""),
        level=request.args.get("level", ""),
        subject=request.args.get("subject", ""),
        after=request.args.get("after", 0, int),
    )


def _refuse(error: ControlError) -> ResponseReturnValue:
    return jsonify({"error": error.text}), error.status
