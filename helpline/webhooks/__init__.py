"""Every address Twilio posts to. Each request is checked for Twilio's signature before anything else is read."""
