"""The demo world, at a small scale."""
