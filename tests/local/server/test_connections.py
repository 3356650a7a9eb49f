"""Connections: which one is closed if there are too many."""

from __future__ import annotations

import asyncio

import pytest
import uvicorn
from uvicorn.server import ServerState

from hub_typed.local.server import connections


class Transport:
    """A transport that records that it was closed."""

    def __init__(self) -> None:
        self.closed = False

    def abort(self) -> None:
        self.closed = True

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> None:
        """Return nothing."""


@pytest.fixture
def connect(monkeypatch):
    """Function that creates a connection, of which there may be two."""
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
    loop, state = asyncio.new_event_loop(), ServerState()
    config = uvicorn.Config(print, log_config=None)
    config.load()
    made = []

    def create():
        one = connections.CONNECTION_CLASS(config=config, server_state=state, app_state={}, _loop=loop)
        made.append(one)
        return one

    yield create
    for one in made:
        if one in state.connections:
            one.connection_lost(None)
    loop.close()


def test_a_new_connection_stays_although_others_sent_bytes_since_it_was_accepted(connect):
    old = [connect(), connect()]
    for one in old:
        one.connection_made(Transport())
    new = connect()
    for one in old:
        one.last_active = new.last_active + 1

    new.connection_made(Transport())

    assert [one.transport.closed for one in (*old, new)].count(True) == 1
    assert not new.transport.closed


def test_several_new_connections_at_once_close_as_many_others(connect):
    every = [connect() for _ in range(5)]
    for number, one in enumerate(every):
        one.last_active = number
        one.connection_made(Transport())

    assert [one.transport.closed for one in every] == [True, True, True, False, False]
