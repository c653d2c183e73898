"""What a beginner's tutorial builds: a menu in Flask with Twilio's library; no signature, no memory, no staff."""

from flask import Flask, Response, request
from twilio.twiml.messaging_response import MessagingResponse


def create() -> Flask:
    app = Flask(__name__)
    answers = {
        "1": "Is anyone in danger right now? 1 yes, 2 no.",
        "2": "Questions: 1 is ketamine an opioid? 2 how does it differ?",
        "4": "Programs: 1 day program, 2 evening program.",
    }

    @app.post("/sms")
    def sms() -> Response:
        answer = MessagingResponse()
        answer.message(answers.get(request.form.get("Body", "").strip(), "Reply 1 help, 2 questions, 4 programs."))
        return Response(str(answer), mimetype="text/xml")

    return app
