"""The addresses of phones and calls in the control API."""

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from emulator.control.asked import active, data
from emulator.control.errors import ControlError
from emulator.control.telephony import Telephony
from emulator.engine import Engine
from emulator.voice.speech import spoken


def phone_routes(api: Blueprint, engine: Engine, telephony: Telephony) -> None:
    """Add the addresses of telephones and their texts."""

    @api.get("/phones")
    def phones() -> ResponseReturnValue:
        return jsonify(engine.call(telephony.phones))

    @api.post("/phones")
    def set_up() -> ResponseReturnValue:
        return jsonify(engine.call(telephony.set_up, data())), 201

    @api.get("/phones/<number>")
    def phone(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.phone, number))

    @api.patch("/phones/<number>")
    def change(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.change, number, data()))

    @api.delete("/phones/<number>")
    def remove(number: str) -> ResponseReturnValue:
        engine.call(telephony.remove, number)
        return "", 204

    @api.get("/phones/<number>/thread")
    def thread(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.thread, number))

    @api.post("/phones/<number>/texts")
    def text(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.text, number, data())), 201

    @api.get("/phones/<number>/calls")
    def calls(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(lambda: telephony.calls(number, active=active())))

    @api.post("/phones/<number>/calls")
    def call(number: str) -> ResponseReturnValue:
        return jsonify(engine.call(telephony.call, number, data())), 201


def call_routes(api: Blueprint, engine: Engine, telephony: Telephony) -> None:
    """Add the addresses of calls and of who hears whom."""
    acts = {
        "answer": telephony.answer,
        "reject": telephony.reject,
        "ignore": telephony.ignore,
        "hangup": telephony.hang_up,
    }

    @api.get("/calls")
    def all_calls() -> ResponseReturnValue:
        only_live = active()
        return jsonify(engine.call(lambda: telephony.all_calls(active=only_live)))

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
        return jsonify(engine.wait(telephony.press(sid, data())))

    @api.post("/calls/<sid>/speech")
    def speak(sid: str) -> ResponseReturnValue:
        return jsonify(engine.wait(telephony.speak(sid, data())))

    @api.post("/calls/<sid>/<act>")
    def act(sid: str, act: str) -> ResponseReturnValue:
        if act not in acts:
            raise ControlError(404, f"a call knows {', '.join(acts)}, keys and speech, not {act}")
        return jsonify(engine.call(acts[act], sid))

    @api.get("/rooms")
    def rooms() -> ResponseReturnValue:
        return jsonify(engine.call(telephony.rooms))
