"""Seed files: what they create, and how each mistake is reported, on the line marked ``# here``."""

from __future__ import annotations

import pytest

from hub_typed.local.seed_file import SeedError, read_seed
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

SEED = """\
users:
  - name: ada
    fullname: Ada Lovelace
    email: ada@example.org
    tokens:
      - {name: laptop, role: write}
      - {name: ci, role: read}
  - name: bob
organizations:
  - name: lab
    fullname: The Lab
    default_visibility: private
    members: {bob: read, ada: admin}
repositories:
  - {id: lab/model, gated: manual}
  - {id: ada/data, type: dataset, private: true}
  - {id: ada/app, type: space, sdk: gradio}
  - {id: lab/logs, type: bucket, private: false}
  - {id: ada/raw, type: bucket}
  - {id: ada/act, type: kernel}
"""


def write(tmp_path, text):
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    return file


def test_a_seed_creates_accounts_tokens_and_repositories(tmp_path, hub):
    tokens = read_seed(write(tmp_path, SEED)).plant(hub)

    assert [(one.user.name, one.name, one.role) for one in tokens] == [
        ("ada", "laptop", "write"),
        ("ada", "ci", "read"),
        ("bob", "local-write", "write"),
    ]
    ada = Caller(hub, tokens[0].token)
    me = ada("GET", "/api/whoami-v2").json()
    assert (me["fullname"], me["email"], me["orgs"][0]["roleInOrg"]) == ("Ada Lovelace", "ada@example.org", "admin")
    assert ada("GET", "/api/organizations/lab/overview").json()["fullname"] == "The Lab"
    model = ada("GET", "/api/models/lab/model").json()
    assert (model["gated"], model["private"]) == ("manual", True)
    assert ada("GET", "/api/datasets/ada/data").json()["private"] is True
    assert ada("GET", "/api/spaces/ada/app").json()["sdk"] == "gradio"
    assert [ada("GET", f"/api/buckets/{name}").json()["private"] for name in ("lab/logs", "ada/raw")] == [False, False]
    assert ada("GET", "/api/kernels/ada/act").json()["private"] is False


def test_a_seed_may_be_planted_again(tmp_path, hub):
    seed = read_seed(write(tmp_path, SEED))
    first = seed.plant(hub)
    Caller(hub, first[0].token).put("models/lab/model", "x", b"1")
    again = Hub(hub.store._root)

    assert seed.plant(again) == first
    assert len(again.accounts.tokens_of("ada")) == 2
    assert Caller(again, first[0].token)("GET", "/lab/model/resolve/main/x").body == b"1"


