"""Handlers of commits: history, preupload, commit, squash."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Sequence

import attrs
import pygit2

from hub_typed.local.community.discussion_events import Actor
from hub_typed.local.community.discussions import Discussion
from hub_typed.local.errors import bad_request, revision_missing, stale, too_large
from hub_typed.local.git.commit_text import author_name, commit_date, message, title
from hub_typed.local.git.objects import PULLS, AuthoredMessage, Change, Put, Remove, RemoveFolder
from hub_typed.local.git.paths import checked_path
from hub_typed.local.git.patterns import ATTRIBUTES, IGNORE, Attributes, Ignore, lfs_line
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.lfs.store import MAX_REGULAR, Pointer, checked_oid
from hub_typed.local.repos.pull_requests import check_base, create_discussion, next_number, record_commits
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed.local.request.lazy_list import LazyList
from hub_typed.local.request.lfs_access import check_pointer, checked_content
from hub_typed_api import models
from hub_typed_api.server.commits import CommitsHandlers

__all__ = ["Commits"]

_MAX_OPERATIONS = 100_000
_MAX_FILES = 10_000
"""Maximum number of files in one preupload request."""
_HASH = re.compile(r"[0-9a-f]{5,40}")


class Commits(CommitsHandlers[Call]):
    """Handlers of the operations in the area ``commits``."""

    def list_repo_commits(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        revision: str,
        page: int | None = None,
        limit: int | None = None,
        expand: Sequence[str] | None = None,
    ) -> Sequence[models.GitCommitInfo]:
        git = call.readable(repo_type, repo_id).git()
        formatted = "formatted" in (expand or ())
        commits = list(git.history(git.commit_at(revision)))
        return LazyList(commits, lambda some: [_commit_info(commit, formatted) for commit in some])

    def preupload(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        revision: str,
        files: Sequence[models.PreuploadFile],
        git_ignore: str | None = None,
        git_attributes: str | None = None,
        create_pr: bool = False,
    ) -> models.PreuploadAnswer:
        repo = call.proposable(repo_type, repo_id) if create_pr else call.writable(repo_type, repo_id, revision)
        if len(files) > _MAX_FILES:
            raise too_large(f"A preupload request has at most {_MAX_FILES} files, this one has {len(files)}")
        git = repo.git()
        commit = git.commit_at(revision)
        given = {path: text for path, text in ((ATTRIBUTES, git_attributes), (IGNORE, git_ignore)) if text is not None}
        closed = call.access_refusal(repo) is not None

        def read(path: str) -> str:
            return given[path] if path in given else git.text(commit, path)

        attributes, ignore = Attributes(read), Ignore(read)

        def decide(file: models.PreuploadFile) -> models.UploadDecision:
            there = git.entry(commit, file.path)
            return models.UploadDecision(
                path=file.path,
                upload_mode="lfs" if _is_large(file, attributes) else "regular",
                should_ignore=ignore.ignores(file.path),
                oid=None if there is None or closed else there.pointer.sha256 if there.pointer else there.oid,
            )

        return models.PreuploadAnswer(files=[decide(file) for file in files], commit_oid=str(commit.id))

    def create_commit(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        revision: str,
        lines: Iterator[models.CommitLine],
        create_pr: bool = False,
    ) -> models.CommitAnswer:
        repo = call.proposable(repo_type, repo_id) if create_pr else call.writable(repo_type, repo_id, revision)
        payload = _CommitPayload.read(call, repo, lines)
        with call.writing(repo) as git:
            head = git.branch(revision)
            if head is None:
                raise revision_missing(revision)
            if create_pr:
                commit, pull = _open_pull_request(repo, git, payload, revision, head, call.actor())
            else:
                if not str(head.id).startswith(payload.parent):
                    raise stale()
                commit, pull = payload.commit(git, revision, head), None
                record_commits(repo, call.actor(), [revision])
        page = call.web_url(repo_type, repo_id)
        return models.CommitAnswer(
            success=True,
            commit_oid=str(commit.id),
            commit_url=f"{page}/commit/{commit.id}",
            pull_request_url=None if pull is None else f"{page}/discussions/{pull.num}",
            hook_output="",
        )

    def super_squash_history(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, branch: str, message: str | None = None
    ) -> models.SuperSquashAnswer:
        repo = call.writable(repo_type, repo_id, branch)
        signed = AuthoredMessage(user=call.user().user.name, message=message or f"Squash the history of {branch}")
        with call.writing(repo) as git:
            commit = git.squash(branch, signed)
            record_commits(repo, call.actor(), [branch])
        return models.SuperSquashAnswer(commit_id=str(commit.id))


@attrs.frozen(kw_only=True)
class _CommitPayload:
    """Parsed lines of a commit payload.

    Attributes:
        parent: Required parent commit, as a hash or its beginning; empty for any.
        large: Paths of the LFS files among the changes.
    """

    signed: AuthoredMessage
    parent: str
    changes: Sequence[Change]
    large: Sequence[str]

    @classmethod
    def read(cls, call: Call, repo: Repo, lines: Iterator[models.CommitLine]) -> _CommitPayload:
        header: models.CommitHeader | None = None
        changes: list[Change] = []
        large: list[str] = []
        for number, line in enumerate(lines):
            if number > _MAX_OPERATIONS:
                raise too_large(f"A commit has at most {_MAX_OPERATIONS} operations")
            if isinstance(line, models.CommitHeaderLine):
                header = line.value
            elif isinstance(line, models.CommitFileLine):
                path = checked_path(line.value.path)
                changes.append(Put(path, checked_content(call, repo, path, _decoded_content(line.value))))
            elif isinstance(line, models.CommitLfsFileLine):
                changes.append(Put(checked_path(line.value.path), _pointer(call, repo, line.value).text()))
                large.append(line.value.path)
            elif isinstance(line, models.CommitDeletedFileLine) and not line.value.path.endswith("/"):
                changes.append(Remove(checked_path(line.value.path)))
            else:
                changes.append(RemoveFolder(checked_path(line.value.path.rstrip("/"))))
        if header is None or not header.summary:
            raise bad_request("A commit needs a header line with a summary")
        parent = (header.parent_commit or "").lower()
        if parent and not _HASH.fullmatch(parent):
            raise bad_request(f"Invalid parentCommit: {parent!r}, it must be 5 to 40 hexadecimal digits")
        message = f"{header.summary}\n\n{header.description}" if header.description else header.summary
        signed = AuthoredMessage(user=call.user().user.name, message=message)
        return cls(signed=signed, parent=parent, changes=changes, large=large)

    def commit(self, git: GitRepo, branch: str, parent: pygit2.Commit) -> pygit2.Commit:
        """Create the commit on a branch."""
        return git.commit(branch, parent, [*self.changes, *self._attributes(git, parent)], self.signed)

    def _attributes(self, git: GitRepo, parent: pygit2.Commit) -> list[Change]:
        """Return the change of ``.gitattributes`` that marks the LFS files, if one is needed."""
        texts: dict[str, str] = {}

        def text(path: str) -> str:
            return texts[path] if path in texts else git.text(parent, path)

        for change in self.changes:
            if change.path.rpartition("/")[2] == ATTRIBUTES:
                texts[change.path] = change.data.decode(errors="replace") if isinstance(change, Put) else ""
        attributes = Attributes(text)
        added = "".join(lfs_line(path) for path in self.large if not attributes.lfs(path))
        if not added:
            return []
        root = text(ATTRIBUTES)
        return [Put(ATTRIBUTES, (root + ("" if root.endswith("\n") or not root else "\n") + added).encode())]


def _open_pull_request(
    repo: Repo, git: GitRepo, payload: _CommitPayload, branch: str, head: pygit2.Commit, actor: Actor
) -> tuple[pygit2.Commit, Discussion]:
    """Open a pull request with the commit as its first one."""
    base, num = check_base(branch), next_number(repo, git)
    title, _, description = payload.signed.message.partition("\n")
    commit = payload.commit(git, f"{PULLS}{num}", git.commit_at(payload.parent) if payload.parent else head)
    pull = Discussion(num=num, title=title, author=actor.user.name, created_at=actor.now, base=base)
    return commit, create_discussion(repo, pull, actor, description.strip())


def _decoded_content(file: models.CommitFile) -> bytes:
    content = base64.b64decode(file.content, validate=True) if file.encoding == "base64" else file.content.encode()
    if len(content) > MAX_REGULAR:
        raise bad_request(f"{file.path} is larger than 10 MiB: it must be uploaded through LFS")
    return content


def _pointer(call: Call, repo: Repo, file: models.CommitLfsFile) -> Pointer:
    size = call.lfs.size(checked_oid(file.oid))
    # A copied file comes without a size. No object has the size -1.
    pointer = Pointer(file.oid, file.size if file.size is not None else -1 if size is None else size)
    check_pointer(call, repo, pointer, file.path)
    return pointer


def _is_large(file: models.PreuploadFile, attributes: Attributes) -> bool:
    if file.size == 0:
        return False
    # Like git, take a NUL byte as the sign of a binary file.
    binary = b"\0" in base64.b64decode(file.sample)
    return binary or file.size > MAX_REGULAR or attributes.lfs(file.path)


def _commit_info(commit: pygit2.Commit, formatted: bool) -> models.GitCommitInfo:
    info = models.GitCommitInfo(
        commit_id=str(commit.id),
        title=title(commit),
        message=message(commit).partition("\n")[2].strip(),
        author_infos=[models.CommitAuthor(user=author_name(commit))],
        created_at=commit_date(commit),
    )
    if not formatted:
        return info
    html_message = models.FormattedMessage(title=html.escape(info.title), message=html.escape(info.message))
    return attrs.evolve(info, formatted=html_message)
