"""Pages that list repositories, and the first page of a repository: its README."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub_typed.local.cards.card import without_front_matter
from hub_typed.local.pages.answers import page
from hub_typed.local.pages.located import Located, part_of
from hub_typed.local.pages.markdown import render
from hub_typed.local.repos.store import REPO_TYPES, RepoType, known_type
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import is_visible
from hub_typed_api.serve import Answer, Given

__all__ = ["show_repo", "show_repos"]

_REPOS_SHOWN: Final = 100
_TEXT_SHOWN: Final = 128 << 10


def show_repos(call: Call, given: Given) -> Answer:
    """List the repositories that the caller may see, of one type or of all."""
    kind = given.path.get("repo_type")
    types = REPO_TYPES if kind is None else (known_type(kind),)
    return _show_list(call, given, types, title="Repositories" if kind is None else f"{kind.capitalize()}s")


def show_repo(call: Call, given: Given) -> Answer:
    """Show the README of a repository; if the path is the name of an account, list its repositories."""
    name = call.accounts.spelling(given.path["repo_id"])
    is_account = (call.accounts.user(name) or call.accounts.organization(name)) is not None
    if "repo_type" not in given.path and is_account and call.store.find("model", name) is None:
        return _show_list(call, given, REPO_TYPES, title=name, owner=name)
    located = Located.given(call, given)
    text, html = "", None
    if located.refusal is None:
        git = located.repo.git()
        head = git.branch("main")
        text = "" if head is None else without_front_matter(git.text(head, "README.md"))
        html = render(text, f"{located.page}/blob/main/")
    return page(
        call,
        "repo.html",
        located=located,
        readme=html,
        text=text[:_TEXT_SHOWN],
        is_cut=len(text) > _TEXT_SHOWN,
        downloads=located.repo.downloads,
    )


def _show_list(
    call: Call, given: Given, types: tuple[RepoType, ...], *, title: str, owner: str | None = None
) -> Answer:
    words = (given.text("q") or "").lower().split()

    def found() -> Iterator[Located]:
        for repo in (repo for repo_type in types for repo in call.store.all(repo_type)):
            is_named = owner in (None, repo.namespace) and all(word in repo.repo_id.lower() for word in words)
            if is_named and is_visible(call, repo):
                yield Located.of(call, repo)

    shown = part_of(found(), given, _REPOS_SHOWN)
    return page(call, "repos.html", title=title, part=shown, search=" ".join(words))
