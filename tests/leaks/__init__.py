"""Attacks on every address with everything that is somebody else's."""
