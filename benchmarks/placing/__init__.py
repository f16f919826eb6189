"""A synthetic network, how its partners behave, and two ways to place leads in it."""
