"""Real places: where partners have their workshop and where customers live."""

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from leadhub.core.geo import KM_PER_DEGREE, distance_km
from leadhub.core.models import PostalCode
from leadhub.demo.chance import Dice

MUNICH, HAMBURG = ("DE", "80331"), ("DE", "20095")
CITIES = {
    MUNICH: "München",
    HAMBURG: "Hamburg",
    ("DE", "10115"): "Berlin",
    ("DE", "50667"): "Köln",
    ("AT", "1010"): "Wien",
    ("CH", "8001"): "Zürich",
    ("DE", "60311"): "Frankfurt am Main",
    ("DE", "70173"): "Stuttgart",
    ("DE", "40213"): "Düsseldorf",
    ("DE", "04109"): "Leipzig",
    ("DE", "44135"): "Dortmund",
    ("DE", "28195"): "Bremen",
    ("DE", "01067"): "Dresden",
    ("DE", "30159"): "Hannover",
    ("DE", "90402"): "Nürnberg",
    ("AT", "8010"): "Graz",
    ("AT", "4020"): "Linz",
    ("CH", "3011"): "Bern",
    ("CH", "4051"): "Basel",
    ("DE", "33602"): "Bielefeld",
    ("DE", "48143"): "Münster",
    ("DE", "68159"): "Mannheim",
    ("DE", "86150"): "Augsburg",
    ("DE", "38100"): "Braunschweig",
    ("DE", "24103"): "Kiel",
    ("DE", "39104"): "Magdeburg",
    ("DE", "79098"): "Freiburg im Breisgau",
    ("DE", "99084"): "Erfurt",
    ("DE", "18055"): "Rostock",
    ("DE", "34117"): "Kassel",
    ("DE", "66111"): "Saarbrücken",
    ("DE", "93047"): "Regensburg",
    ("DE", "97070"): "Würzburg",
    ("DE", "89073"): "Ulm",
    ("DE", "54290"): "Trier",
    ("DE", "87435"): "Kempten",
    ("DE", "26122"): "Oldenburg",
    ("AT", "5020"): "Salzburg",
    ("AT", "6020"): "Innsbruck",
    ("AT", "9020"): "Klagenfurt",
    ("AT", "3100"): "St. Pölten",
    ("CH", "6003"): "Luzern",
    ("CH", "9000"): "St. Gallen",
    ("CH", "7000"): "Chur",
}
COUNTRIES = (("DE", 0.72), ("AT", 0.14), ("CH", 0.14))
# Texts are German: Switzerland is drawn from where German is spoken.
FRENCH_OR_ITALIAN = frozenset(("CH-FR", "CH-GE", "CH-JU", "CH-NE", "CH-TI", "CH-VD", "CH-VS"))
# Big receivers of mail have postal codes of their own, named after them; nobody lives there.
TOWN = re.compile(
    r"((Bad|Sankt|St\.|Markt|Burg|Groß|Klein|Hohen|Neu|Alt) )?[A-ZÄÖÜ][a-zäöüéèß]+"
    r"(-[A-ZÄÖÜ]?[a-zäöüß]+)*( (an|am|auf|bei|beim|im|in|ob|unter|vor|a\.|b\.|i\.) ?\S.*)?"
)
NO_TOWN = re.compile(
    r"bank|kasse|versicher|verlag|versand|werke?\b|amt\b|gericht|klini|kranken|kammer|anstalt"
    r"|universit|zentrum|telekom|post\b|bibliothek|ministerium|GmbH|[&/\d]|\b[A-Z]{2}",
)
APART_KM = 17.0
# The first wave asks three: with no more than that in reach, Munich's own is always among them.
AROUND_MUNICH_KM, AROUND_MUNICH_MOST = 70.0, 3


class Spot(NamedTuple):
    """A postal code with its town and centre (degrees)."""

    country: str
    postal_code: str
    city: str
    region: str
    latitude: float
    longitude: float

    def km_to(self, other: "Spot") -> float:
        """Measure the great-circle distance in kilometres."""
        return distance_km(self.latitude, self.longitude, other.latitude, other.longitude)


class Atlas:
    """All places that are known, to choose from."""

    def __init__(self) -> None:
        rows = PostalCode.objects.order_by("country", "code").values_list(
            "country", "code", "name", "region", "latitude", "longitude"
        )
        spots = [
            Spot(country, code, CITIES.get((country, code)) or _town(name), region, north, east)
            for country, code, name, region, north, east in rows
            if region not in FRENCH_OR_ITALIAN
        ]
        spots = [spot for spot in spots if TOWN.fullmatch(spot.city) and not _is_no_town(spot)]
        self.spots = {(spot.country, spot.postal_code): spot for spot in spots}
        spots.sort(key=lambda spot: (spot.latitude, spot.postal_code))
        self._by_country = {
            country: [spot for spot in spots if spot.country == country] for country, _ in COUNTRIES
        }

    def any_spot(self, dice: Dice) -> Spot:
        """Choose a place; where many people live there are many postal codes."""
        shares = [(country, share) for country, share in COUNTRIES if self._by_country[country]]
        return dice.choice(self._by_country[dice.one_of(shares)])

    def around(self, centre: Spot, radius_km: float) -> list[Spot]:
        """List the places of the same country within a radius, the centre among them."""
        tall = radius_km / KM_PER_DEGREE
        spots = self._by_country[centre.country]
        first = bisect_left(spots, centre.latitude - tall, key=_latitude)
        last = bisect_right(spots, centre.latitude + tall, key=_latitude)
        return [spot for spot in spots[first:last] if spot.km_to(centre) <= radius_km]

    def network(self, dice: Dice, count: int) -> list[Spot]:
        """Choose places for partners: Munich, Hamburg, other cities, then towns apart from them."""
        chosen = [self.spots[key] for key in CITIES if key in self.spots][: max(2, count * 5 // 8)]
        # One network has not every city, and in no set order after the first six.
        tail = chosen[6:]
        dice.shuffle(tail)
        chosen[6:] = tail[: len(tail) * 4 // 5]
        for _ in range(count * 200):
            if len(chosen) >= count:
                break
            spot = self.any_spot(dice)
            if _is_free(spot, chosen):
                chosen.append(spot)
        return chosen


def _is_free(spot: Spot, chosen: list[Spot]) -> bool:
    munich = chosen[0]
    if any(spot.km_to(other) < APART_KM for other in chosen):
        return False
    if spot.km_to(munich) > AROUND_MUNICH_KM:
        return True
    near = sum(1 for other in chosen if other.km_to(munich) <= AROUND_MUNICH_KM)
    return near < AROUND_MUNICH_MOST


def _is_no_town(spot: Spot) -> bool:
    return NO_TOWN.search(spot.city) is not None


def _latitude(spot: Spot) -> float:
    return spot.latitude


def _town(name: str) -> str:
    """Shorten a name such as "Graz,10.Bez.:Ries" or "Stuttgart Stuttgart-Mitte" to the town's."""
    town = name.split(",", maxsplit=1)[0].strip()
    first, _, rest = town.partition(" ")
    return first if rest.startswith(f"{first}-") else town
