"""``/metrics``: what Prometheus is told, if it knows the token; to others there is no such page."""

import logging
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from leadhub.core.metrics import read_processes
from leads.readings import Reading, read_state

logger = logging.getLogger(__name__)


def metrics(request: HttpRequest) -> HttpResponse:
    """Tell everything that is counted and read, as text."""
    if not _may_ask(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_State())
    read_processes(registry)
    return HttpResponse(
        generate_latest(registry),
        content_type=CONTENT_TYPE_LATEST,
        headers={"Cache-Control": "no-store"},
    )


def _may_ask(request: HttpRequest) -> bool:
    kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return (
        bool(settings.METRICS_TOKEN)
        and kind.lower() == "bearer"
        and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    )


class _State:
    """Reads the database when it is collected; one that does not answer is told as such."""

    def collect(self) -> Iterator[Metric]:
        """Make a metric of each reading."""
        try:
            readings = read_state()
        except Error as error:
            logger.warning("the state cannot be read: %s", type(error).__name__)
            readings = []
        readable = "Whether the database answered for what is read from it."
        yield GaugeMetricFamily("leadhub_state_readable", readable, float(bool(readings)))
        by_name = sorted(readings, key=attrgetter("name"))
        for _, group in groupby(by_name, key=attrgetter("name")):
            yield _family(list(group))


def _family(readings: list[Reading]) -> Metric:
    first = readings[0]
    labels = [first.label[0]] if first.label else []
    family = GaugeMetricFamily(first.name, first.help, labels=labels)
    for reading in readings:
        family.add_metric([reading.label[1]] if reading.label else [], reading.value)
    return family
