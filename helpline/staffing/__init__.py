"""How many people and processes a line needs: forecasts from arrivals, checked by simulation in the tests."""
