"""``hub-typed collections``."""

from __future__ import annotations

import pytest


@pytest.fixture
def slug(api) -> str:
    """A collection of a model and a paper."""
    api.create_repo("local-user/m")
    made = api.create_collection("Good things", description="All of them")
    api.add_collection_item(made.slug, "local-user/m", "model", note="the best\x1b[0m")
    api.add_collection_item(made.slug, "2403.00000", "paper")
    return made.slug


@pytest.fixture
def other(local_hub) -> str:
    """A token of another user."""
    return local_hub.add_user("other")


def members(ended) -> dict[str, str]:
    return dict(line.split("\t") for line in ended.lines)


def test_list(run, slug, api):
    api.create_collection("Others")
    ended = run("collections", "list", "--owner", "local-user")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "slug\ttitle\towner\tprivate\tupvotes\tupdated"
    assert [row[1:5] for row in ended.rows] == [
        ["Others", "local-user", "false", "0"],
        ["Good things", "local-user", "false", "0"],
    ]
    assert run("collections", "ls", "--item", "models/local-user/m", "-q").out == f"{slug}\n"
    assert run("collections", "ls", "--search", "good", "--sort", "lastModified", "-q").out == f"{slug}\n"
    assert len(run("collections", "list", "--limit", "1", "-q").lines) == 1
    assert run("collections", "list", "--owner", "nobody", "--json").json() == []


def test_list_in_an_unknown_order(run, local_hub):
    assert run("collections", "list", "--sort", "size").code == 2
    assert run("collections", "list", "--item", "local-user").code == 1


def test_info(run, slug, local_hub):
    ended = run("collections", "info", slug)
    assert (ended.code, ended.err) == (0, "")
    assert f"url\t{local_hub.endpoint}/collections/{slug}" in ended.lines
    head, *items = [line.split("\t") for line in ended.lines[ended.lines.index("") + 1 :]]
    assert head == ["item", "type", "item object id", "note"]
    assert [[*one[:2], one[3]] for one in items] == [
        ["local-user/m", "model", "the best\\x1b[0m"],
        ["2403.00000", "paper", ""],
    ]
    assert run("collections", "info", slug, "-q").out == f"{slug}\n"
    assert [one["type"] for one in run("collections", "info", slug, "--json").json()["items"]] == ["model", "paper"]
    assert "the best\\x1b[0m" in run("collections", "info", slug, terminal=True).out


def test_a_missing_collection(run, slug):
    missing = slug[:-1] + ("0" if slug[-1] != "0" else "1")
    for command in (
        ["info", missing],
        ["update", missing, "--title", "New"],
        ["delete", missing, "--yes"],
        ["add-item", missing, "local-user/m", "model"],
        ["update-item", missing, "0" * 24, "--position", "0"],
        ["delete-item", missing, "0" * 24],
    ):
        assert run("collections", *command).code == 3, command
    assert run("collections", "delete", missing, "--yes", "--missing-ok").code == 0
    assert run("collections", "info", "no slug").code == 2


def test_create(run, api, local_hub):
    ended = run("collections", "create", "A title", "--description", "- what", "--private")
    assert (ended.code, ended.err) == (0, "")
    slug = members(ended)["slug"]
    assert members(ended)["url"] == f"{local_hub.endpoint}/collections/{slug}"
    made = api.get_collection(slug)
    assert (made.title, made.description, made.private) == ("A title", "- what", True)
    assert run("collections", "create", "Two", "--json").json()["slug"].startswith("local-user/two-")
    said = run("collections", "create", "Three", terminal=True)
    assert said.out.startswith(f"Created {local_hub.endpoint}/collections/local-user/three-")


def test_create_again(run, slug):
    assert run("collections", "create", "Good things").code == 1
    assert run("collections", "create", "Good things", "--exists-ok", "-q").out == f"{slug}\n"


def test_create_what_is_not_valid_or_not_allowed(run, local_hub, other):
    assert run("collections", "create").code == 2
    assert "title" in run("collections", "create", "x" * 61).error
    assert run("collections", "create", "A title", "--namespace", "local-user", "--token", other).code == 4


def test_update(run, slug, api):
    ended = run(
        "collections", "update", slug, "--title", "Better", "--description", "New", "--private", "--theme", "green"
    )
    assert ended.code == 0
    new = members(ended)["slug"]
    changed = api.get_collection(new)
    assert (changed.title, changed.description, changed.private, changed.theme) == ("Better", "New", True, "green")
    assert run("collections", "update", new, "--no-private", "--position", "0", "-q").out == f"{new}\n"
    assert not api.get_collection(new).private


def test_update_what_is_not_valid_or_not_allowed(run, slug, other):
    assert "--title" in (ended := run("collections", "update", slug)).error
    assert ended.code == 2
    assert run("collections", "update", slug, "--theme", "grey").code == 2
    assert run("collections", "update", slug, "--title", "Mine", "--token", other).code == 4


def test_delete_asks_first(run, slug, api):
    ended = run("collections", "delete", slug)
    assert ended.code == 2
    assert "--yes" in ended.error
    assert run("collections", "delete", slug, typed="n\n", terminal=True).code == 1
    assert api.get_collection(slug)
    assert run("collections", "delete", slug, typed="y\n", terminal=True).out == f"Deleted the collection {slug}.\n"
    assert run("collections", "delete", slug, "--yes").code == 3


def test_delete_of_what_another_user_owns(run, slug, other):
    assert run("collections", "delete", slug, "--yes", "--token", other).code == 4


def test_items(run, slug, api):
    api.create_repo("local-user/d", repo_type="dataset")
    ended = run("collections", "add-item", slug, "local-user/d", "dataset", "--note", "- new")
    assert (ended.code, ended.err) == (0, "")
    added = api.get_collection(slug).items[-1]
    assert members(ended) == {"slug": slug, "item_id": "local-user/d", "item_object_id": added.item_object_id}
    assert added.note == "- new"
    changes = ("--note", "changed", "--position", "0")
    assert (
        run("collections", "update-item", slug, added.item_object_id, *changes, "-q").out == f"{added.item_object_id}\n"
    )
    assert api.get_collection(slug).items[0].note == "changed"
    assert run("collections", "delete-item", slug, added.item_object_id, "--json").code == 0
    assert [one.item_id for one in api.get_collection(slug).items] == ["local-user/m", "2403.00000"]
    assert run("collections", "delete-item", slug, added.item_object_id).code == 3
    assert run("collections", "delete-item", slug, added.item_object_id, "--missing-ok").code == 0


def test_an_item_that_is_there(run, slug, api):
    assert run("collections", "add-item", slug, "2403.00000", "paper").code == 1
    there = api.get_collection(slug).items[1].item_object_id
    assert run("collections", "add-item", slug, "2403.00000", "paper", "--exists-ok", "-q").out == f"{there}\n"


def test_items_that_are_not_valid_or_not_allowed(run, slug, other, api):
    assert run("collections", "add-item", slug, "local-user/m", "file").code == 2
    assert run("collections", "add-item", slug, "local-user/none", "model").code == 3
    assert run("collections", "add-item", slug, "2402.00000", "paper", "--token", other).code == 4
    item = api.get_collection(slug).items[0].item_object_id
    assert run("collections", "update-item", slug, item).code == 2
    assert run("collections", "update-item", slug, item, "--note", "x", "--token", other).code == 4
    assert run("collections", "delete-item", slug, item, "--token", other).code == 4


def test_without_a_network(run, slug, offline):
    assert run("collections", "list").code == 5
    assert run("collections", "create", "A title").code == 5
