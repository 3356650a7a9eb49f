"""``hub-typed repos``: repositories, their branches, tags, files and commits."""

from __future__ import annotations

import json

import pytest

from hub_typed_api.serve import Answer

REPO = "local-user/m"
SPACE = "local-user/s"


@pytest.fixture
def repo(api) -> str:
    api.create_repo(REPO)
    for path in ("a.txt", "b/c.bin", "b/d/e.txt", "z.txt"):
        api.upload_file(path_or_fileobj=path.encode(), path_in_repo=path, repo_id=REPO, commit_message=f"Add {path}")
    return REPO


@pytest.fixture
def stranger(local_hub) -> str:
    """A token of an account that owns nothing."""
    return local_hub.add_user("stranger")


def members(ended) -> dict[str, str]:
    return dict(line.split("\t") for line in ended.lines)


def test_create_says_where_the_repository_is(run, api, local_hub):
    ended = run("repos", "create", REPO, "--private")
    assert (ended.code, ended.err) == (0, "")
    url = f"{local_hub.endpoint}/{REPO}"
    assert members(ended) == {"repo_id": REPO, "repo_type": "model", "url": url}
    assert api.model_info(REPO).private
    assert run("repos", "create", "d", "--type", "dataset", "-q").out == "local-user/d\n"
    assert run("repos", "create", "k", "--type", "kernel", "-q").out == "local-user/k\n"
    assert api.kernel_info("local-user/k").private is False
    assert run("repos", "create", "e", "--json").json()["url"] == f"{local_hub.endpoint}/local-user/e"
    assert run("repos", "create", "f", terminal=True).out == f"Created {local_hub.endpoint}/local-user/f.\n"


def test_create_of_an_existing_repository(run, repo):
    ended = run("repos", "create", repo)
    assert ended.code == 1
    assert "409" in ended.error
    assert run("repos", "create", repo, "--exist-ok", "-q").out == f"{repo}\n"


def test_create_of_a_space_with_secrets_and_variables(run, api, monkeypatch, tmp_path):
    monkeypatch.setenv("FROM_HERE", "value of the environment")
    (tmp_path / "env").write_text("# a comment\n\nexport A='1'\nB=x=y\n")
    ended = run(
        "repos", "create", SPACE, "--type", "space", "--sdk", "docker", "--flavor", "t4-small", "--sleep-time", "300",
        "-s", "ONE=1", "-s", "FROM_HERE", "--env-file", tmp_path / "env", "-e", "A=2",
    )  # fmt: skip
    assert (ended.code, ended.err) == (0, "")
    assert set(api.get_space_secrets(SPACE)) == {"ONE", "FROM_HERE"}
    assert {key: one.value for key, one in api.get_space_variables(SPACE).items()} == {"A": "2", "B": "x=y"}
    assert api.get_space_runtime(SPACE).requested_hardware == "t4-small"


def test_a_token_as_a_secret_is_the_stored_one(run, api, logged_out, local_hub):
    run("auth", "login", "--token", local_hub.token)
    assert run("repos", "create", SPACE, "--type", "space", "--sdk", "static", "-s", "HF_TOKEN").code == 0
    assert set(api.get_space_secrets(SPACE)) == {"HF_TOKEN"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((SPACE, "--type", "space"), "--sdk"),
        ((REPO, "--private", "--public"), "public and private"),
        (("a/b/c",), "a/b/c"),
        ((REPO, "--type", "bucket"), "bucket"),
        ((), "REPO-ID"),
        ((SPACE, "--type", "space", "--sdk", "gradio", "-s", "no-name=v4lue"), "--secrets"),
        ((SPACE, "--type", "space", "--sdk", "gradio", "-s", "NOT_SET"), "NOT_SET"),
        ((SPACE, "--type", "space", "--sdk", "gradio", "--sleep-time", "soon"), "soon"),
    ],
)
def test_create_with_wrong_arguments(run, local_hub, arguments, says):
    ended = run("repos", "create", *arguments)
    assert ended.code == 2
    assert says.lower() in ended.error.lower().replace("_", "-").replace("not-set", "not_set")
    assert "v4lue" not in ended.error


