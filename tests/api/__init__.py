"""Tests of the REST interface, over the whole request cycle."""
