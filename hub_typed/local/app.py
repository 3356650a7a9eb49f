"""The embedded Hub without a socket: one request in, one answer out."""

from __future__ import annotations

import json
import logging
import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import attrs
import pygit2

from hub_typed.local.accounts import Accounts
from hub_typed.local.admission import check_caller, check_size, limit
from hub_typed.local.backend import Backend
from hub_typed.local.call import Call
from hub_typed.local.collections import Collections
from hub_typed.local.faults import HubFault
from hub_typed.local.files import make_private, read_json, write_json
from hub_typed.local.incoming import Incoming
from hub_typed.local.lfs import LfsStore
from hub_typed.local.routing import Match, match
from hub_typed.local.signing import Signer
from hub_typed.local.stats import Exchange, Stats
from hub_typed.local.store import Store
from hub_typed.local.webhooks import Webhooks
from hub_typed_api.serve import Answer, Given, Listed, NotServed
from hub_typed_api.wire import Body, Source

__all__ = ["Admission", "Hub"]

_log = logging.getLogger("hub_typed.local")
_JSON = "application/json; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_PAGES = {"commits.list_repo_commits": 50, "collections.list_collections": 10}
"""Items on a page where a request does not say, if not as many as possible."""


MAX_INTERCEPTED = 2 << 30
MAX_PATH_KEPT = 2000
MAX_TOLD = 2000
"""Characters of a message that are told in a header, too."""


@attrs.frozen
class Admission:
    """What was decided of a request before its body was read.

    Attributes:
        match: What it asks for; ``None``, where a test may answer.
        limit: The most bytes that its body may have.
    """

    match: Match | None
    limit: int


class Hub:
    """Repositories, accounts and large files below one folder, and the operations on them.

    Attributes:
        requests: The last 100,000 requests that were answered.
        stats: Counts them.
        page_size: Most items on one page of a list, whatever a request asks for.
        webhooks: Tell of what happens; ``webhooks.deliveries`` are their calls, ``webhooks.courier.wait()`` waits for
            them.
        intercept: Sees each request first and may answer in place of the Hub, for tests of what a client does then.
    """

    def __init__(self, root: Path, *, now: Callable[[], float] = time.time) -> None:
        make_private(root)

        def date() -> datetime:
            return datetime.fromtimestamp(now(), UTC)

        self._now = date
        self.store: Store = Store(root, date)
        self.accounts: Accounts = Accounts(root / "accounts.json", date)
        self.collections: Collections = Collections(root / "collections.json", date)
        self.webhooks: Webhooks = Webhooks(root / "webhooks.json", self.accounts, date)
        self.lfs: LfsStore = LfsStore(root / "lfs")
        self.requests: deque[Exchange] = deque(maxlen=100_000)
        self.stats: Stats = Stats(self.requests)
        self.page_size = 1000
        self.intercept: Callable[[Incoming], Answer | None] | None = None
        self._signer = Signer(_secret(root / "secret.json"), now)
        self._backend = Backend(root / "hooks", self.lfs.root)

    def admit(self, incoming: Incoming) -> Admission | Answer:
        """Decide what becomes of a request before its body is read.

        Args:
            incoming: The request without its body; its size is the one that was announced, or 0.

        Returns:
            How much of the body may be read, and then be given to `answer`; or an answer, and the body is of no use.
        """
        if self.intercept is not None:  # a test answers, and wants to see the body
            return Admission(None, MAX_INTERCEPTED)
        found: Match | None = None
        try:
            found = match(incoming.method, incoming.path)
            call = self._call(incoming)
            given = _given(found, incoming)
            most = limit(found.route, call.identity, given)
            check_caller(found.route, call, given)
            check_size(incoming.size, most)
        except Exception as error:  # noqa: BLE001, whatever happens is an answer
            return self._failed(incoming, found, error)
        return Admission(found, most)

    def answer(self, incoming: Incoming, admission: Admission | None = None) -> Answer:
        """Answer a request, whatever it is.

        Args:
            admission: What `admit` said of it, where it was asked.
        """
        found = admission.match if admission else None
        try:
            taken = self.intercept and self.intercept(incoming)
            if taken is not None:
                answer = taken
            else:
                found = found or match(incoming.method, incoming.path)
                answer = self._operation(found, incoming)
        except Exception as error:  # noqa: BLE001, whatever happens is an answer
            return self._failed(incoming, found, error)
        return self._finished(incoming, found.route.operation if found else "", answer)

    def refused(self, incoming: Incoming, fault: HubFault) -> Answer:
        """The answer to a request that is not even looked at, for this reason."""
        return self._failed(incoming, None, fault)

    def _call(self, incoming: Incoming) -> Call:
        return Call(
            store=self.store,
            lfs=self.lfs,
            accounts=self.accounts,
            collections=self.collections,
            signer=self._signer,
            backend=self._backend,
            webhooks=self.webhooks,
            identity=self.accounts.identify(incoming.headers),
            request=incoming,
            now=self._now,
            page_size=self.page_size,
        )

    def _failed(self, incoming: Incoming, found: Match | None, error: Exception) -> Answer:
        operation = found.route.operation if found else ""
        return self._finished(incoming, operation, _refusal(_fault(error), operation))

    def _operation(self, found: Match, incoming: Incoming) -> Answer:
        call, given = self._call(incoming), _given(found, incoming)
        if incoming.size and not found.route.operation.startswith("storage."):  # which compares it with what was signed
            check_size(incoming.size, limit(found.route, call.identity, given))
        result = found.route.bind(found.handlers, call, given)
        if isinstance(result, Answer):
            return result
        if isinstance(result, Listed):
            return self._page(result, given.query, incoming, _PAGES.get(found.route.operation, self.page_size))
        if result is None or found.route.media_type == "text/plain":
            return _body(found.route.status, "OK" if result is None else str(result), _TEXT)
        media_type = f"{found.route.media_type}; charset=utf-8" if found.route.media_type else _JSON
        text = str(result) if found.route.media_type == "text/markdown" else json.dumps(result)
        return _body(found.route.status, text, media_type)

    def _page(self, result: Listed, query: Mapping[str, Sequence[str]], incoming: Incoming, default: int) -> Answer:
        """One page of a list. The cursor is a position: good enough where nobody adds while another one reads."""
        size = max(min(_number(query, "limit", default), self.page_size), 1)
        start = max(_number(query, "cursor", _number(query, "p", 0) * size), 0)
        stop = start + size
        items = [result.unstructure(item) for item in result.items[start:stop]]
        headers = {"x-total-count": str(len(result.items))}
        if stop < len(result.items):
            following = urlencode({**query, "cursor": str(stop)}, doseq=True)
            headers["link"] = f'<{incoming.origin}{incoming.path}?{following}>; rel="next"'
        return _body(200, json.dumps(items), _JSON, headers)

    def _finished(self, incoming: Incoming, operation: str, answer: Answer) -> Answer:
        headers = {**answer.headers, "x-request-id": _request_id(incoming.headers)}
        size = answer.body.size if isinstance(answer.body, Source) else len(answer.body)
        if size is not None:
            headers.setdefault("content-length", str(size))
        head = incoming.method == "HEAD"
        exchange = Exchange(
            operation=operation,
            method=incoming.method,
            path=incoming.path[:MAX_PATH_KEPT],
            status=answer.status,
            received=incoming.size,
            sent=0 if head else size or 0,
        )
        self.requests.append(exchange)
        body = _counted(answer.body, exchange) if size is None else answer.body
        return attrs.evolve(answer, headers=headers, body=b"" if head else body)


