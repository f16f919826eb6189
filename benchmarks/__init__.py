"""Measurements: each script prints ours, the limit measured in the same run, and the goal."""
