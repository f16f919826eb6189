"""Calls of every operation of the interface, made from its document."""
