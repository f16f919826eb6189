"""Runs every command of docs/api-walkthrough.md against a server and compares the answers."""

from pathlib import Path

from tests.factories import Network
from tests.snippets import Reader, read_page


def test_every_command_of_the_walkthrough_answers_as_shown(base: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path, BASE=base, KEY=Network("walkthrough").api_key)

    for step in read_page("api-walkthrough.md"):
        reader.do(step)
