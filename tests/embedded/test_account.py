"""Servers that root starts run as an account that reaches its programs and nothing more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leadhub.embedded.account import Account, service_account

STRANGER = Account(name="stranger", uid=64_123, gid=64_123)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    place = tmp_path / "open" / "closed"
    place.mkdir(parents=True)
    tmp_path.joinpath("open").chmod(0o755)
    place.chmod(0o700)
    return place / "program"


def test_a_closed_directory_is_in_the_way(program: Path) -> None:
    assert not STRANGER.may_reach(program)


def test_the_owner_of_a_closed_directory_enters_it(program: Path) -> None:
    owner = Account(name="owner", uid=os.geteuid(), gid=os.getegid())

    assert owner.may_reach(program)


def test_nothing_is_in_the_way_in_public_places() -> None:
    assert STRANGER.may_reach(Path("/usr/bin/env"))


def test_only_root_needs_another_account() -> None:
    account = service_account()

    assert (account is None) == (os.geteuid() != 0)
    assert account is None or account.uid != 0