def test_a_line_of_a_file_of_secrets_that_is_no_pair_is_not_printed(run, local_hub, tmp_path):
    (tmp_path / "secrets").write_text("A=1\nhf_s3cret\n")
    ended = run("repos", "create", SPACE, "--type", "space", "--sdk", "gradio", "--secrets-file", tmp_path / "secrets")
    assert ended.code == 2
    assert "Line 2 of --secrets-file" in ended.error
    assert "hf_s3cret" not in ended.error


def test_secrets_from_stdin(run, api):
    arguments = ("repos", "create", SPACE, "--type", "space", "--sdk", "gradio", "--secrets-file", "-")
    assert run(*arguments, typed='A="1"\n').code == 0
    assert set(api.get_space_secrets(SPACE)) == {"A"}


def test_create_for_another_account(run, stranger):
    ended = run("repos", "create", REPO, "--token", stranger)
    assert ended.code == 4
    assert stranger not in ended.error


COMMANDS = [
    ("delete", REPO, "--yes"),
    ("move", REPO, "local-user/n"),
    ("duplicate", REPO, "copy"),
    ("settings", REPO, "--private"),
    ("tree", REPO),
    ("commits", REPO),
    ("delete-files", REPO, "a.txt"),
    ("squash", REPO, "--yes"),
    ("branch", "create", REPO, "dev"),
    ("branch", "delete", REPO, "dev", "--yes"),
    ("branch", "list", REPO),
    ("tag", "create", REPO, "v1"),
    ("tag", "delete", REPO, "v1", "--yes"),
    ("tag", "list", REPO),
]
WRITING = [one for one in COMMANDS if one[0] not in ("duplicate", "tree", "commits") and "list" not in one]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_repository_that_does_not_exist(run, local_hub, command):
    ended = run("repos", *command)
    assert ended.code == 3
    assert REPO in ended.error


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_a_token_that_may_not_write(run, repo, local_hub, command):
    ended = run("repos", *command, "--token", local_hub.read_token)
    assert ended.code == 4
    assert local_hub.read_token not in ended.error


@pytest.mark.parametrize("command", [*COMMANDS, ("list",), ("create", REPO)], ids=" ".join)
def test_without_a_network(run, local_hub, offline, command):
    assert run("repos", *command).code == 5


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_unknown_option(run, local_hub, command):
    assert run("repos", *command, "--unknown-option").code == 2


def test_delete(run, api, repo):
    ended = run("repos", "delete", repo)
    assert ended.code == 2
    assert f"delete the model {repo}" in ended.error
    assert run("repos", "delete", repo, typed="n\n", terminal=True).code == 1
    assert api.repo_exists(repo)
    assert run("repos", "delete", repo, "--yes", "-q").out == f"{repo}\n"
    assert not api.repo_exists(repo)
    assert run("repos", "delete", repo, "--yes", "--missing-ok", "--json").json()["repo_id"] == repo


def test_move(run, api, repo):
    ended = run("repos", "move", repo, "local-user/n", "--json")
    assert ended.json() == {"from_id": repo, "to_id": "local-user/n", "repo_type": "model"}
    assert api.model_info("local-user/n").id == "local-user/n"
    api.create_repo("local-user/taken")
    assert run("repos", "move", "local-user/n", "local-user/taken").code == 1
    assert run("repos", "move", "local-user/n", "no-owner").code == 2


def test_duplicate(run, api, repo):
    ended = run("repos", "duplicate", repo, "local-user/copy", "--private", "-q")
    assert (ended.code, ended.out) == (0, "local-user/copy\n")
    assert api.model_info("local-user/copy").private
    assert "b/c.bin" in api.list_repo_files("local-user/copy")
    assert run("repos", "duplicate", repo, "local-user/copy").code == 1
    assert run("repos", "duplicate", repo, "local-user/copy", "--exist-ok", "--json").json()["from_id"] == repo
    assert run("repos", "duplicate", repo, "x", "--public", "--protected").code == 2


