"""Misspelt names. Each line that must be refused says by what mypy and what pyright do so; nothing else may be."""

from __future__ import annotations

import hub_typed
from hub_typed import HfApi
from hub_typed_api.operations import refs


def misspelt(api: HfApi) -> None:
    hub_typed.list_modles()  # refused: attr-defined, reportAttributeAccessIssue
    api.list_modles()  # refused: attr-defined, reportAttributeAccessIssue
    api.model_info("owner/name").shaa  # refused: attr-defined, reportAttributeAccessIssue
    refs.list_repo_ref("owner/name")  # refused: attr-defined, reportAttributeAccessIssue
    api.model_info("owner/name", revison="main")  # refused: call-overload, reportCallIssue
    hub_typed.model_info("owner/name", revison="main")  # refused: call-overload, reportCallIssue
    refs.list_repo_refs("owner/name", include_prs=True)  # refused: call-arg, reportCallIssue


def imported() -> None:
    from hub_typed import snapshot_downlaod  # refused: attr-defined, reportAttributeAccessIssue
