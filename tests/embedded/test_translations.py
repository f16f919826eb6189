"""Translations are compiled when their sources are newer, and only then."""

from __future__ import annotations

import gettext
import os
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.failures import CannotStart
from leadhub.embedded.translations import compile_translations, stale_translations

if TYPE_CHECKING:
    from pathlib import Path

GERMAN = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Accept"
msgstr "Übernehmen"

msgid "%(count)s lead"
msgid_plural "%(count)s leads"
msgstr[0] "%(count)s Anfrage"
msgstr[1] "%(count)s Anfragen"

#, fuzzy
msgid "Decline"
msgstr "Vielleicht"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"
    made.parent.mkdir(parents=True)
    made.write_text(GERMAN, "utf-8")
    return made


def german(root: Path) -> gettext.NullTranslations:
    return gettext.translation("django", root / "locale", ["de"])


def test_django_can_read_what_was_compiled(source: Path, tmp_path: Path) -> None:
    compile_translations(tmp_path)

    words = german(tmp_path)
    assert words.gettext("Accept") == "Übernehmen"
    assert words.ngettext("%(count)s lead", "%(count)s leads", 2) == "%(count)s Anfragen"


def test_a_guessed_translation_is_left_out(source: Path, tmp_path: Path) -> None:
    compile_translations(tmp_path)

    assert german(tmp_path).gettext("Decline") == "Decline"


def test_what_is_compiled_is_not_stale(source: Path, tmp_path: Path) -> None:
    compile_translations(tmp_path)

    assert stale_translations(tmp_path) == []


def test_a_newer_source_is_compiled_again(source: Path, tmp_path: Path) -> None:
    compile_translations(tmp_path)
    source.write_text(GERMAN.replace("Übernehmen", "Annehmen"), "utf-8")
    later = source.with_suffix(".mo").stat().st_mtime + 1
    os.utime(source, (later, later))

    compile_translations(tmp_path)

    assert german(tmp_path).gettext("Accept") == "Annehmen"


@pytest.mark.parametrize(
    "text",
    [b'msgid "Accept"\nmsgstr "Annehmen"\n<<<<<<< ours\n', b'msgid "Zur\xfcck"\nmsgstr ""\n'],
)
def test_a_broken_source_is_named(source: Path, tmp_path: Path, text: bytes) -> None:
    source.write_bytes(text)

    with pytest.raises(CannotStart, match=r"django\.po cannot be read"):
        compile_translations(tmp_path)

    assert stale_translations(tmp_path) == [source]
