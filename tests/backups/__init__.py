"""A directory of backups: what is kept, refused and said; tests/faults has the rehearsal."""
