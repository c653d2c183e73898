"""Reading TwiML: strictly, saying what Twilio would refuse."""
