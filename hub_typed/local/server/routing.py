"""Routing: the operation of a request, matched on the percent-encoded path, longest pattern first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote

import attrs

from hub_typed.local.errors import HubResponseError, not_found
from hub_typed.local.handlers.access import Access
from hub_typed.local.handlers.agents import Agents
from hub_typed.local.handlers.attachments import ATTACHMENT_ROUTES, Attachments
from hub_typed.local.handlers.buckets import BUCKET_ROUTES, Buckets
from hub_typed.local.handlers.collections import Collections
from hub_typed.local.handlers.commits import Commits
from hub_typed.local.handlers.community import Community
from hub_typed.local.handlers.control import CONTROL_ROUTES, Control
from hub_typed.local.handlers.dataset_viewer import DatasetViewer
from hub_typed.local.handlers.datasets import Datasets
from hub_typed.local.handlers.discussions import Discussions
from hub_typed.local.handlers.files import Files
from hub_typed.local.handlers.git import GIT_ROUTES, Git
from hub_typed.local.handlers.inference_catalog import InferenceCatalog
from hub_typed.local.handlers.inference_endpoints import ENDPOINT_ROUTES, InferenceEndpoints
from hub_typed.local.handlers.jobs import Jobs
from hub_typed.local.handlers.kernels import Kernels
from hub_typed.local.handlers.legacy import Legacy
from hub_typed.local.handlers.lfs import LFS_ROUTES, Lfs
from hub_typed.local.handlers.models import Models
from hub_typed.local.handlers.notifications import Notifications
from hub_typed.local.handlers.oauth import OAuth
from hub_typed.local.handlers.organizations import Organizations
from hub_typed.local.handlers.papers import PAPER_ROUTES, Papers
from hub_typed.local.handlers.refs import Refs
from hub_typed.local.handlers.repo_tools import RepoTools
from hub_typed.local.handlers.repos import Repos
from hub_typed.local.handlers.resource_groups import ResourceGroups
from hub_typed.local.handlers.scheduled_jobs import ScheduledJobs
from hub_typed.local.handlers.scim import Scim
from hub_typed.local.handlers.scim_groups import ScimGroups
from hub_typed.local.handlers.search import Search
from hub_typed.local.handlers.service_accounts import ServiceAccounts
from hub_typed.local.handlers.space_settings import SettingsOfSpaces
from hub_typed.local.handlers.spaces import Spaces
from hub_typed.local.handlers.sql_console import SqlConsole
from hub_typed.local.handlers.storage import STORAGE_ROUTES, Storage
from hub_typed.local.handlers.telemetry import Telemetry
from hub_typed.local.handlers.tree import Tree
from hub_typed.local.handlers.users import Users
from hub_typed.local.handlers.webhooks import Webhooks
from hub_typed.local.handlers.xet import XET_ROUTES, Xet
from hub_typed.local.handlers.xet_storage import XET_STORAGE_ROUTES, XetStorage
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.repos.store import REPO_TYPES, RepoType
from hub_typed.local.request.call import Call
from hub_typed.local.server.arguments import TypeChecked
from hub_typed_api.serve import Given, NotServed, Route
from hub_typed_api.server import (
    OPERATIONS,
    access,
    agents,
    attachments,
    collections,
    commits,
    community,
    dataset_viewer,
    datasets,
    discussions,
    files,
    inference_catalog,
    inference_endpoints,
    jobs,
    kernels,
    legacy,
    models,
    notifications,
    oauth,
    organizations,
    refs,
    repo_tools,
    repos,
    resource_groups,
    scheduled_jobs,
    scim,
    scim_groups,
    search,
    service_accounts,
    space_settings,
    spaces,
    sql_console,
    telemetry,
    tree,
    users,
    webhooks,
)

__all__ = ["HasRepo", "Match", "has_operation", "match", "operation_names", "operation_of"]

AnyRoute: TypeAlias = Route[Any, Call]
HasRepo: TypeAlias = Callable[[RepoType, str], bool]
_AREAS: Sequence[tuple[object, Sequence[AnyRoute]]] = (
    (Users(), users.ROUTES),
    (Organizations(), organizations.ROUTES),
    (Scim(), scim.ROUTES),
    (ScimGroups(), scim_groups.ROUTES),
    (Collections(), collections.ROUTES),
    (Community(), community.ROUTES),
    (Notifications(), notifications.ROUTES),
    (Search(), search.ROUTES),
    (SqlConsole(), sql_console.ROUTES),
    (Papers(), PAPER_ROUTES),
    (Repos(), repos.ROUTES),
    (RepoTools(), repo_tools.ROUTES),
    (ResourceGroups(), resource_groups.ROUTES),
    (OAuth(), oauth.ROUTES),
    (ServiceAccounts(), service_accounts.ROUTES),
    (Access(), access.ROUTES),
    (Models(), models.ROUTES),
    (Datasets(), datasets.ROUTES),
    (Spaces(), spaces.ROUTES),
    (SettingsOfSpaces(), space_settings.ROUTES),
    (Kernels(), kernels.ROUTES),
    (DatasetViewer(), dataset_viewer.ROUTES),
    (Telemetry(), telemetry.ROUTES),
    (Agents(), agents.ROUTES),
    (Refs(), refs.ROUTES),
    (Discussions(), discussions.ROUTES),
    (Attachments(), (*attachments.ROUTES, *ATTACHMENT_ROUTES)),
    (Tree(), tree.ROUTES),
    (Commits(), commits.ROUTES),
    (Lfs(), LFS_ROUTES),
    (Files(), files.ROUTES),
    (Xet(), XET_ROUTES),
    (XetStorage(), XET_STORAGE_ROUTES),
    (Buckets(), BUCKET_ROUTES),
    (Webhooks(), webhooks.ROUTES),
    (InferenceCatalog(), inference_catalog.ROUTES),
    (InferenceEndpoints(), (*inference_endpoints.ROUTES, *ENDPOINT_ROUTES)),
    (Jobs(), jobs.ROUTES),
    (ScheduledJobs(), scheduled_jobs.ROUTES),
    (Legacy(), legacy.ROUTES),
    (Git(), GIT_ROUTES),
    (Storage(), STORAGE_ROUTES),
    (Control(), CONTROL_ROUTES),
)


@attrs.frozen
class Match:
    """A matched route, its handlers, and the decoded path parameters."""

    route: AnyRoute
    handlers: object
    parameters: Mapping[str, str]

    def given(self, incoming: IncomingRequest) -> Given:
        """Return what the request has for the handler.

        Raises:
            ValueError: The query is not UTF-8.
        """
        query = parse_qs(incoming.query, keep_blank_values=True, errors="strict")
        return Given(path=self.parameters, query=query, headers=incoming.headers, body=incoming.body)


def match(method: str, path: str, has_repo: HasRepo | None = None) -> Match:
    """Return the route of a request.

    Args:
        has_repo: Whether there is a repository of this type and name, which decides what ``/api/datasets/ann/parquet``
            is: the info of the dataset ``ann/parquet``, or the Parquet files of the dataset ``ann``.

    Raises:
        HubResponseError: 404, no operation has such a path; 405, no operation with this path has this method.
        ValueError: A parameter is not UTF-8.
    """
    allowed: set[str] = set()
    first: Match | None = None
    for pattern, handlers, route in _table():
        found = pattern.fullmatch(path)
        if found is None:
            continue
        if route.method == method or (method == "HEAD" and route.method == "GET"):
            # Decode after the match: an encoded slash is part of a name, and must not separate path segments.
            named = found.groupdict().items()
            given = {name: unquote(value, errors="strict") for name, value in named if value is not None}
            matched = Match(route, handlers, given)
            if first is None:
                if has_repo is None or "/" in given.get("repo_id", "/"):
                    return matched
                first = matched
            elif has_repo is not None and (name := _repository_of(matched)) and has_repo(*name):
                return matched
        allowed.add(route.method)
    if first is not None:
        return first
    if allowed:
        raise HubResponseError(
            405, f"Method {method} is not allowed here", headers={"allow": ", ".join(sorted(allowed))}
        )
    raise not_found()


def _repository_of(matched: Match) -> tuple[RepoType, str] | None:
    """Return type and name of the repository that a path names with its owner; ``None`` if it names none."""
    repo_id = matched.parameters.get("repo_id", "")
    kind = matched.parameters.get("repo_type") or matched.route.pattern.removeprefix("/api/").partition("s/")[0]
    return next(((known, repo_id) for known in REPO_TYPES if known == kind and "/" in repo_id), None)


def operation_of(method: str, path: str) -> str:
    """Return the name of the operation of a request; empty if there is none."""
    try:
        return match(method, path).route.operation
    except (HubResponseError, ValueError):
        return ""


def has_operation(path: str) -> bool:
    """Whether operations of some methods have this path."""
    return any(pattern.fullmatch(path) for pattern, _, _ in _table())


def operation_names() -> set[str]:
    """Return the names of all operations."""
    return {route.operation for _, _, route in _table()}


@cache
def _table() -> list[tuple[re.Pattern[str], object, AnyRoute]]:
    """Return all routes, longest first: `/api/models/gpt2/refs` is not the info of a model named `gpt2/refs`."""
    areas = [(TypeChecked(handlers), routes) for handlers, routes in _AREAS]
    table: list[tuple[re.Pattern[str], object, AnyRoute]] = [
        (re.compile(route.pattern), handlers, route) for handlers, routes in areas for route in routes
    ]
    served = {route.operation for _, _, route in table}
    table += [
        (re.compile(pattern), None, _unserved_route(operation, method, pattern))
        for operation, method, pattern in OPERATIONS
        if operation not in served
    ]
    return sorted(table, key=lambda row: _specificity(row[2].pattern), reverse=True)


def _unserved_route(operation: str, method: str, pattern: str) -> AnyRoute:
    """Return the route of an operation that has no handler yet."""

    def bind(_handlers: object, _call: Call, _given: Given) -> object:
        raise NotServed(operation)

    return Route(operation=operation, method=method, pattern=pattern, body="none", status=501, media_type="", bind=bind)


def _specificity(pattern: str) -> tuple[int, int]:
    """Return the number of segments and of literal characters of a pattern."""
    fixed = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "", pattern)
    return fixed.count("/"), len(fixed)
