"""Turns what the flows say into what Twilio is told; sees neither Redis nor Flask."""
