"""The emulator's own API: telephones, clock, journal, faults. Twilio has nothing like it."""
