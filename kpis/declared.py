"""Every figure there is, in the order in which the catalogue lists them."""

from kpis.definitions import Figure
from kpis.network_figures import NETWORK_FIGURES
from kpis.pick_figures import PICK_FIGURES

CATALOGUE: tuple[Figure, ...] = (*PICK_FIGURES, *NETWORK_FIGURES)
