"""Past leads with their timestamps, so that a network has figures on its first day.

Rows are read, each checked on its own, and those that are sound stored as if they had happened
here: as events, with the rows that the events tell of. Nothing is routed, sent, timed or counted
against a cap.
"""

from kpis.history.checking import COLUMNS, REASON, REQUIRED_COLUMNS
from kpis.history.importing import Imported, import_history
from kpis.history.reading import RawRow, UnreadableHistory, read_csv, read_json, read_json_rows

__all__ = [
    "COLUMNS",
    "REASON",
    "REQUIRED_COLUMNS",
    "Imported",
    "RawRow",
    "UnreadableHistory",
    "import_history",
    "read_csv",
    "read_json",
    "read_json_rows",
]
