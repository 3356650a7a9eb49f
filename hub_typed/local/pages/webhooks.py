"""Page of the webhook deliveries, to send them again."""

from __future__ import annotations

import json
from itertools import islice
from typing import Final

from hub_typed.local.errors import not_found
from hub_typed.local.pages.answers import page, redirect
from hub_typed.local.request.call import Call
from hub_typed.local.webhooks.delivery import without_secrets
from hub_typed_api.serve import Answer, Given

__all__ = ["replay", "show_deliveries"]

_DELIVERIES_SHOWN: Final = 100
_PAYLOAD_SHOWN: Final = 10_000


def show_deliveries(call: Call, _given: Given) -> Answer:
    """Show the latest deliveries, newest first, without secrets."""
    call.check_admin("Webhook deliveries")
    shown = [
        (one, without_secrets(one.url), json.dumps(one.payload, indent=2)[:_PAYLOAD_SHOWN])
        for one in islice(reversed(call.webhooks.deliveries.copy()), _DELIVERIES_SHOWN)
    ]
    return page(call, "webhooks.html", deliveries=shown)


def replay(call: Call, given: Given) -> Answer:
    """Send a delivery again."""
    call.check_admin("Webhook deliveries")
    found = next((one for one in call.webhooks.deliveries.copy() if one.id == given.text("id")), None)
    if found is None:
        raise not_found("The Hub no longer has this delivery")
    call.webhooks.replay(found)
    return redirect("/-/webhooks")
