"""A demo world whose description was lost."""

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from partners.keys import find_key_holder
from partners.models import Manufacturer, User
from tests.demo.conftest import World, load, opens


def test_gives_new_keys_and_passwords_to_the_same_people(world: World) -> None:
    world.path.unlink()

    again = load(world.path)

    for before, after in zip(
        world.description["manufacturers"], again["manufacturers"], strict=True
    ):
        assert after["api_key"] != before["api_key"]
        assert find_key_holder(after["api_key"], at=clock.now()) is not None
        assert [one["id"] for one in after["partners"]] == [one["id"] for one in before["partners"]]
        for one, other in zip(before["partners"], after["partners"], strict=True):
            assert {user["email"] for user in one["users"]} == {
                user["email"] for user in other["users"]
            }
    with system_context("test"):
        assert Manufacturer.objects.count() == len(again["manufacturers"])
        accounts = {user.email: user for user in User.objects.all()}
    for partner in (one["partners"][0] for one in again["manufacturers"]):
        for user in partner["users"]:
            assert opens(accounts[user["email"]], user["password"])
