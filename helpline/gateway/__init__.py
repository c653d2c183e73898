"""The only way out to Twilio."""
