"""Embedded Hub without sockets: maps one request to one response."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.accounts.identity import Identity
from hub_typed.local.accounts.repo_tokens import identify_by_repo_token
from hub_typed.local.buckets.store import Buckets
from hub_typed.local.community.attachments import Attachments
from hub_typed.local.community.collections import Collections
from hub_typed.local.community.community import Community
from hub_typed.local.errors import HubResponseError
from hub_typed.local.faults.model import ExpiredTokens, ExpiredUrls, Fault
from hub_typed.local.faults.passage import cut_at
from hub_typed.local.faults.responses import error_of, is_refusal
from hub_typed.local.faults.rules import CONTROL, Faults
from hub_typed.local.git.http_backend import Backend
from hub_typed.local.incoming_request import IncomingRequest, IncompleteBodyError
from hub_typed.local.inference.endpoints import InferenceEndpoints
from hub_typed.local.jobs.jobs import Jobs
from hub_typed.local.jobs.processes import open_jobs
from hub_typed.local.jobs.scheduled_jobs import ScheduledJobs
from hub_typed.local.jobs.volumes import Volumes
from hub_typed.local.json_files import make_private
from hub_typed.local.lfs.signed_urls import Signer, stored_secret
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.pages.answers import error_page
from hub_typed.local.pages.routes import PAGES, find_page, find_route
from hub_typed.local.pages.sessions import Sessions
from hub_typed.local.repos.store import Store
from hub_typed.local.request.call import Call
from hub_typed.local.request.lfs_access import used_contents
from hub_typed.local.scim.directory import Directories
from hub_typed.local.server.body_limits import body_limit, check_caller, check_size, is_streamed
from hub_typed.local.server.list_limits import check_limits
from hub_typed.local.server.list_pages import answer_page
from hub_typed.local.server.response_bodies import count_bytes, read_body
from hub_typed.local.server.responses import JSON, TEXT, error_response, request_id, text_response, to_response_error
from hub_typed.local.server.routing import Match, operation_names, operation_of
from hub_typed.local.server.running_calls import RunningCalls
from hub_typed.local.server.saved_states import SavedState, SavedStates
from hub_typed.local.server.stats import Exchange, Stats
from hub_typed.local.webhooks.registry import Webhooks
from hub_typed.local.xet.tokens import XetTokens
from hub_typed_api.serve import Answer, Listed
from hub_typed_api.wire import Source

if TYPE_CHECKING:
    from hub_typed.local.xet.store import XetStore  # which needs optional packages

__all__ = ["Admission", "Hub"]

MAX_INTERCEPTED = 2 << 30
MAX_PATH_KEPT = 2000


@attrs.frozen
class Admission:
    """Permission to send a request body, decided before it is read.

    Attributes:
        match: The route of the request; ``None`` if `Hub.intercept` or a fault may respond instead.
        limit: Maximum size of the body in bytes.
        is_streamed: Whether the body may be read while it arrives.
    """

    match: Match | None
    limit: int
    is_streamed: bool = False


class Hub:
    """Repositories, accounts and LFS files below one folder, and the operations on them.

    Args:
        root: The folder.
        xet: Whether to serve Xet.
        now: Returns the time in seconds since 1970.
        job_endpoint: Returns the URL of this Hub for jobs, which then are processes on this machine; without it, jobs
            are only recorded.

    Attributes:
        requests: The last 100,000 requests with their responses.
        stats: Counts of these requests.
        page_size: Maximum number of items on a page of a list, whatever a request asks for.
        log_patience: Seconds for which streams of logs stay open when there is nothing to send; those of other Hubs
            stay open.
        webhooks: Registered webhooks; ``webhooks.deliveries`` lists their deliveries, ``webhooks.queue.wait()`` waits
            for them.
        community: Papers, posts, articles and comments; ``community.publications`` adds posts and articles.
        inference: Inference Endpoints; ``inference.advance(seconds)`` advances their clock, ``inference.fail`` lets a
            deployment fail.
        jobs: Jobs; ``jobs.simulate(...)`` says what they do, ``jobs.advance(seconds)`` advances their clock.
        scheduled_jobs: Scheduled jobs, which run on that clock.
        xet: The Xet storage; ``None`` if the Hub does not serve it.
        xet_tokens: Its tokens; ``xet_tokens.lifetime`` is the number of seconds that new ones are valid.
        faults: Faults of requests that come through a transport, for tests of how clients react.
        sessions: Browsers that are logged in to the pages.
        admin: Name of the user whose token may change the faults over HTTP.
        intercept: Function that is called with each request first. It may return a response instead of the Hub, for
            tests of how clients react.
    """

    def __init__(
        self,
        root: Path,
        *,
        xet: bool = False,
        now: Callable[[], float] = time.time,
        job_endpoint: Callable[[], str] | None = None,
    ) -> None:
        make_private(root)

        def date() -> datetime:
            return datetime.fromtimestamp(now(), UTC)

        self._root = root
        self._now = date
        self._states = SavedStates(root)
        self._running = RunningCalls()
        self._serves_xet = xet
        self._job_endpoint = job_endpoint
        self._open()
        self.requests: deque[Exchange] = deque(maxlen=100_000)
        self.stats: Stats = Stats(self.requests)
        self.page_size: int = 1000
        self.log_patience: float = 0.0
        self.faults: Faults = Faults(operation_of, operation_names)
        self.admin: str | None = None
        self.intercept: Callable[[IncomingRequest], Answer | None] | None = None
        secret = stored_secret(root / "secret.json")
        self.xet_tokens: XetTokens = XetTokens(secret, now)
        self._signer = Signer(secret, now)
        xet_root = root / "xet"
        self._backend = Backend(root / "hooks", self.lfs.root, xet_root if xet or xet_root.exists() else None)

    def _open(self) -> None:
        """Read what the folder contains."""
        root = self._root
        self.store: Store = Store(root, self._now)
        self.buckets: Buckets = Buckets(root, self._now)
        self.accounts: Accounts = Accounts(root / "accounts.json", self._now)
        self.directories: Directories = Directories(root / "directories.json", self.accounts)
        self.sessions: Sessions = Sessions(self.accounts)
        self.collections: Collections = Collections(root / "collections.json", self._now)
        self.community: Community = Community(root)
        self._attachments = Attachments(root / "attachments")
        self.webhooks: Webhooks = Webhooks(root / "webhooks.json", self.accounts, self._now)
        self.inference: InferenceEndpoints = InferenceEndpoints(root / "inference_endpoints.json", self._now)
        self.lfs: LfsStore = LfsStore(root / "lfs")
        # Files that came by Xet stay readable as LFS objects, even if the Hub does not serve Xet this time.
        store = _xet_store(root / "xet", self.lfs) if self._serves_xet or (root / "xet").exists() else None
        self.xet: XetStore | None = store if self._serves_xet else None
        volumes = Volumes(self.store, self.buckets, self.lfs, self.accounts)
        self.jobs: Jobs = open_jobs(root / "jobs", self._now, volumes, self._job_endpoint)
        self.scheduled_jobs: ScheduledJobs = ScheduledJobs(root / "scheduled_jobs.json", self.jobs, self.accounts)

    def save(self) -> SavedState:
        """Return the current state, for `restore`; it is kept until `stop`.

        Raises:
            RuntimeError: A request does not come to its end.
        """
        with self._running.paused():
            self.jobs.save()
            return self._states.save(
                admin=self.admin,
                page_size=self.page_size,
                part_size=self.lfs.part_size,
                token_lifetime=self.xet_tokens.lifetime,
            )

    def restore(self, state: SavedState) -> None:
        """Return to a saved state.

        Its repositories, accounts, tokens and settings are as they were. Faults, `intercept`, counts and deliveries of
        webhooks do not belong to a state: there are none afterwards. `store`, `accounts` and the like are new objects.

        Raises:
            RuntimeError: A request does not come to its end.
            ValueError: The state is not one of this Hub, or the Hub was stopped.
        """
        with self._running.paused():
            self.webhooks.close()
            self.jobs.close()
            self._states.restore(state)
            self._open()
            self.admin = state.admin
            self.page_size = state.page_size
            self.lfs.part_size = state.part_size
            self.xet_tokens.lifetime = state.token_lifetime
            self.intercept = None
            self.faults.clear()
            self.stats.reset()

    def stop(self) -> None:
        """End what still runs, processes of git and jobs, and delete the saved states."""
        self.jobs.close()
        self._backend.stop()
        self._states.clear()

    def collect_garbage(self, *, older_than: float = 24 * 3600) -> None:
        """Delete the content of Xet storage that no revision of a repository and no bucket names; LFS objects stay.

        Args:
            older_than: Seconds since its upload for which content is kept in any case, as its commit may follow.
        """
        if self.xet is not None:
            self.xet.collect_garbage(used_contents(self.store, self.buckets), older_than)

    def admit(self, incoming: IncomingRequest) -> Admission | Answer:
        """Decide whether the body of a request may be read.

        Args:
            incoming: The request without its body; its size is the announced one, or 0.

        Returns:
            The admission to pass to `answer` with the body; or the response, if the body must not be read.
        """
        if isinstance(incoming.fault, ExpiredUrls):
            self._signer.expire_all()
        if isinstance(incoming.fault, ExpiredTokens):
            self.xet_tokens.expire_all()
        is_cut = cut_at(incoming.fault, "request", None) is not None
        if self.intercept is not None or is_refusal(incoming.fault) or is_cut:  # the body is read, whatever it is
            return Admission(None, MAX_INTERCEPTED)
        found: Match | None = None
        try:
            found = find_route(incoming, self.store.has)
            call = self._call(found, incoming)
            given = found.given(incoming)
            most = body_limit(found.route, call.identity, given)
            check_caller(found.route, call, given)
            check_size(incoming.size, most)
        except Exception as error:  # noqa: BLE001, every error becomes a response
            return self._respond_with_error(incoming, found, error)
        return Admission(found, most, is_streamed=incoming.fault is None and is_streamed(found.route))

    def answer(self, incoming: IncomingRequest, admission: Admission | None = None) -> Answer:
        """Respond to a request.

        Args:
            admission: Result of `admit`, if it was called for this request; it must be for one with a fault.

        Raises:
            IncompleteBodyError: A body that is read while it arrives has no end.
        """
        with self._running.call(incoming):
            return self._answer(incoming, admission.match if admission else None)

    def _answer(self, incoming: IncomingRequest, found: Match | None) -> Answer:
        try:
            intercepted = self.intercept and self.intercept(incoming)
            if intercepted is not None:
                answer = intercepted
            else:
                found = found or find_route(incoming, self.store.has)
                answer = self._handle(found, incoming)
        except IncompleteBodyError:
            raise
        except Exception as error:  # noqa: BLE001, every error becomes a response
            return self._respond_with_error(incoming, found, error)
        return self._finish(incoming, found.route.operation if found else "", answer)

    def refuse(self, incoming: IncomingRequest, error: HubResponseError) -> Answer:
        """Respond with an error to a request that is refused before routing."""
        return self._respond_with_error(incoming, None, error)

    def record_broken(self, incoming: IncomingRequest, received: int) -> None:
        """Record a request whose connection broke before its body was complete; it has no effect."""
        operation = operation_of(incoming.method, incoming.path)
        self._record(attrs.evolve(incoming, size=received), operation, status=0, sent=0)

    def choose_fault(self, incoming: IncomingRequest) -> Fault | None:
        """Return the fault of a request, and count it; ``None`` if it has none, as for pages."""
        if not self.faults.rules or find_page(incoming) is not None:
            return None
        return self.faults.choose(incoming.method, incoming.path)

    def _call(self, found: Match, incoming: IncomingRequest) -> Call:
        return Call(
            store=self.store,
            buckets=self.buckets,
            lfs=self.lfs,
            xet=self.xet,
            xet_tokens=self.xet_tokens,
            accounts=self.accounts,
            directories=self.directories,
            collections=self.collections,
            community=self.community,
            attachments=self._attachments,
            signer=self._signer,
            backend=self._backend,
            webhooks=self.webhooks,
            inference=self.inference,
            jobs=self.jobs,
            scheduled_jobs=self.scheduled_jobs,
            faults=self.faults,
            stats=self.stats,
            admin=self.admin,
            sessions=self.sessions,
            identity=self._identify(found, incoming),
            request=incoming,
            now=self._now,
            page_size=self.page_size,
            log_patience=self.log_patience,
        )

    def _identify(self, found: Match, incoming: IncomingRequest) -> Identity | None:
        operation = found.route.operation
        # The storage has tokens of its own; an OAuth app may send its secret in the place of a token.
        if operation.startswith("xet_storage.") or operation == "oauth.oauth_token":
            return None
        if operation.startswith(PAGES):
            return self.sessions.identify(incoming.headers)
        known = identify_by_repo_token(self._signer, self.accounts, incoming.headers, self._now())
        return known or self.accounts.identify(incoming.headers)

    def _respond_with_error(self, incoming: IncomingRequest, found: Match | None, error: Exception) -> Answer:
        operation, response = found.route.operation if found else "", to_response_error(error)
        if found is not None and operation.startswith(PAGES):
            return self._finish(incoming, operation, error_page(self._call(found, incoming), response))
        return self._finish(incoming, operation, error_response(response, operation))

    def _handle(self, found: Match, incoming: IncomingRequest) -> Answer:
        error = error_of(incoming.fault, incoming.path, self._now)
        if error is None:
            return self._call_handler(found, incoming)
        if not is_refusal(incoming.fault):  # the request is handled, whatever the response would be
            with suppress(Exception):
                read_body(self._call_handler(found, incoming).body)
        raise error

    def _call_handler(self, found: Match, incoming: IncomingRequest) -> Answer:
        call, given = self._call(found, incoming), found.given(incoming)
        # The storage handlers compare the size with the signed one themselves.
        if incoming.size and not found.route.operation.startswith("storage."):
            check_size(incoming.size, body_limit(found.route, call.identity, given))
        check_limits(found.route.operation, given.query)
        result = found.route.bind(found.handlers, call, given)
        if isinstance(result, Answer):
            return result
        if isinstance(result, Listed):
            return answer_page(result, found.route.operation, given.query, incoming, self.page_size)
        if found.route.status == HTTPStatus.NO_CONTENT:
            return Answer(status=found.route.status, headers={}, body=b"")
        if result is None or found.route.media_type == "text/plain":
            return text_response(found.route.status, "OK" if result is None else str(result), TEXT)
        media_type = f"{found.route.media_type}; charset=utf-8" if found.route.media_type else JSON
        text = str(result) if found.route.media_type == "text/markdown" else json.dumps(result)
        return text_response(found.route.status, text, media_type)

    def _finish(self, incoming: IncomingRequest, operation: str, answer: Answer) -> Answer:
        headers = {**answer.headers, "x-request-id": request_id(incoming.headers)}
        size = answer.body.size if isinstance(answer.body, Source) else len(answer.body)
        if size is not None and answer.status != HTTPStatus.NO_CONTENT:
            headers.setdefault("content-length", str(size))
        head = incoming.method == "HEAD"
        cut = cut_at(incoming.fault, "response", size)
        sent = 0 if head else size or 0
        exchange = self._record(incoming, operation, status=answer.status, sent=sent if cut is None else min(sent, cut))
        body = count_bytes(answer.body, exchange, cut) if size is None else answer.body
        return attrs.evolve(answer, headers=headers, body=b"" if head else body)

    def _record(self, incoming: IncomingRequest, operation: str, *, status: int, sent: int) -> Exchange:
        exchange = Exchange(
            at=self._now(),
            operation=operation,
            method=incoming.method,
            path=incoming.path[:MAX_PATH_KEPT],
            status=status,
            received=incoming.size,
            sent=sent,
        )
        if not operation.startswith((CONTROL, PAGES)):
            self.requests.append(exchange)
        return exchange


def _xet_store(folder: Path, lfs: LfsStore) -> XetStore:
    from hub_typed.local.xet.store import XetStore

    store = XetStore(folder, lfs)
    store.remove_leftovers()
    return store
