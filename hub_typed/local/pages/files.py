"""Pages of folders and files."""

from __future__ import annotations

from typing import Final

from hub_typed.local.errors import entry_missing
from hub_typed.local.git.objects import HEADS, TAGS
from hub_typed.local.handlers.tree import Tree
from hub_typed.local.pages.answers import page
from hub_typed.local.pages.located import Located, part_of
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given

__all__ = ["show_file", "show_folder"]

_ENTRIES_SHOWN: Final = 500
_REFS_SHOWN: Final = 50
_MAX_SHOWN: Final = 256 << 10
"""Maximum size of a file whose text is shown, in bytes."""


def show_folder(call: Call, given: Given) -> Answer:
    """List a folder; names and sizes are visible to callers who may not read the files, as in the API."""
    located, revision, path = Located.given(call, given), given.path["revision"], given.path.get("path", "")
    entries = Tree().list_repo_tree(
        call,
        repo_id=located.repo.repo_id,
        repo_type=located.repo.repo_type,
        revision=revision,
        path_in_repo=path,
    )
    git = located.repo.git()
    refs = [name.removeprefix(prefix) for prefix in (HEADS, TAGS) for name, _ in git.refs(prefix)]
    return page(
        call,
        "folder.html",
        located=located,
        revision=revision,
        path=path,
        above=path.rpartition("/")[0],
        part=part_of(entries, given, _ENTRIES_SHOWN),
        refs=refs[:_REFS_SHOWN],
    )


def show_file(call: Call, given: Given) -> Answer:
    """Show a file: its text, or what is known of it."""
    located, revision, path = Located.given(call, given), given.path["revision"], given.path["path"]
    if located.refusal is not None:
        raise located.refusal
    git = located.repo.git()
    commit = git.commit_at(revision)
    file = git.entry(commit, path)
    if file is None or file.kind != "file":
        raise entry_missing(f"{path} is not a file of revision {revision}")
    text = None
    if file.pointer is None and file.size <= _MAX_SHOWN:
        text = _text(git.read(file))
    # The cookie of a login counts for pages only, so what others may not read is not offered.
    is_public = not (located.private or located.gated)
    return page(
        call,
        "file.html",
        located=located,
        revision=revision,
        path=path,
        above=path.rpartition("/")[0],
        file=file,
        text=text,
        is_public=is_public,
    )


def _text(data: bytes) -> str | None:
    """Return the content of a file as text; ``None`` if it is none."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None