def test_settings(run, api, repo):
    ended = run("repos", "settings", repo, "--gated", "manual", "--private")
    assert ended.lines[2:] == ["gated\tmanual", "visibility\tprivate"]
    info = api.model_info(repo)
    assert (info.gated, info.private) == ("manual", True)
    assert run("repos", "settings", repo, "--gated", "false", "--no-private", terminal=True).out == (
        f"Changed {repo}: gated: false, visibility: public.\n"
    )
    assert api.model_info(repo).gated is False


@pytest.mark.parametrize("arguments", [(), ("--gated", "true"), ("--protected",), ("--private", "--public")])
def test_settings_that_are_wrong(run, repo, arguments):
    assert run("repos", "settings", repo, *arguments).code == 2


def test_list(run, api, repo, local_hub):
    api.create_repo("local-user/d", repo_type="dataset")
    local_hub.add_organization("org")
    api.create_repo("org/theirs")
    ended = run("repos", "list")
    assert ended.lines[0] == "id\ttype\tvisibility\tsize\tpercent\tupdated"
    assert {tuple(row[:3]) for row in ended.rows} == {(repo, "model", "public"), ("local-user/d", "dataset", "public")}
    assert run("repos", "ls", "-q", "--type", "dataset").lines == ["local-user/d"]
    assert run("repos", "ls", "-q", "--namespace", "org").lines == ["org/theirs"]
    assert run("repos", "ls", "-q", "--search", "m").lines == [repo]
    assert len(run("repos", "ls", "--limit", "1", "--json").json()) == 1
    assert run("repos", "ls", "--limit", "few").code == 2
    assert run("repos", "ls", "--namespace", "nobody").code == 3


def test_list_without_a_token(run, local_hub, logged_out):
    assert run("repos", "list").code == 4


def test_list_of_an_organization_of_others(run, local_hub, stranger):
    local_hub.add_organization("org")
    assert run("repos", "list", "--namespace", "org", "--token", stranger).code == 4


def test_tree_draws_folders(run, repo):
    ended = run("repos", "tree", repo)
    assert ended.lines == [
        "├── .gitattributes  " + ended.lines[0].rpartition("  ")[2],
        "├── a.txt  5 B",
        "├── b/",
        "│   ├── c.bin  7 B",
        "│   └── d/",
        "│       └── e.txt  9 B",
        "└── z.txt  5 B",
    ]
    assert run("repos", "tree", repo, "b/").lines == ["├── c.bin  7 B", "└── d/", "    └── e.txt  9 B"]
    assert run("repos", "tree", repo, "b", "-q").lines == ["b/c.bin", "b/d", "b/d/e.txt"]
    assert [one["path"] for one in run("repos", "tree", repo, "b/d", "--json").json()] == ["b/d/e.txt"]


def test_tree_of_what_does_not_exist(run, repo):
    assert run("repos", "tree", repo, "none").code == 3
    assert run("repos", "tree", repo, "--revision", "none").code == 3


def test_tree_escapes_control_characters(run, local_hub):
    entries = [{"type": "file", "path": "x\x1b[2J\ny", "size": 1, "oid": "0" * 40}]
    headers = {"content-type": "application/json"}
    local_hub.hub.intercept = lambda _: Answer(status=200, headers=headers, body=json.dumps(entries).encode())
    for terminal in (False, True):
        assert run("repos", "tree", REPO, terminal=terminal).out == "└── x\\x1b[2J\\ny  1 B\n"


def test_commits(run, api, repo):
    ended = run("repos", "commits", repo, "--limit", "2")
    assert ended.lines[0] == "commit\tdate\tauthors\ttitle"
    assert [(row[0], *row[2:]) for row in ended.rows] == [
        (one.commit_id, "local-user", one.title) for one in api.list_repo_commits(repo)[:2]
    ]
    assert run("repos", "commits", repo, "-q").lines == [one.commit_id for one in api.list_repo_commits(repo)]
    assert run("repos", "commits", repo, "--json").json()[0]["title"] == "Add z.txt"
    assert run("repos", "commits", repo, "--revision", "none").code == 3


