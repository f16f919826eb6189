"""The columns of the board of leads: which there are, and what a file has of them.

Who the customer is stands in front of every row and is no column of these.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Column(NamedTuple):
    """A column that may be shown.

    :ivar in_file: the names of its columns in a file.
    :ivar sorting: in which order its head puts the leads, if it can.
    """

    code: str
    label: Any
    in_file: Sequence[str]
    sorting: str = ""

    @property
    def template(self) -> str:
        """Name the template of its cells."""
        return f"leads/desk/board/cells/{self.code}.html"


COLUMNS = {
    column.code: column
    for column in (
        Column("place", _("Place"), ("country", "postal_code", "city"), "town"),
        Column("temperature", _("Temperature"), ("temperature",)),
        Column("status", _("Status"), ("status",)),
        Column("partner", _("Partner"), ("partner",)),
        Column("value", _("Value"), ("expected_value", "currency"), "value"),
        Column("received", _("Received"), ("received_at",), "newest"),
        Column("deadline", _("Deadline"), ("respond_by",), "deadline"),
        Column("lines", _("Product lines"), ("product_lines",)),
        Column("source", _("Source"), ("source",)),
        Column("campaign", _("Campaign"), ("campaign",)),
        Column("evidence", _("Evidence"), ("evidence",)),
        Column("wave", _("Wave"), ("wave",)),
    )
}
USUAL = ("place", "temperature", "status", "partner", "value", "received")


def columns_in(text: str) -> list[Column]:
    """Read which columns are to be shown, in that order.

    :param text: codes between commas; without one that there is, the usual ones are meant.
    """
    codes = dict.fromkeys(code for code in text.split(",") if code in COLUMNS)
    return [COLUMNS[code] for code in codes or USUAL]


def name_columns(codes: Iterable[str]) -> str:
    """Write columns as ``columns_in`` reads them; the usual ones as nothing."""
    known = tuple(dict.fromkeys(code for code in codes if code in COLUMNS))
    return "" if known in ((), USUAL) else ",".join(known)
