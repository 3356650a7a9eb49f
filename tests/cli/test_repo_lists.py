"""``hub-typed models``, ``datasets`` and ``spaces``: lists, infos and cards."""

from __future__ import annotations

import json

import pytest

AREAS = {"models": "model", "datasets": "dataset", "spaces": "space"}
CARD = "---\nlicense: mit\ntags:\n- a\n---\n# Title\n\x1b[31mred\r\nend"


@pytest.fixture(params=AREAS)
def area(request) -> str:
    return request.param


@pytest.fixture
def repos(api, area) -> list[str]:
    """Three repositories; the first has a card and files."""
    kind = AREAS[area]
    names = [f"local-user/{name}" for name in ("one", "two", "three")]
    for name in names:
        api.create_repo(name, repo_type=kind, space_sdk="gradio" if kind == "space" else None)
    files = {"README.md": CARD.encode(), "a.txt": b"a", "b/c.txt": b"c"}
    for path, content in files.items():
        api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=names[0], repo_type=kind)
    return names


def test_a_list(run, area, repos):
    ended = run(area, "list")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "id\tdownloads\tlikes\tkind\tprivate\tcreated"
    assert sorted(row[0] for row in ended.rows) == sorted(repos)
    assert sorted(run(area, "ls", "-q").lines) == sorted(repos)
    assert run(area, "ls", "--search", "two", "-q").lines == [repos[1]]
    assert len(run(area, "ls", "--limit", "2", "--author", "local-user", "--json").json()) == 2
    assert run(area, "ls", "--author", "nobody", "--json").json() == []
    assert run(area, "ls", "--filter", "license:mit", "-q").lines == [repos[0]]


def test_a_list_for_people(run, area, repos, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    ended = run(area, "list", "--sort", "created_at", "--limit", "1", terminal=True)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0].split() == ["id", "downloads", "likes", "kind", "private", "created"]
    assert ended.lines[1].startswith("local-user/three")


def test_chosen_members(run, area, repos):
    ended = run(area, "list", "--expand", "cardData,tags", "--expand", "private", "--search", "one")
    assert ended.lines[0] == "id\tcardData\ttags\tprivate"
    name, card, tags, private = ended.rows[0]
    assert (name, json.loads(card)["license"], private) == (repos[0], "mit", "false")
    assert "license:mit" in tags.split(",")
    ended = run(area, "info", repos[0], "--expand", "sha,likes")
    assert [line.split("\t")[0] for line in ended.lines] == ["id", "sha", "likes"]
    assert set(run(area, "info", repos[0], "--expand", "sha,likes", "--json").json()) <= {"_id", "id", "sha", "likes"}


def test_an_unknown_member(run, area, repos):
    ended = run(area, "list", "--expand", "none")
    assert ended.code == 1
    assert "400" in ended.error


def test_the_files_of_a_repository(run, area, repos):
    ended = run(area, "list", repos[0])
    assert ended.lines[0] == "path\tsize\tlfs"
    assert ["b/", "", "false"] in ended.rows
    assert ["a.txt", "1", "false"] in ended.rows
    assert "b/c.txt" in run(area, "ls", repos[0], "-R", "-q").lines
    assert "b/c.txt" not in run(area, "ls", repos[0], "-q").lines
    assert run(area, "ls", repos[0], "--recursive", "--tree").lines[-2:] == ["└── b/", "    └── c.txt  1 B"]
    assert len(run(area, "ls", repos[0], "--limit", "2", "--json").json()) == 2
    assert run(area, "ls", repos[0], "--revision", "none").code == 3


