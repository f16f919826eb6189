"""Addresses of sites, as people type them and as headers may carry them."""

import pytest

from leadhub.core.sites import NoSite, origin_from, page_from


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.com", "https://www.example.com"),
        (" https://www.Example.com/contact?x=1#y ", "https://www.example.com"),
        ("www.example.com", "https://www.example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("https://wärme.example", "https://xn--wrme-loa.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
    ],
)
def test_reads_the_origin_of_a_site(typed: str, origin: str) -> None:
    assert origin_from(typed) == origin


HOSTILE = [
    "", "https://", "*", "https://*", "https://*.example.com", "'self'", "data:", "blob:x",
    "https:", "javascript:alert(1)", "javascript://example.com/%0aalert(1)",
    "http://www.example.com", "ftp://example.com", "https://user@example.com",
    "https://user:pass@example.com", "https://example.com; script-src *",
    "https://example.com;default-src", "https://example.com\nX-Evil: 1",
    "https://example.com\r\nSet-Cookie: a=b", "https://exam ple.com", "https://example.com:99999",
    "https://example.com:x", "https://[::1]/", "https://10.0.0.1", "https://example", "//x.y",
    "https://-a.example", "https://a..example", "https://exa_mple.com", "https://[x",
    "https://" + "a" * 64 + ".example", 'https://example.com"onload=', "https://example.com\x00",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_reads_nothing_that_is_no_site(typed: str) -> None:
    with pytest.raises(NoSite):
        origin_from(typed)


def test_reads_the_address_of_a_page() -> None:
    assert page_from("Example.com/thanks?a=1#b") == "https://example.com/thanks?a=1#b"
    assert page_from("https://example.com") == "https://example.com"


@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "http://example.com/", "https://example.com/" + "a" * 300]
)
def test_reads_no_address_that_browsers_would_run_or_we_could_not_keep(typed: str) -> None:
    with pytest.raises(NoSite):
        page_from(typed)
