"""Statistics of other libraries, which are sent to the Hub if the user has switched that on."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from hub_typed import constants
from hub_typed.errors import HubError
from hub_typed.sessions.headers import build_hf_headers
from hub_typed.sessions.session import get_session
from hub_typed.settings import is_true, process_environment

__all__ = ["send_telemetry"]

VARIABLE: Final = "HUB_TYPED_TELEMETRY"


def send_telemetry(
    topic: str,
    *,
    library_name: str | None = None,
    library_version: str | None = None,
    user_agent: Mapping[str, object] | str | None = None,
) -> None:
    """Count a use of a library, in the background; nothing is sent unless ``HUB_TYPED_TELEMETRY=1`` is set.

    Nor is anything sent with ``HF_HUB_DISABLE_TELEMETRY``, ``DO_NOT_TRACK`` or in offline mode. Failures are ignored.

    Args:
        topic: What was used, for example ``gradio/launched``.
        library_name: Name of the library.
        library_version: Version of the library.
        user_agent: Further parts of the ``User-Agent``, as a mapping or as text.
    """
    wanted = is_true(process_environment().get(VARIABLE))
    if not wanted or constants.HF_HUB_DISABLE_TELEMETRY or constants.HF_HUB_OFFLINE:
        return
    headers = build_hf_headers(
        token=False, library_name=library_name, library_version=library_version, user_agent=user_agent
    )

    def send() -> None:
        with suppress(HubError, ValueError):
            get_session().head(f"{constants.ENDPOINT}/api/telemetry/{topic}", headers=headers)

    threading.Thread(target=send, name="hub-typed-telemetry", daemon=True).start()
