"""A fault that cannot be planted or tried is told from one that the tests catch."""

from __future__ import annotations

import pytest

from leadhub.embedded.failures import CannotStart
from leadhub.embedded.mutants import Mutant, Verdict, choose, judge

MUTANT = Mutant("nobody is asked", "leads/doors.py", "if asked:", "if True:", ("tests/x.py",))
OTHER = Mutant("nothing is masked", "leads/masks.py", "mask()", "", ("tests/x.py",))
FAILED = """F
=========================== short test summary info ============================
FAILED tests/x.py::test_asks[get api-leads] - AssertionError: assert 200 == 404
1 failed in 1.00s
"""
NOT_RUN = FAILED.replace("FAILED", "ERROR")


def test_plants_a_fault_where_its_text_stands_once() -> None:
    assert MUTANT.planted_in("if asked:\n    go()") == "if True:\n    go()"


@pytest.mark.parametrize("text", ["", "if asked:\nif asked:"])
def test_refuses_a_fault_whose_place_is_not_one(text: str) -> None:
    with pytest.raises(CannotStart, match="cannot be planted"):
        MUTANT.planted_in(text)


def test_takes_only_a_test_that_failed_for_a_catch() -> None:
    assert judge(1, FAILED)[:2] == (Verdict.CAUGHT, "tests/x.py::test_asks[get api-leads]")
    assert judge(0, "1 passed").verdict == Verdict.SURVIVED
    assert judge(1, NOT_RUN).verdict == Verdict.BROKEN
    assert judge(2, FAILED).verdict == Verdict.BROKEN
    assert judge(5, "no tests ran").verdict == Verdict.BROKEN


def test_takes_a_product_that_refuses_to_start_for_a_catch_where_it_is_to_refuse() -> None:
    refused = f"UnsafeDatabase: (leadhub.E003)\n{NOT_RUN}"

    assert judge(1, refused, refusal="leadhub.E003").verdict == Verdict.CAUGHT
    assert judge(1, refused, refusal="leadhub.E001").verdict == Verdict.BROKEN
    assert judge(0, "1 passed", refusal="leadhub.E003").verdict == Verdict.SURVIVED


def test_makes_a_database_anew_for_faults_of_the_schema_only() -> None:
    schema = ("leads/migrations/0002_row_security.py", "leadhub/core/tenancy/operations.py")
    faults = [Mutant("", file, "", "", ()) for file in (*schema, "leads/selectors.py")]

    assert [fault.is_in_schema for fault in faults] == [True, True, False]


def test_chooses_by_kind_name_or_file() -> None:
    kinds = {"doors": (MUTANT,), "masks": (OTHER,)}

    assert choose(kinds, []) == kinds
    assert choose(kinds, ["DOORS"]) == {"doors": (MUTANT,)}
    assert choose(kinds, ["nothing is"]) == {"masks": (OTHER,)}
    assert choose(kinds, ["nobody", "masks.py"]) == kinds
    with pytest.raises(CannotStart, match="lists them"):
        choose(kinds, ["no such"])
