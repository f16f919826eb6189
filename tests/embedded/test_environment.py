"""The Python environment is made anew exactly when something it was made from has changed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded import environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    locks = tmp_path / "requirements"
    locks.mkdir()
    for name in ("uv", "base", "dev"):
        (locks / f"{name}.txt").write_text(f"{name}==1\n")
    return tmp_path


def install(checkout: Path, stamp: environment.Stamp) -> None:
    """Leave what an installation leaves: an interpreter and the stamp."""
    python = environment.python_of(checkout)
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()
    (checkout / ".venv" / "leadhub.json").write_text(json.dumps(stamp._asdict()))


def test_an_unchanged_environment_covers_the_next_start(checkout: Path) -> None:
    install(checkout, environment.wanted_stamp(root=checkout, level="base"))

    found = environment.read_stamp(checkout)

    assert found
    assert found.covers(environment.wanted_stamp(root=checkout, level="base"))


def test_the_environment_of_the_tests_covers_the_application(checkout: Path) -> None:
    stamp = environment.wanted_stamp(root=checkout, level="dev")

    assert stamp.covers(environment.wanted_stamp(root=checkout, level="base"))


def test_the_environment_of_the_application_does_not_cover_the_tests(checkout: Path) -> None:
    stamp = environment.wanted_stamp(root=checkout, level="base")

    assert not stamp.covers(environment.wanted_stamp(root=checkout, level="dev"))


@pytest.mark.parametrize("name", ["uv", "base"])
def test_a_changed_lock_file_asks_for_another_environment(checkout: Path, name: str) -> None:
    stamp = environment.wanted_stamp(root=checkout, level="base")

    (checkout / "requirements" / f"{name}.txt").write_text("changed==2\n")

    assert not stamp.covers(environment.wanted_stamp(root=checkout, level="base"))


def test_a_copied_environment_is_not_used(checkout: Path) -> None:
    stamp = environment.wanted_stamp(root=checkout, level="base")

    assert not stamp._replace(place="/elsewhere/.venv").covers(stamp)


def test_an_interrupted_installation_leaves_no_stamp_that_counts(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "leadhub.json").write_text('{"level": "ba')

    assert environment.read_stamp(checkout) is None


def test_a_failing_installation_names_its_log(checkout: Path) -> None:
    log = checkout / "install.log"
    # as if the first step had succeeded: the interpreter there cannot install anything
    install(checkout, environment.wanted_stamp(root=checkout, level="base"))
    python = environment.python_of(checkout)
    python.unlink()
    python.write_text(f"#!{sys.executable}\nraise SystemExit('No space left on device')\n")
    python.chmod(0o755)
    (checkout / "requirements" / "base.txt").write_text("changed==2\n")

    with pytest.raises(environment.SetUpFailed, match="disk is full") as failure:
        environment.ensure_environment(root=checkout, level="base", log_file=log)

    assert str(log) in str(failure.value)
