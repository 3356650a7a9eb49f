"""Quotas of the Hub: requests wait for the next window before they would be refused.

The Hub counts the requests of an account in fixed windows, separately for its API, for files and for pages. Its
responses say how many are left (``RateLimit``), but not which of the requests in flight they have counted. So a request
is sent only if it is allowed even if none of those in flight was counted.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from hub_typed.http.header_values import policy_name, quota_policy, rate_limit
from hub_typed.logs.logger import log as _log
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.urls.url import Url

__all__ = ["Quotas", "Turn", "quota_key"]

Key: TypeAlias = tuple[tuple[str, str, int], str, str]
"""Origin, credentials and name of the policy."""

MAX_WINDOWS: Final = 256
"""Maximum number of remembered windows; the oldest are forgotten."""
RECHECK_SECONDS: Final = 0.1
"""Seconds until the next look, while responses to requests in flight will tell whether another one is allowed."""


class Window:
    """What is left of a quota in its current window. The lock of `Quotas` protects it."""

    __slots__ = ("in_flight", "left", "length", "quota", "resets", "told")

    def __init__(self) -> None:
        self.quota: float = math.inf  # requests in a whole window; infinite if unknown
        self.length: float = math.inf  # seconds of a window
        self.left: float = math.inf  # requests left, according to the responses received
        self.resets: float = math.inf  # time of the end of the window; infinite if unknown
        self.in_flight: int = 0
        self.told: float = 0.0  # end of the last window in which a wait was logged

    def delay(self, now: float) -> float:
        """Return the seconds until another request may be sent."""
        if now >= self.resets:
            self.left, self.resets = self.quota, math.inf
        if self.left > self.in_flight:
            return 0.0
        return RECHECK_SECONDS if self.left > 0 else self.resets - now

    def update(self, left: float, seconds: float, now: float) -> None:
        """Take over what a response says; responses may arrive out of order."""
        resets = now + seconds + 1  # the Hub rounds down
        shift = resets - self.resets
        if math.isinf(self.resets) or now >= self.resets or shift > self.length / 2:
            self.left, self.resets = left, resets
        elif shift >= -self.length / 2:  # otherwise, it is a late response of an earlier window
            self.left, self.resets = min(self.left, left), min(self.resets, resets)


class Quotas:
    """Quotas known to a client, by server, token and policy; shared by its threads."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[Key, Window] = {}
        self._policies: dict[str, str] = {}  # names of policies that the Hub uses, by those that the path suggests
        self._pid = os.getpid()

    def _reset_after_fork(self) -> None:
        """After a fork, forget the requests in flight of the parent and its lock, which may be held."""
        if self._pid != os.getpid():
            self._clear()

    def begin(self, key: Key, now: float, until: float, longest: float) -> Window | float:
        """Count a request as in flight, in the returned window, or return the seconds to wait; see `Turn.begin`."""
        self._reset_after_fork()
        with self._lock:
            window = self._window(key)
            delay = window.delay(now)
            if 0 < delay <= min(longest, until - now):
                if delay > RECHECK_SECONDS and now >= window.told:
                    window.told = window.resets
                    _log.info(
                        "The quota %r of %s is used up; requests wait for %.0f s until it is renewed",
                        self._policies.get(key[2], key[2]),
                        key[0][1],
                        delay,
                    )
                return delay
            window.in_flight += 1
            return window

    def end(self, key: Key, window: Window, response: Response | None, now: float) -> None:
        """Count a request as answered, and take over what its response says about the quota."""
        headers: Mapping[str, str] = {} if response is None else response.headers
        text = headers.get("ratelimit", "")
        limit = rate_limit(text) if text else None
        self._reset_after_fork()
        with self._lock:
            window.in_flight -= 1
            if limit is None:
                window.left -= 1  # unless it is infinite
                return
            if (name := policy_name(text) or key[2]) != self._policies.get(key[2], key[2]):
                self._policies[key[2]] = name
                self._windows.setdefault((*key[:2], name), window)  # which has the requests in flight
            window = self._window(key)
            if policy := quota_policy(headers.get("ratelimit-policy", "")):
                window.quota, window.length = policy
            window.update(*limit, now)

    def _window(self, key: Key) -> Window:
        origin, credentials, kind = key
        key = origin, credentials, self._policies.get(kind, kind)
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window()
            if len(self._windows) > MAX_WINDOWS:
                del self._windows[next(iter(self._windows))]
        return window


class Turn:
    """A request that counts against a quota while it is in flight."""

    __slots__ = ("_clock", "_key", "_quotas", "_window")

    def __init__(self, quotas: Quotas, clock: Callable[[], float]) -> None:
        """Prepare a request.

        Args:
            clock: Returns the time in seconds since 1970.
        """
        self._quotas = quotas
        self._clock = clock
        self._key: Key | None = None
        self._window: Window | None = None

    def begin(self, key: Key, until: float, longest: float) -> float:
        """Count the request as in flight and return 0, or return the seconds to wait before the next call.

        Args:
            until: Time until which the request may wait; if more time is needed, the Hub decides about the request.
            longest: Maximum number of seconds to wait; the same.
        """
        found = self._quotas.begin(key, self._clock(), until, longest)
        if not isinstance(found, Window):
            return found
        self._key, self._window = key, found
        return 0.0

    def end(self, response: Response | None) -> None:
        """End with the status and headers of the response, or without one; only the first call counts."""
        window, self._window = self._window, None
        if window is not None and self._key is not None:
            self._quotas.end(self._key, window, response, self._clock())


def quota_key(sent: Request, url: Url) -> Key:
    """Return the key of the quota that a request to the Hub counts against."""
    return url.origin, sent.headers.get("authorization", ""), _suggested_policy(url.path)


def _suggested_policy(path: str) -> str:
    """Return the name of the policy that a path suggests; responses may name another one."""
    if "/resolve/" in path or "/api/resolve-cache/" in path:
        return "resolvers"
    return "api" if "/api/" in path else "pages"
