"""PostgreSQL as the runtime role uses it: Django's own backend, which refuses what is not safe."""
