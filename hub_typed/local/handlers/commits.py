"""The history of a repository, and what is added to it."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence

import attrs
import pygit2

from hub_typed.local.call import Call
from hub_typed.local.faults import HubFault, bad_request, revision_missing, stale, unprocessable
from hub_typed.local.git import Change, GitRepo, Put, Remove, RemoveFolder, Signed
from hub_typed.local.info import title, when
from hub_typed.local.lfs import Pointer, checked_oid
from hub_typed.local.patterns import Attributes, Ignore, lfs_line
from hub_typed_api import models
from hub_typed_api.path import checked_file
from hub_typed_api.server.commits import CommitsHandlers

__all__ = ["MAX_REGULAR", "Commits"]

MAX_REGULAR = 10 << 20
_ATTRIBUTES = ".gitattributes"


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
        return [_commit_info(commit, formatted) for commit in git.history(git.commit_at(revision))]

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
        _refuse_pull_request(create_pr)
        git = call.writable(repo_type, repo_id).git()
        commit = git.commit_at(revision)
        ignore = Ignore(git_ignore or "")
        attributes = Attributes(git.text(commit, _ATTRIBUTES) if git_attributes is None else git_attributes)

        def decide(file: models.PreuploadFile) -> models.UploadDecision:
            there = git.entry(commit, file.path)
            return models.UploadDecision(
                path=file.path,
                upload_mode="lfs" if _large(file, attributes) else "regular",
                should_ignore=ignore.ignores(file.path),
                oid=None if there is None else there.pointer.sha256 if there.pointer else there.oid,
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
        _refuse_pull_request(create_pr)
        repo = call.writable(repo_type, repo_id)
        header, changes, large = _read(call, lines)
        message = f"{header.summary}\n\n{header.description}" if header.description else header.summary
        with repo.writing() as git:
            head = git.branch(revision)
            if head is None:
                raise revision_missing(revision)
            if header.parent_commit and not str(head.id).startswith(header.parent_commit.lower()):
                raise stale()
            changes += _attributes(git, head, changes, large)
            commit = git.commit(revision, head, changes, Signed(user=call.user().user.name, message=message))
        url = f"{call.web_url(repo_type, repo_id)}/commit/{commit.id}"
        return models.CommitAnswer(success=True, commit_oid=str(commit.id), commit_url=url, hook_output="")


def _read(call: Call, lines: Iterator[models.CommitLine]) -> tuple[models.CommitHeader, list[Change], list[str]]:
    """Header, changes, and the paths of large files of the body of a commit."""
    header: models.CommitHeader | None = None
    changes: list[Change] = []
    large: list[str] = []
    for line in lines:
        if isinstance(line, models.CommitHeaderLine):
            header = line.value
        elif isinstance(line, models.CommitFileLine):
            changes.append(Put(_path(line.value.path), _content(line.value)))
        elif isinstance(line, models.CommitLfsFileLine):
            changes.append(Put(_path(line.value.path), _pointer(call, line.value).text()))
            large.append(line.value.path)
        elif isinstance(line, models.CommitDeletedFileLine):
            changes.append(Remove(_path(line.value.path)))
        else:
            changes.append(RemoveFolder(_path(line.value.path.rstrip("/"))))
    if header is None or not header.summary:
        raise bad_request("A commit needs a header line with a summary")
    return header, changes, large


def _path(path: str) -> str:
    try:
        checked_file(path)
    except ValueError as error:
        raise unprocessable(str(error)) from error
    if "\\" in path or ".git" in path.lower().split("/"):
        raise unprocessable(f"Invalid path in a repository: {path!r}")
    return path


def _content(file: models.CommitFile) -> bytes:
    content = base64.b64decode(file.content, validate=True) if file.encoding == "base64" else file.content.encode()
    if len(content) > MAX_REGULAR:
        raise bad_request(f"{file.path} is larger than 10 MiB: it must be uploaded through LFS")
    return content


def _pointer(call: Call, file: models.CommitLfsFile) -> Pointer:
    size = call.lfs.size(checked_oid(file.oid))
    if size is None or file.size not in (None, size):
        raise unprocessable(f"The LFS object {file.oid} of {file.path} was not uploaded, or has another size")
    return Pointer(file.oid, size)


def _attributes(git: GitRepo, head: pygit2.Commit, changes: Sequence[Change], large: Sequence[str]) -> list[Change]:
    """The change of ``.gitattributes`` after which git, too, takes the large files for what they are."""
    text = git.text(head, _ATTRIBUTES)
    for change in changes:
        if change.path == _ATTRIBUTES:
            text = change.data.decode(errors="replace") if isinstance(change, Put) else ""
    attributes = Attributes(text)
    added = "".join(lfs_line(path) for path in large if not attributes.lfs(path))
    if not added:
        return []
    return [Put(_ATTRIBUTES, (text + ("" if text.endswith("\n") or not text else "\n") + added).encode())]


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
        message=commit.message.partition("\n")[2].strip(),
        author_infos=[models.CommitAuthor(user=commit.author.name)],
        created_at=when(commit),
    )
    if not formatted:
        return info
    html_message = models.FormattedMessage(title=html.escape(info.title), message=html.escape(info.message))
    return attrs.evolve(info, formatted=html_message)


def _refuse_pull_request(create_pr: bool) -> None:
    if create_pr:
        raise HubFault(501, "The embedded Hub has no pull requests yet")
