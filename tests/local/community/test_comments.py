"""Comments on papers, posts and articles."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, operations
from hub_typed.errors import HfHubHTTPError
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

PAGES = ("papers/2401.00000", "posts/ada/first", "blog/ada/long", "blog/news")


@pytest.fixture(autouse=True)
def _published(hub, ada):
    hub.community.publications.add_post("ada", "first", "First")
    hub.community.publications.add_article("long", "Long", author="ada")
    hub.community.publications.add_article("news", "News")


def say(caller, page, text="So it is.", reply=""):
    return caller("POST", f"/api/{page}/comment{reply and f'/{reply}/reply'}", {"comment": text})


@pytest.mark.parametrize("page", PAGES)
def test_comments_and_replies_are_kept(hub, bob, page):
    made = say(bob, page)
    assert made.status == 201
    first = made.json()["newMessage"]

    reply = say(bob, page, "Is it?", first["id"]).json()["newMessage"]

    assert (first["author"]["name"], first["data"]["latest"]["raw"]) == ("bob", "So it is.")
    assert reply["data"]["parentCommentId"] == first["id"]
    again = Hub(hub._root).community.comments.of(page)
    assert [one.id for one in again] == [first["id"], reply["id"]]
    assert say(bob, page, reply="none").status == 404


def test_a_paper_tells_its_comments(bob, anyone):
    made = say(bob, "papers/2401.00000").json()["newMessage"]

    assert anyone("GET", "/api/papers/2401.00000?field=comments").json()["comments"] == [made]
    (entry,) = anyone("GET", "/api/papers/search?q=quiet+gradients").json()
    assert entry["numComments"] == 1


@pytest.mark.parametrize(
    "page", ["papers/2499.00000", "posts/bob/first", "posts/ada/long", "blog/first", "blog/x/news"]
)
def test_on_what_is_not_there_nobody_comments(bob, page):
    assert say(bob, page).status == 404


def test_who_may_comment(hub, bob, anyone, login):
    assert say(anyone, PAGES[1]).status == 401
    assert say(login(hub, "eve", "read"), PAGES[1]).status == 403
    assert say(bob, PAGES[1], " ").status == 400


def test_only_its_author_deletes_a_post(hub, ada, bob):
    assert say(bob, "posts/ada/first").status == 201
    assert bob("DELETE", "/api/posts/ada/first").status == 403

    assert ada("DELETE", "/api/posts/ada/first").status == 200

    assert ada("DELETE", "/api/posts/ada/first").status == 404
    assert say(Caller(Hub(hub._root), bob.token), "posts/ada/first").status == 404
    hub.community.publications.add_post("ada", "first", "Again")
    assert hub.community.comments.of("posts/ada/first") == []


def test_the_client_comments():
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        hub.hub.community.publications.add_post("ada", "first", "First")
        asked = operations.community.comment_post(username="ada", post_slug="first", comment="Good.")

        assert api.call(asked).new_message.data.latest.raw == "Good."
        with pytest.raises(HfHubHTTPError):
            api.call(operations.community.comment_post(username="ada", post_slug="second", comment="Good."))