def test_folders_are_in_the_tree_where_they_are_sorted(run, api, area, repos):
    api.upload_file(path_or_fileobj=b"", path_in_repo="b.txt", repo_id=repos[1], repo_type=AREAS[area])
    api.upload_file(path_or_fileobj=b"", path_in_repo="b/z/y", repo_id=repos[1], repo_type=AREAS[area])
    drawn = [line for line in run(area, "ls", repos[1], "-R", "--tree").lines if "README" not in line]
    assert drawn[1:] == ["├── b/", "│   └── z/", "│       └── y  0 B", "└── b.txt  0 B"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("list", "--tree"), "--tree"),
        (("list", "local-user/one", "--search", "x", "--sort", "likes"), "--search, --sort"),
        (("list", "--sort", "size"), "size"),
        (("list", "--limit", "-1"), "-1"),
        (("info",), "requires an argument"),
        (("info", "a/b/c"), "a/b/c"),
        (("card", "local-user/one", "--metadata", "--text"), "--metadata and --text"),
        (("card", "local-user/one", "--nothing"), "--nothing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_arguments(run, local_hub, area, arguments, says):
    ended = run(area, *arguments)
    assert ended.code == 2
    assert says in ended.error


def test_an_info(run, api, area, repos):
    ended = run(area, "info", repos[0])
    assert (ended.code, ended.err) == (0, "")
    fields = dict(line.split("\t") for line in ended.lines)
    sha = api.repo_info(repos[0], repo_type=AREAS[area]).sha
    assert (fields["id"], fields["commit"], fields["private"]) == (repos[0], sha, "false")
    assert "license:mit" in fields["tags"].split(",")
    assert run(area, "info", repos[0], "-q").out == f"{repos[0]}\n"
    assert run(area, "info", repos[0], "--json").json()["cardData"]["license"] == "mit"
    first = api.list_repo_commits(repos[0], repo_type=AREAS[area])[-1].commit_id
    assert run(area, "info", repos[0], "--revision", first, "--json").json()["sha"] == first


def test_a_card(run, area, repos):
    assert run(area, "card", repos[0]).out == CARD
    assert run(area, "card", repos[0], "--text").out == "# Title\n\x1b[31mred\r\nend"
    assert run(area, "card", repos[0], "--metadata").out == "license: mit\ntags:\n- a\n"
    members = {"license": "mit", "tags": ["a"]}
    assert run(area, "card", repos[0], "--metadata", "--json").json() == members
    assert run(area, "card", repos[0], "--json").json() == {"metadata": members, "text": CARD.rpartition("---\n")[2]}
    shown = run(area, "card", repos[0], "--text", terminal=True).out
    assert shown == "# Title\n\\x1b[31mred\r\nend"


@pytest.mark.parametrize("command", ["info", "card", "list"])
def test_what_does_not_exist(run, local_hub, area, command):
    ended = run(area, command, "local-user/none")
    assert ended.code == 3
    assert "local-user/none" in ended.error


def test_a_repository_without_a_card(run, api, area):
    api.create_repo("local-user/x", repo_type=AREAS[area], space_sdk="static" if area == "spaces" else None)
    api.upload_file(path_or_fileobj=b"", path_in_repo="x", repo_id="local-user/x", repo_type=AREAS[area])
    if "README.md" in api.list_repo_files("local-user/x", repo_type=AREAS[area]):
        api.delete_file("README.md", "local-user/x", repo_type=AREAS[area])
    ended = run(area, "card", "local-user/x")
    assert ended.code == 3
    assert "README.md" in ended.error


def test_what_is_private(run, api, local_hub, area, repos):
    api.update_repo_settings(repos[0], private=True, repo_type=AREAS[area])
    stranger = local_hub.add_user("stranger")
    for command in ("info", "card", "list"):
        assert run(area, command, repos[0], "--token", stranger).code == 3
    assert run(area, "list", "--token", stranger, "-q").lines == repos[:0:-1]
    assert run(area, "info", repos[1], "--token", "hf_wrong").code == 4


@pytest.mark.parametrize("command", [("info", "local-user/one"), ("list",), ("list", "local-user/one")], ids=" ".join)
def test_without_a_network(run, local_hub, area, offline, command):
    assert run(area, *command).code == 5


def test_filters_of_models(run, api, local_hub):
    api.create_repo("local-user/gated")
    api.update_repo_settings("local-user/gated", gated="auto")
    api.create_repo("local-user/open")
    api.upload_file(
        path_or_fileobj=b"---\npipeline_tag: summarization\n---\n", path_in_repo="README.md", repo_id="local-user/open"
    )
    assert run("models", "ls", "--gated", "-q").lines == ["local-user/gated"]
    assert run("models", "ls", "--no-gated", "-q").lines == ["local-user/open"]
    assert run("models", "ls", "--pipeline-tag", "summarization").rows[0][3] == "summarization"
    assert run("models", "ls", "--num-parameters", "min:1B", "-q").lines == []


def test_parquet_files_and_results_of_a_dataset(run, api):
    api.create_repo("local-user/d", repo_type="dataset")
    for split in ("train", "test"):
        api.upload_file(
            path_or_fileobj=b"PAR1", path_in_repo=f"{split}.parquet", repo_id="local-user/d", repo_type="dataset"
        )
    results = [{"task": {"type": "t"}, "dataset": {"type": "local-user/d", "name": "d"},
                "metrics": [{"type": "m", "value": 0.5}]}]  # fmt: skip
    card = json.dumps({"model-index": [{"name": "m", "results": results}]})
    api.create_repo("local-user/m")
    api.upload_file(path_or_fileobj=f"---\n{card}\n---\n".encode(), path_in_repo="README.md", repo_id="local-user/m")
    ended = run("datasets", "parquet", "local-user/d", "--split", "train")
    assert ended.lines[0] == "subset\tsplit\turl"
    assert [row[1] for row in ended.rows] == ["train"]
    assert len(run("datasets", "parquet", "local-user/d", "-q").lines) == 2
    assert run("datasets", "parquet", "local-user/d", "--subset", "none", "--json").json() == []
    assert run("datasets", "leaderboard", "local-user/d").rows == [["1", "local-user/m", "0.5", "false"]]
    assert run("datasets", "leaderboard", "local-user/d", "--limit", "0", "-q").out == ""
    for command in ("parquet", "leaderboard"):
        assert run("datasets", command, "local-user/none").code == 3
