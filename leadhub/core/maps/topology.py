"""Polygons of states from TopoJSON, simplified and projected: how ``land.json`` came to be. Pure.

TopoJSON keeps a border that two states share once, as an arc. Arcs are simplified, not polygons, so
that neighbours still touch. The format: https://github.com/topojson/topojson-specification.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import hypot
from typing import Any

from leadhub.core.maps.projection import UNITS_PER_KM, Point, project

Line = list[Point]
# Natural Earth's letters of Austrian states, where ISO 3166-2 has numbers.
ISO_OF = {
    "AT-BU": "AT-1",
    "AT-KA": "AT-2",
    "AT-NO": "AT-3",
    "AT-OO": "AT-4",
    "AT-SZ": "AT-5",
    "AT-ST": "AT-6",
    "AT-TR": "AT-7",
    "AT-VO": "AT-8",
    "AT-WI": "AT-9",
}
CORNERS_AT_LEAST = 3


def states_of(topology: Mapping[str, Any], *, tolerance_km: float) -> Iterator[dict[str, Any]]:
    """Make a shape of each state: its ISO 3166-2 code, its bounds and its SVG path.

    :param tolerance_km: how far a simplified border may lie from the true one.
    """
    arcs = _simplified_arcs(topology, tolerance_km)
    for state in topology["objects"]["states"]["geometries"]:
        iso = state["properties"]["iso"]
        rings = [_joined(ring, arcs) for ring in _rings(state)]
        yield _shape(ISO_OF.get(iso, iso), rings)


def countries_of(
    topology: Mapping[str, Any], *, tolerance_km: float, smallest_km2: float, within_km: float
) -> Iterator[dict[str, Any]]:
    """Make a shape of each country out of its states, without the borders between these.

    :param smallest_km2: islands below this area are left out.
    :param within_km: what lies farther from the map's origin is left out, such as overseas parts.
    """
    arcs = _simplified_arcs(topology, tolerance_km)
    numbers: dict[str, list[int]] = defaultdict(list)
    for state in topology["objects"]["states"]["geometries"]:
        country = state["properties"]["iso"][:2]
        numbers[country] += [number for ring in _rings(state) for number in ring]
    for country, taken in sorted(numbers.items()):
        # An arc that two states of the country share is no border of the country.
        times = Counter(number if number >= 0 else ~number for number in taken)
        outer = [n for n in taken if times[n if n >= 0 else ~n] == 1]
        rings = [
            ring
            for ring in _closed(outer, arcs)
            if _area(ring) >= smallest_km2 * UNITS_PER_KM**2
            and max(max(map(abs, point)) for point in ring) < within_km * UNITS_PER_KM
        ]
        if rings:
            yield _shape(country, rings)


def _shape(code: str, rings: Iterable[Line]) -> dict[str, Any]:
    drawn = [[Point(round(p.x), round(p.y)) for p in ring] for ring in rings]
    drawn = [ring for ring in drawn if len(ring) > CORNERS_AT_LEAST]
    xs = [point.x for ring in drawn for point in ring]
    ys = [point.y for ring in drawn for point in ring]
    return {
        "code": code,
        "box": [min(xs), min(ys), max(xs), max(ys)],
        "path": "".join(_path(ring) for ring in drawn),
    }


def _simplified_arcs(topology: Mapping[str, Any], tolerance_km: float) -> list[Line]:
    return [_simplified(line, tolerance_km * UNITS_PER_KM) for line in _lines(topology)]


def _lines(topology: Mapping[str, Any]) -> Iterator[Line]:
    """Undo the delta encoding and project."""
    (wide, tall), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        line: Line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append(project(south + y * tall, west + x * wide))
        yield line


def _rings(state: Mapping[str, Any]) -> Iterator[Sequence[int]]:
    """List the closed lines of a state as numbers of arcs; a negative one is taken backwards."""
    polygons = [state["arcs"]] if state["type"] == "Polygon" else state["arcs"]
    return (ring for polygon in polygons for ring in polygon)


def _joined(numbers: Iterable[int], arcs: Sequence[Line]) -> Line:
    line: Line = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        line.extend(arc[1:] if line else arc)
    return line


def _closed(numbers: Iterable[int], arcs: Sequence[Line]) -> Iterator[Line]:
    """Put arcs together to closed lines by where they begin and end."""
    beginning: dict[Point, list[Line]] = defaultdict(list)
    for number in numbers:
        arc = _joined([number], arcs)
        beginning[arc[0]].append(arc)
    for start in list(beginning):
        while beginning[start]:
            line = beginning[start].pop()
            while line[-1] != line[0] and beginning[line[-1]]:
                line = line + beginning[line[-1]].pop()[1:]
            yield line


def _simplified(line: Line, tolerance: float) -> Line:
    """Drop points nearer to the line than the tolerance (Ramer, Douglas and Peucker)."""
    kept = {0, len(line) - 1}
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        between = range(first + 1, last)
        if not between:
            continue
        farthest = max(between, key=lambda i: _distance(line[i], line[first], line[last]))
        if _distance(line[farthest], line[first], line[last]) > tolerance:
            kept.add(farthest)
            spans += [(first, farthest), (farthest, last)]
    return [line[position] for position in sorted(kept)]


def _distance(point: Point, first: Point, last: Point) -> float:
    """Measure how far a point is from a stretch; an arc that closes on itself has no length."""
    length = hypot(last.x - first.x, last.y - first.y)
    if length == 0:
        return hypot(point.x - first.x, point.y - first.y)
    along = (
        (point.x - first.x) * (last.x - first.x) + (point.y - first.y) * (last.y - first.y)
    ) / length**2
    t = max(0.0, min(1.0, along))
    return hypot(
        point.x - first.x - t * (last.x - first.x), point.y - first.y - t * (last.y - first.y)
    )


def _area(ring: Sequence[Point]) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(a.x * b.y - b.x * a.y for a, b in pairs)) / 2


def _path(ring: Sequence[Point]) -> str:
    """Write a closed line as an SVG path of relative steps, which are short."""
    x, y = ring[0]
    steps = []
    for point in ring[1:-1]:
        step = (point.x - x, point.y - y)
        if step != (0, 0):
            steps.append(f"{step[0]:g},{step[1]:g}")
            x, y = point
    return f"M{ring[0].x:g},{ring[0].y:g}l{' '.join(steps)}z"
