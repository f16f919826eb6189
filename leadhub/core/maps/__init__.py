"""Maps drawn on the server as SVG: land, circles and signs. No tiles, no scripts, no other host.

``draw_map`` makes a picture of signs and circles, the component ``<c-land_map>`` shows it.
"""

from leadhub.core.maps.land import middle_of
from leadhub.core.maps.pictures import Circle, Picture, Sign, draw_map
from leadhub.core.maps.signs import SHAPES, TONES

__all__ = ["SHAPES", "TONES", "Circle", "Picture", "Sign", "draw_map", "middle_of"]