def _given(found: Match, incoming: Incoming) -> Given:
    query = parse_qs(incoming.query, keep_blank_values=True, errors="strict")
    return Given(path=found.parameters, query=query, headers=incoming.headers, body=incoming.body)


def _fault(error: Exception) -> HubFault:
    if isinstance(error, HubFault):
        return error
    if isinstance(error, NotServed):
        return HubFault(501, f"The embedded Hub does not serve {error} yet")
    if isinstance(error, ValueError) or _while_reading(error):  # also no JSON, no number, no name of a repository
        return HubFault(400, f"Invalid request: {error}")
    _log.error("A request to the embedded Hub failed", exc_info=error)
    if isinstance(error, pygit2.GitError):
        return HubFault(422, "The repository is damaged, or holds something that this Hub cannot work with")
    return HubFault(500, "Internal error: the log of the embedded Hub says more")


def _while_reading(error: Exception) -> bool:
    """Whether generated code raised this: then a body has not the members it should have, or other ones."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    module = str(trace.tb_frame.f_globals.get("__name__", ""))
    written = trace.tb_frame.f_code.co_name.startswith("unstructure_")  # an answer, which is our own fault
    return module.startswith("hub_typed_api.") and not written


def _counted(body: Body, exchange: Exchange) -> Body:
    """A body whose size is not known before it was sent."""
    assert isinstance(body, Source)

    def pieces() -> Iterator[bytes]:
        for piece in body.open():
            exchange.sent += len(piece)
            yield piece

    return Source(pieces)


def _refusal(fault: HubFault, operation: str) -> Answer:
    """A fault as an answer: JSON, but text where a file was asked for, and for git and redirects."""
    area = operation.partition(".")[0]
    # A header holds no line breaks and nothing but ASCII, and is never long; the body has the message as it is.
    told = " ".join(fault.message.split()).encode("ascii", "replace").decode()[:MAX_TOLD]
    headers = dict(fault.headers)
    if fault.status >= 400:
        headers["x-error-message"] = told
    if fault.code is not None:
        headers["x-error-code"] = fault.code
    if fault.status == 401 and area in ("git", "lfs"):  # so that git asks for a password
        headers["www-authenticate"] = 'Basic realm="Authentication required", charset="UTF-8"'
    if area in ("files", "git") or fault.status < 400:
        return _body(fault.status, fault.message, _TEXT, headers)
    return _body(fault.status, json.dumps({"error": fault.message, **fault.members}), _JSON, headers)


def _body(status: int, text: str, media_type: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(
        status=status,
        headers={"content-type": media_type, **(headers or {})},
        body=text.encode(errors="backslashreplace"),
    )


def _number(query: Mapping[str, Sequence[str]], name: str, default: int) -> int:
    return int(query[name][-1]) if query.get(name) else default


def _request_id(headers: Mapping[str, str]) -> str:
    """As the load balancer of the real Hub makes it: its own part, then the client's."""
    given = headers.get("x-amzn-trace-id") or headers.get("x-request-id") or str(uuid.uuid4())
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};{given}"


def _secret(file: Path) -> bytes:
    """What URLs are signed with; the same when the Hub is started again on its folder."""
    secret: str = read_json(file) or secrets.token_hex(32)
    write_json(file, secret)
    return bytes.fromhex(secret)