@pytest.mark.parametrize("command", [("delete-files",), ("files", "delete")], ids=" ".join)
def test_delete_files(run, api, repo, command):
    ended = run("repos", *command, repo, "b/", "*.none", "--commit-message", "No b", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.json()["oid"] == api.model_info(repo).sha
    assert set(api.list_repo_files(repo)) == {".gitattributes", "a.txt", "z.txt"}
    assert api.list_repo_commits(repo)[0].title == "No b"
    assert "/discussions/1" in run("repos", *command, repo, "a.txt", "--create-pr", "-q").out


def test_delete_files_that_do_not_exist(run, api, repo):
    before = api.model_info(repo).sha
    ended = run("repos", "delete-files", repo, "none*")
    assert ended.code == 0
    assert "nothing has changed" in ended.err
    assert api.model_info(repo).sha == before
    assert run("repos", "delete-files", repo).code == 2
    assert run("repos", "delete-files", repo, "a.txt", "--revision", "none").code == 3


def test_squash(run, api, repo):
    assert run("repos", "squash", repo).code == 2
    ended = run("repos", "squash", repo, "--yes", "--commit-message", "All", "--json")
    assert ended.json() == {"repo_id": repo, "branch": "main"}
    assert [one.title for one in api.list_repo_commits(repo)] == ["All"]
    assert run("repos", "squash", repo, "--branch", "none", "--yes").code == 3


def test_branches(run, api, repo):
    first = api.list_repo_commits(repo)[-1].commit_id
    ended = run("repos", "branch", "create", repo, "dev", "--revision", first)
    assert ended.lines == [f"repo_id\t{repo}", "branch\tdev"]
    assert run("repos", "branch", "create", repo, "dev").code == 1
    assert run("repos", "branch", "create", repo, "dev", "--exist-ok", "-q").out == "dev\n"
    assert run("repos", "branch", "create", repo, "refs/pr/9").code in (1, 2)
    ended = run("repos", "branch", "list", repo)
    assert ended.rows == [["dev", "refs/heads/dev", first], ["main", "refs/heads/main", api.model_info(repo).sha]]
    assert run("repos", "branch", "ls", repo, "-q").lines == ["dev", "main"]
    assert {one["name"] for one in run("repos", "branch", "ls", repo, "--json").json()} == {"dev", "main"}
    assert run("repos", "branch", "delete", repo, "dev").code == 2
    assert run("repos", "branch", "delete", repo, "dev", "-y", "--json").json() == {"repo_id": repo, "branch": "dev"}
    assert run("repos", "branch", "delete", repo, "dev", "-y").code == 3
    assert run("repos", "branch", "delete", repo, "main", "-y").code in (1, 4)


def test_tags(run, api, repo):
    head = api.model_info(repo).sha
    assert run("repos", "tag", "create", repo, "v1", "-m", "The first", "-q").out == "v1\n"
    assert run("repos", "tag", "create", repo, "v1").code == 1
    assert run("repos", "tag", "create", repo, "v2", "--revision", "none").code == 3
    assert run("repos", "tag", "list", repo).rows == [["v1", head]]
    assert run("repos", "tag", "ls", repo, "--json").json()[0]["ref"] == "refs/tags/v1"
    assert run("repos", "tag", "delete", repo, "v1").code == 2
    assert run("repos", "tag", "delete", repo, "v1", "--yes", terminal=True).out == f"Deleted the tag v1 of {repo}.\n"
    assert json.loads(run("repos", "tag", "ls", repo, "--json").out) == []
    assert run("repos", "tag", "delete", repo, "v1", "--yes").code == 3


@pytest.mark.parametrize("group", ["branch", "tag", "files"])
def test_the_help_of_a_group_says_what_its_commands_do(run, group):
    ended = run("repos", group, "--help")
    assert ended.code == 0
    assert "Delete" in ended.out
