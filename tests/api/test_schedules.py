"""Schedules through the API and its client."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from tests.clinic import serve, settings_of

from hctap_api.main import create_app
from hctap_client import Client
from hctap_core.errors import NotAllowed, ScheduleNotFound, UnknownExtractor
from hctap_core.orders import RunOrder
from hctap_core.permissions import Role
from hctap_core.schedules import ScheduleOrder
from hctap_embedded.stack import Stack
from hctap_stores.database import keys
from hctap_stores.database.connection import Database
from hctap_stores.database.revisions import upgrade

pytestmark = pytest.mark.stack

NIGHTLY = ScheduleOrder(cron="0 2 * * *", order=RunOrder(extractor="rules", incremental=True))


@pytest.fixture(scope="module")
def place(stack: Stack, new_database: Callable[[], str]) -> Iterator[tuple[str, dict[Role, str]]]:
    """An API that asks for keys, and one of each role."""
    url = new_database()
    upgrade(url)
    with Database(url) as database:
        tokens = {role: keys.create_key(database, role.value, role).token for role in Role}
    with serve(create_app(settings_of(stack, url, HCTAP_API_OPEN="0"))) as address:
        yield address, tokens


def test_an_operator_keeps_one_and_takes_it_away(place: tuple[str, dict[Role, str]]) -> None:
    url, tokens = place
    with Client(url, key=tokens[Role.OPERATOR]) as client:
        made = client.put_schedule("nightly", NIGHTLY)
        assert (made.name, made.cron, made.order) == ("nightly", "0 2 * * *", NIGHTLY.order)
        assert made.next_at is not None
        assert client.schedules().schedules == (made,)
        assert client.remove_schedule("nightly") == made
        assert client.schedules().schedules == ()
        with pytest.raises(ScheduleNotFound):
            client.remove_schedule("nightly")
        with pytest.raises(UnknownExtractor):
            client.put_schedule("nightly", NIGHTLY.model_copy(update={"order": RunOrder(extractor="magic")}))
    with Client(url, key=tokens[Role.ADMIN]) as admin:
        assert {"schedule.put", "schedule.remove"} <= {entry.action for entry in admin.audit().entries}


@pytest.mark.parametrize("role", [Role.READER, Role.ANALYST])
def test_who_may_not_start_runs_may_look_at_schedules_alone(place: tuple[str, dict[Role, str]], role: Role) -> None:
    url, tokens = place
    with Client(url, key=tokens[role]) as client:
        assert client.schedules().schedules == ()
        with pytest.raises(NotAllowed):
            client.put_schedule("nightly", NIGHTLY)
        with pytest.raises(NotAllowed):
            client.remove_schedule("nightly")


@pytest.mark.parametrize(("name", "cron"), [("a b", "0 2 * * *"), ("nightly", "whenever")])
def test_what_cannot_be_kept_is_refused(place: tuple[str, dict[Role, str]], name: str, cron: str) -> None:
    url, tokens = place
    headers = {"Authorization": f"Bearer {tokens[Role.ADMIN]}"}
    assert httpx.put(f"{url}/v1/schedules/{name}", json={"cron": cron}, headers=headers).status_code == 422
