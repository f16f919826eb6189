"""Translations, compiled beside their sources when these are newer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadhub.embedded.failures import CannotStart

if TYPE_CHECKING:
    from pathlib import Path


def stale_translations(root: Path) -> list[Path]:
    """Return the sources of translations that are not compiled, or have changed since."""
    found = root.glob("locale/*/LC_MESSAGES/*.po")
    return sorted(source for source in found if _is_stale(source))


def compile_translations(root: Path) -> None:
    """Compile what is stale; Django reads translations when it starts.

    :raises CannotStart: if a source is no translation.
    """
    for source in stale_translations(root):
        _compile(source)


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns <= source.stat().st_mtime_ns


def _compile(source: Path) -> None:
    """Compile to another name first, so that a process that starts now reads a whole file."""
    # 60 ms of every start, were they imported above; this is needed after a change only
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415

    try:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3], abort_invalid=True)
    except (PoFileError, ValueError) as error:
        msg = f"The translations in {source} cannot be read ({error}): mend that and start again."
        raise CannotStart(msg) from error
    new = source.with_suffix(".mo.new")
    with new.open("wb") as file:
        write_mo(file, catalogue)
    new.replace(source.with_suffix(".mo"))
