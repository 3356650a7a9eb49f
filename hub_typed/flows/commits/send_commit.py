"""Send a commit: the way of every commit of the library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import attrs

from hub_typed.flows.commits.branch_commit import BranchCommit
from hub_typed.flows.commits.commit_lookup import read_head
from hub_typed.flows.commits.commit_turns import commit_turn
from hub_typed.flows.commits.prepared_changes import Change, Target, Upload
from hub_typed.http.io import Io
from hub_typed_api.models import CommitAnswer, CommitHeader

__all__: list[str] = []


async def send_commit(
    io: Io,
    target: Target,
    header: CommitHeader,
    changes: Sequence[Change],
    *,
    paths: Iterable[str] = (),
    on_conflict: Literal["raise", "rebase"] = "raise",
) -> CommitAnswer:
    """Create a commit, or open a pull request with it, and return the Hub's response.

    If the response is lost, the Hub is asked whether the commit exists; if not, it is sent again. Without a parent in
    the header, a commit that others have overtaken is sent again on top of theirs.

    Args:
        header: Message of the commit, and the parent that the caller requires.
        paths: Paths of all operations of the caller, including those that change nothing.
        on_conflict: What to do if the branch has moved since the required parent: ``raise`` the Hub's error, or
            ``rebase`` the commit if the commits since then changed none of its paths.

    Raises:
        CommitConflictError: The commit cannot be rebased; nothing was committed.
        HfHubHTTPError: The Hub refused the commit; or all attempts failed, and the message says whether the commit may
            have been created.
        TransportError: The same, without a response.
        ProtocolError: The same, with a response that does not match the spec.
        SourceChangedError: A file changed during the upload.
    """
    if target.create_pr:
        from hub_typed.flows.commits.pull_request_commit import PullRequestCommit

        opened = PullRequestCommit(io=io, target=target, header=header, changes=changes, started=io.now())
        return await opened.send()
    async with commit_turn(io, target) as turns:
        required = (header.parent_commit or "").lower()
        parent = header.parent_commit or turns.newest(_known_head(changes) or await read_head(io, target))
        commit = BranchCommit(
            io=io,
            target=target,
            header=attrs.evolve(header, parent_commit=parent),
            changes=changes,
            required=required,
            rebases=on_conflict == "rebase",
            paths=list(paths),
            started=io.now(),
        )
        made = await commit.send()
        turns.record(commit.parent, made.commit_oid)
        return made


def _known_head(changes: Sequence[Change]) -> str | None:
    """Return the head of the branch when the Hub was asked about the upload modes, if it told."""
    return next((change.branch_head for change in changes if isinstance(change, Upload) and change.branch_head), None)
