"""A data directory keeps its secrets and ports, and serves one `bin/run` at a time."""

from __future__ import annotations

import json
import socket
import stat
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.directory import DataDirectory, is_free, is_last_user
from leadhub.embedded.failures import CannotStart

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    return DataDirectory.open(tmp_path / "data")


def never() -> None:
    pytest.fail("nobody is to be waited for")


def test_secrets_stay_the_same(directory: DataDirectory) -> None:
    assert directory.secrets() == directory.secrets()


def test_secrets_are_for_their_owner_only(directory: DataDirectory) -> None:
    directory.secrets()

    mode = (directory.state / "secrets.json").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_two_directories_share_no_secret(tmp_path: Path) -> None:
    one, other = (DataDirectory.open(tmp_path / name).secrets() for name in ("one", "other"))

    assert one.owner != other.owner


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    DataDirectory.open(tmp_path)

    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_file_in_its_place_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(CannotStart, match="--data"):
        DataDirectory.open(tmp_path / "data")


def test_ports_are_kept(directory: DataDirectory) -> None:
    first = directory.claim_ports("postgres", "valkey")

    assert directory.claim_ports("postgres", "valkey") == first


def test_a_port_that_was_taken_meanwhile_is_replaced(directory: DataDirectory) -> None:
    kept = directory.claim_ports("postgres")["postgres"]

    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", kept))
        stranger.listen()
        assert directory.claim_ports("postgres")["postgres"] != kept


def test_a_listener_makes_a_port_taken() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert not is_free("127.0.0.1", listener.getsockname()[1])


def test_a_second_run_is_refused(directory: DataDirectory) -> None:
    with directory.held_by_run(never):  # noqa: SIM117 - the second one begins inside the first
        with pytest.raises(CannotStart, match="running already"), directory.held_by_run(never):
            pass


def test_a_command_sees_that_run_holds_the_directory(directory: DataDirectory) -> None:
    with directory.held_by_run(never), directory.shared() as lock:
        assert lock is None


def test_of_two_commands_the_last_one_knows_that_it_is_the_last(directory: DataDirectory) -> None:
    with directory.shared() as first:
        with directory.shared() as second:
            assert first
            assert second
            assert not is_last_user(second)
        assert is_last_user(first)


def test_secrets_of_an_older_leadhub_are_kept_and_what_is_missing_is_drawn(tmp_path: Path) -> None:
    directory = DataDirectory.open(tmp_path)
    path = tmp_path / "state" / "secrets.json"
    older = asdict(directory.secrets())
    del older["backup"]
    path.write_text(json.dumps(older), "utf-8")

    newer = asdict(directory.secrets())

    assert newer.items() > older.items()
    assert newer["backup"]
    assert asdict(directory.secrets()) == newer
