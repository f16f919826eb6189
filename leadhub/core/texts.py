"""Every text that the product shows, collected from its code and templates for translation."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

APPS = ("leadhub", "partners", "leads", "kpis")
# Nothing that differs from day to day, so that a change of a text is a change of that text alone.
HEADER = """# What leadhub says, in "{language}"; `bin/manage collect_texts` adds new texts.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def catalogue_path(language: str) -> Path:
    """Name the file that holds the translations into a language."""
    return Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"


def collect_texts() -> Catalog:
    """Read every text from the code and the templates, with the files that use it."""
    catalogue = Catalog(charset="utf-8")
    for file, source in _sources():
        found = extract(
            "python", io.BytesIO(source.encode()), KEYWORDS, options={"encoding": "utf-8"}
        )
        for _line, message, _comments, context in found:
            catalogue.add(message, locations=[(file, 0)], context=context)
    return catalogue


def read_catalogue(language: str) -> Catalog:
    """Read the translations into a language as they are stored."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def bring_up_to_date(language: str) -> list[str]:
    """Add new texts to the translations into a language, and drop those no longer used.

    :returns: the texts that have no translation yet.
    """
    catalogue = read_catalogue(language)
    catalogue.update(collect_texts(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(language=language).encode())
        write_po(
            file, catalogue, width=100, include_lineno=False, sort_output=True, omit_header=True
        )
    return [text_of(message) for message in catalogue if not is_translated(message)]


def is_translated(message: Any) -> bool:
    """Tell whether a message says something in the other language, in every number it needs."""
    if not message.id:
        return True
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(strings)


def text_of(message: Any) -> str:
    """Name a message by its text, in the singular."""
    return str(message.id[0] if isinstance(message.id, tuple | list) else message.id)


def _sources() -> Iterator[tuple[str, str]]:
    """Read Python code as it is, and templates as the Python that they stand for."""
    root = Path(settings.BASE_DIR)
    for file in _sorted(path for app in APPS for path in (root / app).rglob("*.py")):
        if "migrations" not in file.parts:
            yield str(file.relative_to(root)), file.read_text("utf-8")
    for file in _sorted((root / "templates").rglob("*.html")):
        lines = templatize(file.read_text("utf-8")).splitlines()
        yield str(file.relative_to(root)), "\n".join(line.strip() for line in lines)


def _sorted(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths)
