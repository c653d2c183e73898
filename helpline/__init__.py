"""The running service: webhooks and channels, the store, the gateway to Twilio, and the staff pages."""