MISTAKES = {
    "no-yaml": ("users: [", "invalid YAML"),
    "no-object": ("- users  # here", "this must be an object, as in `name: value`, not a list"),
    "unknown-part": ("people: []  # here", "people: there is no such member, only users, organizations, repositories"),
    "no-list": ("users: {name: ada}  # here", "users: this must be a list, as in `- value`, not an object"),
    "no-name": ("users:\n- fullname: Ada  # here", "users[0]: the member name is missing"),
    "misspelt": ("users:\n- name: ada\n  nmae: Ada  # here", "users[0].nmae: there is no such member, only name,"),
    "twice": ("users:\n- name: ada\n  name: bob  # here", "users[0].name: this member is there twice"),
    "number": ("users:\n- name: 12  # here", "users[0].name: this must be text, not '12'"),
    "nothing": ("users:\n- name: ada\n  email:  # here", "users[0].email: this must be text, not nothing"),
    "bad-name": ("users:\n- name: -ada-  # here", "users[0].name: "),
    "slash": ("users:\n- name: a/b  # here", "users[0].name: 'a/b' is no name of an account"),
    "taken": ("users:\n- name: ada\n- name: ada  # here", "users[1].name: the name 'ada' is taken by users[0]"),
    "taken-in-other-letters": ("users:\n- name: ada\n- name: ADA  # here", "users[1].name: the name 'ADA' is taken by"),
    "member-twice": (
        "users: [{name: ada}]\norganizations:\n- name: lab\n  members:\n    ada: read\n    ADA: read  # here",
        "organizations[0].members.ADA: this member is there twice",
    ),
    "taken-by-a-user": (
        "users:\n- name: ada\norganizations:\n- name: ada  # here\n  members: {}",
        "organizations[0].name: the name 'ada' is taken by users[0]",
    ),
    "token-role": (
        "users:\n- name: ada\n  tokens:\n  - name: x\n    role: owner  # here",
        "users[0].tokens[0].role: this must be one of read, write, admin, not 'owner'",
    ),
    "token-name": (
        "users:\n- name: ada\n  tokens:\n  - {name: x}\n  - {name: x}  # here",
        "users[0].tokens[1].name: the user has another token named 'x'",
    ),
    "no-members": ("organizations:\n- name: lab  # here", "organizations[0]: the member members is missing"),
    "unknown-member": (
        "organizations:\n- name: lab\n  members:\n    eve: read  # here",
        "organizations[0].members.eve: there is no such user in this file",
    ),
    "member-role": (
        "users: [{name: ada}]\norganizations:\n- name: lab\n  members:\n    ada: boss  # here",
        "organizations[0].members.ada: this must be one of no_access, read, contributor, write, admin, not 'boss'",
    ),
    "visibility": (
        "organizations:\n- name: lab\n  members: {}\n  default_visibility: hidden  # here",
        "organizations[0].default_visibility: this must be one of public, private, not 'hidden'",
    ),
    "repository-without-owner": (
        "repositories:\n- id: model  # here",
        "repositories[0].id: 'model' is no name of a repository: it must be owner/name",
    ),
    "repository-of-nobody": (
        "repositories:\n- id: eve/model  # here",
        "repositories[0].id: 'eve' is neither a user nor an organization here",
    ),
    "repository-of-readers": (
        "users: [{name: ada}]\norganizations: [{name: lab, members: {ada: read}}]\nrepositories:\n- id: lab/m  # here",
        "repositories[0].id: 'lab' has no member who may create it",
    ),
    "private": (
        "users: [{name: ada}]\nrepositories:\n- id: ada/m\n  private: maybe  # here",
        "repositories[0].private: this must be true or false",
    ),
    "gated-bucket": (
        "users: [{name: ada}]\nrepositories:\n- id: ada/b\n  type: bucket\n  gated: auto  # here",
        "repositories[0].gated: only models and datasets can be gated, and this is a bucket",
    ),
    "gated-kernel": (
        "users: [{name: ada}]\nrepositories:\n- id: ada/m\n  type: kernel\n  gated: auto  # here",
        "repositories[0].gated: only models and datasets can be gated, and this is a kernel",
    ),
    "type": (
        "users: [{name: ada}]\nrepositories:\n- id: ada/m\n  type: song  # here",
        "repositories[0].type: this must be one of model, dataset, space, kernel, bucket, not 'song'",
    ),
    "not-text": ("users: [{name: [ada]}]  # here", "users[0].name: this must be text, not a list"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_with_file_line_and_member(tmp_path, name):
    text, message = MISTAKES[name]
    file = write(tmp_path, text)
    line = next((number for number, line in enumerate(text.splitlines(), 1) if "# here" in line), 1)
    with pytest.raises(SeedError) as caught:
        read_seed(file)
    assert str(caught.value).startswith(f"{file}:{line}: {message}")
    assert "\n" not in str(caught.value)


def test_names_in_other_letter_case_mean_the_accounts_of_the_file(tmp_path, hub):
    text = SEED.replace("members: {bob: read, ada: admin}", "members: {BOB: read, Ada: admin}")
    text = text.replace("id: lab/model", "id: LAB/model").replace("id: ada/data", "id: ADA/data")
    token = read_seed(write(tmp_path, text)).plant(hub)[0].token

    assert hub.accounts.organization("lab").members == {"bob": "read", "ada": "admin"}
    assert Caller(hub, token)("GET", "/api/models/lab/model").json()["id"] == "lab/model"
    assert Caller(hub, token)("GET", "/api/datasets/ada/data").json()["id"] == "ada/data"


def test_a_token_of_the_file_may_have_any_name(tmp_path, hub):
    text = "users:\n- {name: ada, tokens: [{name: seed file}]}\nrepositories:\n- id: ada/m\n"
    (token,) = read_seed(write(tmp_path, text)).plant(hub)
    assert Caller(hub, token.token)("GET", "/api/whoami-v2").status == 200


def test_what_the_hub_refuses_is_reported_as_well(tmp_path, hub):
    seed = read_seed(write(tmp_path, "users: [{name: ada}]\nrepositories:\n- {id: ada/app, type: space}\n"))
    with pytest.raises(SeedError, match=r"seed\.yaml:3: repositories\[0\]: ada/app cannot be created: .*sdk"):
        seed.plant(hub)
    assert [one.name for one in hub.accounts.tokens_of("ada")] == ["local-write"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no such file"), (b"", "the file is empty"), (b"\xff", "the file is not UTF-8")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, message):
    file = tmp_path / "seed.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SeedError, match=message) as caught:
        read_seed(file)
    assert str(caught.value).startswith(str(file))
