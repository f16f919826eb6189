"""Faults of isolation that the tests have to catch, for `bin/mutants`."""
