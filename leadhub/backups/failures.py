"""What keeps a backup or a restore from being made, with what to do about it."""


class BackupFailed(Exception):
    """There is no new backup; the message says why and what to do. Older ones are as they were."""


class RestoreFailed(Exception):
    """Nothing was restored; the message says why and what to do. The backups are as they were."""
