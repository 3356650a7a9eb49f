"""Handlers of the tokens for the Xet storage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import attrs

from hub_typed.local.errors import not_found
from hub_typed.local.request.call import Call
from hub_typed.local.request.xet_access import issue_token, token_headers
from hub_typed_api import models
from hub_typed_api.codec.xet import structure_xet_token
from hub_typed_api.serve import Answer, Given, Route
from hub_typed_api.server import xet

__all__ = ["XET_ROUTES", "Xet"]


class Xet(xet.XetHandlers[Call]):
    """Handlers of the operations in the area ``xet``."""

    def get_xet_read_token(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, revision: str
    ) -> models.XetToken:
        repo = call.openable(repo_type, repo_id)
        repo.git().commit_at(revision)
        return issue_token(call, repo, writes=False)

    def get_xet_write_token(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, revision: str, create_pr: bool
    ) -> models.XetToken:
        if create_pr:
            return issue_token(call, call.proposable(repo_type, repo_id), writes=True)
        repo = call.writable(repo_type, repo_id, revision)
        repo.git().commit_at(revision)
        return issue_token(call, repo, writes=True, revision=revision)

    def get_bucket_xet_read_token(self, call: Call, *, namespace: str, bucket: str) -> models.XetToken:
        return issue_token(call, call.readable_bucket(f"{namespace}/{bucket}"), writes=False)

    def get_bucket_xet_write_token(self, call: Call, *, namespace: str, bucket: str) -> models.XetToken:
        return issue_token(call, call.writable_bucket(f"{namespace}/{bucket}"), writes=True)


def _token(route: Route[Any, Call], handlers: Xet, call: Call, given: Given) -> Answer:
    """Return a token as JSON, which `hf_xet` reads, and in headers, which `huggingface_hub` reads."""
    found = cast("dict[str, Any]", route.bind(handlers, call, given))
    if call.xet is None:
        raise not_found("This Hub does not serve Xet: upload and download through LFS (HF_HUB_DISABLE_XET=1)")
    headers = {"content-type": "application/json; charset=utf-8", **token_headers(structure_xet_token(found))}
    return Answer(headers=headers, body=json.dumps(found).encode())


def _route(route: Route[Any, Call]) -> Route[Any, Call]:
    return attrs.evolve(route, bind=partial(_token, route))


XET_ROUTES: Sequence[Route[Any, Call]] = tuple(map(_route, xet.ROUTES))
