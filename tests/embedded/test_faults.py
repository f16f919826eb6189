"""What was told while faults were tried comes onto the page of promises, and nothing else does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leadhub.embedded.faults import read_figures, written_into

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """| # | promise | shown by | last figure |
| --- | --- | --- | --- |
| P1 | One winner. | `tests/faults/test_acceptance.py` | 0 of 10 (2026-01-01) |
| P11 | No byte crosses. | `tests/leaks/test_leaks.py` | 0 leaking of 16,530 |

Not promised: P1 of others.
"""


def test_writes_figures_with_their_day_into_their_rows() -> None:
    page = written_into(PAGE, {"P1": ["0 of 2,000", "300 planted"], "P9": ["x"]}, day="2026-03-02")

    assert "`tests/faults/test_acceptance.py` | 0 of 2,000; 300 planted (2026-03-02) |" in page
    assert page.replace("0 of 2,000; 300 planted (2026-03-02)", "0 of 10 (2026-01-01)") == PAGE


def test_leaves_out_promises_that_were_not_wholly_shown(tmp_path: Path) -> None:
    told = tmp_path / "told"
    lines = [("P2", "a"), ("P1", "b"), ("P2", "c"), ("P10", "d"), ("P10", None)]
    told.write_text("".join(json.dumps({"promise": p, "figure": f}) + "\n" for p, f in lines))

    assert read_figures(told) == {"P1": ["b"], "P2": ["a", "c"]}
