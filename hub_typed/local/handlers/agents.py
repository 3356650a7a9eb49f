"""Handler of agent harnesses: the embedded Hub knows none, as Hubs from before there was such a list."""

from __future__ import annotations

from hub_typed.local.errors import not_found
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.server.agents import AgentsHandlers

__all__ = ["Agents"]


class Agents(AgentsHandlers[Call]):
    """Handlers of the operations in the area ``agents``."""

    def get_agent_harnesses(self, call: Call) -> models.AgentHarnesses:
        # Clients ask for the list when they start, and go on without it.
        raise not_found()
