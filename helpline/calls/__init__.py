"""What only a call has: the hold, the voicemail, the text that follows."""
