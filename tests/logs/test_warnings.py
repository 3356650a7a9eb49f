"""Lines of code that warnings point at."""

from __future__ import annotations

import asyncio
import warnings

import pytest

from hub_typed import AsyncHfApi, HfApi
from hub_typed.local import LocalHub


@pytest.fixture
def hub():
    with LocalHub() as hub:
        yield hub


def test_a_warning_points_at_the_line_that_called_the_method(hub):
    api = HfApi("http://hub.localhost", hub.token, transport=hub.transport)
    api.create_repo("thing")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        api.update_repo_visibility(f"{hub.user}/thing", private=True)
        api.create_repo("other", space_sdk="static")
    assert [(warning.category, warning.filename) for warning in seen] == [
        (FutureWarning, __file__),
        (UserWarning, __file__),
    ]


def test_a_warning_of_the_asynchronous_client_points_at_the_line_that_awaits(hub):
    async def main():
        async with AsyncHfApi("http://hub.localhost", hub.token, transport=hub.transport) as api:
            await api.create_repo("other", space_sdk="static")

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        asyncio.run(main())
    assert [warning.filename for warning in seen] == [__file__]


def test_who_looks_for_deprecations_sees_them(hub):
    api = HfApi("http://hub.localhost", hub.token, transport=hub.transport)
    api.create_repo("thing")
    with warnings.catch_warnings(record=True) as seen:
        warnings.resetwarnings()
        warnings.filterwarnings("ignore")
        warnings.filterwarnings("default", category=FutureWarning, module=__name__.replace(".", r"\."))
        api.update_repo_visibility(f"{hub.user}/thing", private=True)
    assert len(seen) == 1
