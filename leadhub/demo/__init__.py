"""The demo world: two invented manufacturers whose networks have worked with leads for months."""
