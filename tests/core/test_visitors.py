"""Where a request comes from: what proxies write, and what anybody may have written."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from leadhub.core.visitors import address_of, origin_of


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("10.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:50123", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[2001:db8::7]:50123", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("unknown", "203.0.113.1"),
        ("198.51.100.7,", "203.0.113.1"),
        ("", "203.0.113.1"),
    ],
)
def test_reads_the_address_that_the_proxy_saw(
    settings: Settings, forwarded: str, address: str
) -> None:
    settings.LEADHUB_PROXIES = 1
    request = RequestFactory(REMOTE_ADDR="203.0.113.1", HTTP_X_FORWARDED_FOR=forwarded).get("/")

    assert address_of(request) == address


def test_believes_the_nearest_when_there_are_fewer_proxies_than_told(settings: Settings) -> None:
    settings.LEADHUB_PROXIES = 2
    request = RequestFactory(REMOTE_ADDR="203.0.113.1", HTTP_X_FORWARDED_FOR="10.0.0.1").get("/")

    assert address_of(request) == "203.0.113.1"


def test_believes_no_header_without_a_proxy(settings: Settings) -> None:
    settings.LEADHUB_PROXIES = 0
    request = RequestFactory(REMOTE_ADDR="203.0.113.1", HTTP_X_FORWARDED_FOR="10.0.0.1").get("/")

    assert address_of(request) == "203.0.113.1"


def test_names_nobody_where_a_socket_names_nobody() -> None:
    assert address_of(RequestFactory(REMOTE_ADDR="").get("/")) == "::"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_counts_a_network_of_ipv6_as_one(address: str, origin: str) -> None:
    assert origin_of(RequestFactory(REMOTE_ADDR=address).get("/")) == origin
