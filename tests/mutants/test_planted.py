"""Every fault of the list can still be planted, by hand or by `bin/mutants`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadhub.embedded.mutants import Mutant
from tests.mutants.planted import PLANTED

ROOT = Path(__file__).resolve().parents[2]
ALL = [mutant for mutants in PLANTED.values() for mutant in mutants]


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_can_be_planted_and_read_by_python(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text("utf-8")

    planted = mutant.planted_in(text)

    assert planted != text
    compile(planted, mutant.file, "exec")


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_names_tests_that_exist(mutant: Mutant) -> None:
    named = {test.partition("[")[0] for test in mutant.tests}

    assert named
    assert named - set(known(mutant)) == set()


def known(mutant: Mutant) -> Iterator[str]:
    """The named files, and the tests that they define."""
    for file in {test.partition("::")[0] for test in mutant.tests}:
        if (ROOT / file).is_file():
            yield file
            for line in (ROOT / file).read_text("utf-8").splitlines():
                if line.startswith("def test_"):
                    yield f"{file}::{line.removeprefix('def ').partition('(')[0]}"


def test_names_every_fault_once_and_two_of_each_kind() -> None:
    names = [(kind, mutant.name) for kind, mutants in PLANTED.items() for mutant in mutants]

    assert len(names) == len(set(names))
    assert [kind for kind, mutants in PLANTED.items() if len(mutants) < 2] == []
