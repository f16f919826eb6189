"""Management commands of backups."""
