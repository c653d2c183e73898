"""The floor of a turn: checks the signature, writes one kilobyte to Redis in one round trip, answers with TwiML.

What any Flask view behind Twilio with a memory must do; it steps through no menu, hears no danger and keeps no promise.
"""

import os

from flask import Flask, Response, request
from redis import Redis
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

KILOBYTE = b"x" * 1_024
KEPT_S = 3_600


def create() -> Flask:
    app = Flask(__name__)
    redis = Redis.from_url(os.environ["REDIS_URL"])
    validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
    base = os.environ["PUBLIC_URL"]

    def signed() -> bool:
        given = request.headers.get("X-Twilio-Signature", "")
        return bool(validator.validate(base + request.path, request.form, given))

    @app.post("/sms")
    def sms() -> Response:
        if not signed():
            return Response(status=403)
        redis.set(f"session:{request.form['From']}", KILOBYTE, ex=KEPT_S)
        answer = MessagingResponse()
        answer.message("In the past 5 days, did you stop or cut down on any of these? 1 Alcohol. 2 Benzos. 3 Opioids.")
        return Response(str(answer), mimetype="text/xml")

    @app.post("/voice")
    def voice() -> Response:
        if not signed():
            return Response(status=403)
        redis.set(f"session:{request.form['CallSid']}", KILOBYTE, ex=KEPT_S)
        answer = VoiceResponse()
        gather = Gather(num_digits=1, action=f"{base}/voice", timeout=8)
        gather.say("In the past 5 days, did you stop or cut down on any of these? Alcohol: press 1. Benzos: 2.")
        answer.append(gather)
        answer.redirect(f"{base}/voice")
        return Response(str(answer), mimetype="text/xml")

    return app
