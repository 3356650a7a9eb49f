"""New Spaces, and what lists and infos say of Spaces."""

from __future__ import annotations

import pytest

from hub_typed.local.cards.checks import check_card

FRONT = ["title", "emoji", "colorFrom", "colorTo", "sdk"]


def create(ada, sdk, **more):
    return ada("POST", "/api/repos/create", {"name": "my-first_space", "type": "space", "sdk": sdk, **more})


@pytest.mark.parametrize(
    ("sdk", "files", "members", "stage"),
    [
        ("static", ["index.html", "style.css"], [], "RUNNING"),
        ("gradio", [], ["sdk_version", "app_file"], "NO_APP_FILE"),
        ("streamlit", [], ["sdk_version", "app_file"], "NO_APP_FILE"),
        ("docker", [], [], "NO_APP_FILE"),
    ],
)
def test_a_new_space_has_the_files_of_its_sdk(ada, sdk, files, members, stage):
    assert create(ada, sdk).status == 200

    info = ada("GET", "/api/spaces/ada/my-first_space").json()
    assert [one["rfilename"] for one in info["siblings"]] == [".gitattributes", "README.md", *files]
    assert list(info["cardData"]) == [*FRONT, *members, "pinned"]
    assert (info["cardData"]["title"], info["cardData"]["sdk"], info["sdk"]) == ("My First Space", sdk, sdk)
    assert info["runtime"]["stage"] == stage
    readme = ada("GET", "/spaces/ada/my-first_space/raw/main/README.md").body.decode()
    assert not check_card(readme, "space").errors
    for name in files:
        assert ada("GET", f"/spaces/ada/my-first_space/resolve/main/{name}").body


@pytest.mark.parametrize("sdk", ["shiny", "Gradio", "", None])
def test_a_space_with_an_unknown_sdk_is_refused_with_the_choices(ada, sdk):
    answer = create(ada, sdk)

    assert answer.status == 400
    assert answer.json()["error"] == (
        '✖ Invalid option: expected one of "gradio"|"streamlit"|"docker"|"static"\n  → at sdk'
    )
    assert ada("GET", "/api/spaces/ada/my-first_space").status == 404


def test_linked_spaces_come_with_their_models_and_datasets(ada, anyone):
    create(ada, "static")
    create(ada, "static", name="other")
    ada.put("spaces/ada/my-first_space", "README.md", b"---\nsdk: static\nmodels: [ada/m]\ndatasets: [ada/d]\n---\n")

    (only,) = anyone("GET", "/api/spaces?linked=true").json()
    (reduced,) = anyone("GET", "/api/spaces?linked=true&expand=sdk").json()
    one = anyone("GET", "/api/spaces/ada/my-first_space").json()

    assert (only["models"], only["datasets"]) == (["ada/m"], ["ada/d"])
    assert (one["models"], one["datasets"]) == (["ada/m"], ["ada/d"])
    assert set(reduced) == {"_id", "id", "sdk"}
    assert all("models" not in space for space in anyone("GET", "/api/spaces").json())
