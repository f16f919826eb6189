"""Two at once: each test holds both at the read that the lock protects."""
