"""Which database connection does what: the owner role migrates, the runtime role does the rest."""

from typing import Any


class OwnerOnlyMigrates:
    """Let only the connection named ``owner`` change the schema."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Refuse migrations over the runtime connection, whose role owns nothing."""
        return db == "owner"

    def allow_relation(self, first: object, second: object, **hints: Any) -> bool:
        """Both connections lead to the same database."""
        return True
