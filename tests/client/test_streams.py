"""Streaming operations without a method of their own, called through both clients."""

from __future__ import annotations

import pytest

from hub_typed import RepositoryNotFoundError, operations
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

LINES = [
    "data: \n\n",
    'data: {"data":"Building","timestamp":"2026-01-02T03:04:05.000Z"}\n\n',
    'data: {"data":"Done"}\n\n',
]


def test_the_events_of_a_stream_come_one_by_one(play):
    async def scenario(side):
        def logs(incoming):
            if not incoming.path.endswith("/logs/build"):
                return None
            body = Source(lambda: (line.encode() for line in LINES))
            return Answer(status=200, headers={"content-type": "text/event-stream"}, body=body)

        side.hub.hub.intercept = logs
        followed = side.api.stream(operations.spaces.stream_space_logs(side.repo, "build"))
        assert [event.data async for event in followed] == ["Building", "Done"]
        side.hub.hub.intercept = None
        with pytest.raises(RepositoryNotFoundError):  # it is no Space
            [event async for event in side.api.stream(operations.spaces.stream_space_logs(side.repo, "run"))]

    play(scenario)


def test_an_operation_is_sent_as_a_value_and_listed_page_by_page(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        for number in range(3):
            await api.create_repo(f"{repo}-{number}")
        info = await api.call(operations.models.model_info(f"{repo}-0"))
        assert info.id == f"{repo}-0"
        pages = [page async for page in api.pages(operations.models.list_models(limit=2))]
        assert [len(page.items) for page in pages] == [2, 1]

    play(scenario)
