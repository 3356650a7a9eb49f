"""The history of a repository, and what is added to it."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator, Sequence

import attrs
import pygit2

from hub_typed.local.call import Call
from hub_typed.local.commit_text import author_name, message, title, when
from hub_typed.local.discussions import Discussion
from hub_typed.local.events import Actor
from hub_typed.local.faults import bad_request, revision_missing, stale, too_large, unprocessable
from hub_typed.local.git import PULLS, Change, GitRepo, Put, Remove, RemoveFolder, Signed
from hub_typed.local.lazy import Lazy
from hub_typed.local.lfs import MAX_REGULAR, Pointer, checked_oid
from hub_typed.local.lfs_access import check_pointer, checked_content
from hub_typed.local.patterns import ATTRIBUTES, Attributes, Ignore, lfs_line
from hub_typed.local.pulls import begin, check_base, next_number, record_commits
from hub_typed.local.repo_limits import MAX_DEPTH_WRITTEN
from hub_typed.local.store import Repo
from hub_typed_api import models
from hub_typed_api.path import checked_file
from hub_typed_api.server.commits import CommitsHandlers

__all__ = ["Commits"]

_MOST_OPERATIONS = 100_000
_MOST_FILES = 10_000
"""Files that are asked about in one request."""
_LONGEST_PATH = 4096
"""Bytes of a path, as the kernel has it."""
_HASH = re.compile(r"[0-9a-f]{5,40}")


class Commits(CommitsHandlers[Call]):
    """Answers the operations of the area commits."""

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
        return Lazy(commits, lambda some: [_commit_info(commit, formatted) for commit in some])

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
        if len(files) > _MOST_FILES:
            raise too_large(f"At most {_MOST_FILES} files can be asked about in one request, these are {len(files)}")
        git = repo.git()
        commit = git.commit_at(revision)
        ignore = Ignore(git_ignore or "")
        given = {} if git_attributes is None else {ATTRIBUTES: git_attributes}
        closed = call.closed(repo) is not None
        attributes = Attributes(lambda path: given[path] if path in given else git.text(commit, path))

        def decide(file: models.PreuploadFile) -> models.UploadDecision:
            there = git.entry(commit, file.path)
            return models.UploadDecision(
                path=file.path,
                upload_mode="lfs" if _large(file, attributes) else "regular",
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
        body = _Body.read(call, repo, lines)
        with call.writing(repo) as git:
            head = git.branch(revision)
            if head is None:
                raise revision_missing(revision)
            if create_pr:
                commit, pull = _proposed(repo, git, body, revision, head, call.actor())
            else:
                if not str(head.id).startswith(body.parent):
                    raise stale()
                commit, pull = body.commit(git, revision, head), None
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
        signed = Signed(user=call.user().user.name, message=message or f"Squash the history of {branch}")
        with call.writing(repo) as git:
            commit = git.squash(branch, signed)
            record_commits(repo, call.actor(), [branch])
        return models.SuperSquashAnswer(commit_id=str(commit.id))


@attrs.frozen(kw_only=True)
class _Body:
    """What the lines of a commit say.

    Attributes:
        parent: The hash, or its beginning, of the commit that it must follow; empty for any.
        large: Paths of the large files among what changes.
    """

    signed: Signed
    parent: str
    changes: Sequence[Change]
    large: Sequence[str]

    @classmethod
    def read(cls, call: Call, repo: Repo, lines: Iterator[models.CommitLine]) -> _Body:
        header: models.CommitHeader | None = None
        changes: list[Change] = []
        large: list[str] = []
        for number, line in enumerate(lines):
            if number > _MOST_OPERATIONS:
                raise too_large(f"A commit has at most {_MOST_OPERATIONS} operations")
            if isinstance(line, models.CommitHeaderLine):
                header = line.value
            elif isinstance(line, models.CommitFileLine):
                path = _path(line.value.path)
                changes.append(Put(path, checked_content(call, repo, path, _content(line.value))))
            elif isinstance(line, models.CommitLfsFileLine):
                changes.append(Put(_path(line.value.path), _pointer(call, repo, line.value).text()))
                large.append(line.value.path)
            elif isinstance(line, models.CommitDeletedFileLine):
                changes.append(Remove(_path(line.value.path)))
            else:
                changes.append(RemoveFolder(_path(line.value.path.rstrip("/"))))
        if header is None or not header.summary:
            raise bad_request("A commit needs a header line with a summary")
        parent = (header.parent_commit or "").lower()
        if parent and not _HASH.fullmatch(parent):
            raise bad_request(f"Invalid parentCommit: {parent!r}, it must be 5 to 40 hexadecimal digits")
        message = f"{header.summary}\n\n{header.description}" if header.description else header.summary
        signed = Signed(user=call.user().user.name, message=message)
        return cls(signed=signed, parent=parent, changes=changes, large=large)

    def commit(self, git: GitRepo, branch: str, parent: pygit2.Commit) -> pygit2.Commit:
        """Make the commit."""
        return git.commit(branch, parent, [*self.changes, *self._attributes(git, parent)], self.signed)

    def _attributes(self, git: GitRepo, parent: pygit2.Commit) -> list[Change]:
        """The change of ``.gitattributes`` after which git, too, takes the large files for what they are."""
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


def _proposed(
    repo: Repo, git: GitRepo, body: _Body, branch: str, head: pygit2.Commit, actor: Actor
) -> tuple[pygit2.Commit, Discussion]:
    """Open a pull request that begins with a commit."""
    base, num = check_base(branch), next_number(repo, git)
    title, _, description = body.signed.message.partition("\n")
    commit = body.commit(git, f"{PULLS}{num}", git.commit_at(body.parent) if body.parent else head)
    pull = Discussion(num=num, title=title, author=actor.user.name, created_at=actor.now, base=base)
    return commit, begin(repo, pull, actor, description.strip())


def _path(path: str) -> str:
    try:
        checked_file(path)
    except ValueError as error:
        raise unprocessable(str(error)) from error
    if len(path.encode(errors="surrogatepass")) > _LONGEST_PATH or path.count("/") > MAX_DEPTH_WRITTEN:
        raise unprocessable(f"The path {path[:80]!r}... is longer than {_LONGEST_PATH} bytes, or too deep")
    if any(letter < " " or letter == "\x7f" for letter in path) or "\\" in path or ".git" in path.lower().split("/"):
        raise unprocessable(f"Invalid path in a repository: {path!r}")
    return path


def _content(file: models.CommitFile) -> bytes:
    content = base64.b64decode(file.content, validate=True) if file.encoding == "base64" else file.content.encode()
    if len(content) > MAX_REGULAR:
        raise bad_request(f"{file.path} is larger than 10 MiB: it must be uploaded through LFS")
    return content


def _pointer(call: Call, repo: Repo, file: models.CommitLfsFile) -> Pointer:
    size = call.lfs.size(checked_oid(file.oid))
    # Copies come without a size. A size of -1 is that of no object.
    pointer = Pointer(file.oid, file.size if file.size is not None else -1 if size is None else size)
    check_pointer(call, repo, pointer, file.path)
    return pointer


def _large(file: models.PreuploadFile, attributes: Attributes) -> bool:
    if file.size == 0:
        return False
    # A NUL is what git itself goes by.
    binary = b"\0" in base64.b64decode(file.sample)
    return binary or file.size > MAX_REGULAR or attributes.lfs(file.path)


def _commit_info(commit: pygit2.Commit, formatted: bool) -> models.GitCommitInfo:
    info = models.GitCommitInfo(
        commit_id=str(commit.id),
        title=title(commit),
        message=message(commit).partition("\n")[2].strip(),
        author_infos=[models.CommitAuthor(user=author_name(commit))],
        created_at=when(commit),
    )
    if not formatted:
        return info
    html_message = models.FormattedMessage(title=html.escape(info.title), message=html.escape(info.message))
    return attrs.evolve(info, formatted=html_message)
