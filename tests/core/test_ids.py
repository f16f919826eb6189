"""Identifiers."""

from leadhub.core.ids import new_id


def test_makes_version_7_ids_in_the_order_of_their_making() -> None:
    ids = [new_id() for _ in range(2_000)]

    assert len(set(ids)) == len(ids)
    assert {(made.version, made.variant) for made in ids} == {(7, "specified in RFC 4122")}
    milliseconds = [made.int >> 80 for made in ids]
    assert milliseconds == sorted(milliseconds)
