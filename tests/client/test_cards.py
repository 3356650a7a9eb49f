"""Cards of repositories on the embedded Hub: read, validated, pushed, and changed in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from hub_typed import (
    BadRequestError,
    CardError,
    CommitConflictError,
    DatasetCard,
    EntryNotFoundError,
    HfApi,
    HfHubHTTPError,
    ModelCard,
    ModelCardData,
    RepositoryNotFoundError,
    Settings,
    SpaceCard,
    metadata_eval_result,
    metadata_update,
)
from hub_typed.local import LocalHub
from hub_typed.local.git.objects import AuthoredMessage, Put

CARD = "---\r\n# ours\r\nlicense:  mit\r\ntags: [a]  # more to come\r\n---\r\n# Title\r\n"
WRONG = "---\nlicense: [\n---\n"


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with LocalHub() as hub:
        yield hub


@pytest.fixture
def api(hub: LocalHub, tmp_path: Path) -> Iterator[HfApi]:
    settings = attrs.evolve(Settings.from_environment(), cache_dir=str(tmp_path / "cache"))
    with HfApi("http://hub.localhost", hub.token, settings=settings, transport=hub.transport) as api:
        yield api


@pytest.fixture
def repo(hub: LocalHub, api: HfApi) -> str:
    name = f"{hub.user}/thing"
    api.create_repo(name)
    return name


def readme(api: HfApi, repo: str, **where: str) -> bytes:
    return Path(api.hf_hub_download(repo, "README.md", **where)).read_bytes()


def result(value: float, name: str = "Accuracy"):
    return metadata_eval_result(
        model_pretty_name="M",
        task_pretty_name="T",
        task_id="t",
        metrics_pretty_name=name,
        metrics_id="acc",
        metrics_value=value,
        dataset_pretty_name="D",
        dataset_id="d",
    )


def test_a_card_goes_up_and_comes_back_to_the_byte(api, repo):
    card = ModelCard(CARD)
    card.validate(api=api)
    commit = card.push_to_hub(repo, api=api, commit_message="The card", commit_description="All of it")
    assert (commit.commit_message, commit.commit_description) == ("The card", "All of it")
    assert readme(api, repo) == CARD.encode()
    assert ModelCard.load(repo, api=api).content == CARD
    assert api.model_info(repo).card == {"license": "mit", "tags": ["a"]}


def test_a_card_may_be_proposed(api, repo):
    first = ModelCard(CARD).push_to_hub(repo, api=api)
    card = ModelCard.load(repo, api=api)
    card.data.license = "cc0-1.0"
    proposed = card.push_to_hub(repo, api=api, create_pr=True, parent_commit=first.oid)
    assert proposed.pr_revision == "refs/pr/1"
    assert ModelCard.load(repo, revision="refs/pr/1", api=api).data.license == "cc0-1.0"
    assert readme(api, repo) == CARD.encode()
    with pytest.raises(HfHubHTTPError, match="412"):
        card.push_to_hub(repo, api=api, parent_commit="0" * 40)


def test_the_hub_refuses_metadata_that_cannot_be(api, repo):
    card = ModelCard("")
    card.content = "text"
    card.text = WRONG
    with pytest.raises(BadRequestError, match="Invalid YAML"):
        card.validate(api=api)
    with pytest.raises(ValueError, match="Invalid YAML"):
        card.push_to_hub(repo, api=api)
    assert not api.file_exists(repo, "README.md")


def test_a_card_of_the_hub_that_cannot_be_read_is_told_with_its_place(hub, api, repo):
    text = "---\nlicense: mit\nmodel-index: 3\n---\n"
    with hub.hub.store.find("model", repo).writing() as git:  # the Hub has cards that it would refuse today
        change, message = Put("README.md", text.encode()), AuthoredMessage(user="x", message="old")
        git.commit("main", git.commit_at("main"), [change], message)
    with pytest.raises(CardError, match=rf"^{repo}/README\.md:3: model-index"):
        ModelCard.load(repo, api=api)
    assert ModelCard.load(repo, ignore_metadata_errors=True, api=api).content == text


def test_what_is_not_there_is_said_so(api, repo):
    with pytest.raises(EntryNotFoundError):
        ModelCard.load(repo, api=api)
    with pytest.raises(RepositoryNotFoundError):
        DatasetCard.load(repo, api=api)
    with pytest.raises(RepositoryNotFoundError):
        ModelCard(CARD).push_to_hub(f"{repo}-missing", api=api)


def test_datasets_and_spaces_have_cards_of_their_own(api, hub):
    for kind, card, sdk in (("dataset", DatasetCard, None), ("space", SpaceCard, "static")):
        repo = f"{hub.user}/of-{kind}"
        api.create_repo(repo, repo_type=kind, space_sdk=sdk)
        made = card.from_template(card.card_data_class(license="mit", **({"sdk": sdk} if sdk else {})))
        made.push_to_hub(repo, api=api)
        assert card.load(repo, api=api).data == made.data
    assert api.space_info(repo).sdk == "static"


def test_the_module_has_a_client_of_its_own(hub, monkeypatch, tmp_path):
    for name, value in (("HF_ENDPOINT", hub.endpoint), ("HF_TOKEN", hub.token), ("HF_HOME", str(tmp_path / "home"))):
        monkeypatch.setenv(name, value)
    repo = f"{hub.user}/mine"
    HfApi().create_repo(repo)
    ModelCard(CARD).push_to_hub(repo)
    assert ModelCard.load(repo).content == CARD
    ModelCard(CARD).validate()
    with pytest.raises(RepositoryNotFoundError):
        ModelCard.load(f"{repo}-missing", token=False)


# --- metadata alone


def test_metadata_change_and_the_rest_of_the_card_stays(api, repo):
    ModelCard(CARD).push_to_hub(repo, api=api)
    commit = metadata_update(repo, {"language": "no", "license": "mit"}, api=api)
    assert commit.commit_message == "Update metadata with huggingface_hub"
    assert readme(api, repo) == CARD.replace("come\r\n", "come\r\nlanguage: 'no'\r\n").encode()
    with pytest.raises(ValueError, match=r"'license' is already set to 'mit': pass overwrite=True"):
        metadata_update(repo, {"license": "cc"}, api=api)
    metadata_update(repo, {"license": "cc"}, overwrite=True, api=api)
    assert b"license:  cc\r\n" in readme(api, repo)


def test_a_card_is_rebased_unless_the_card_itself_changed_meanwhile(api, repo):
    parent = ModelCard(CARD).push_to_hub(repo, api=api).oid
    api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo)
    with pytest.raises(HfHubHTTPError, match="412"):
        metadata_update(repo, {"language": "no"}, parent_commit=parent, api=api)
    metadata_update(repo, {"language": "no"}, parent_commit=parent, on_conflict="rebase", api=api)
    with pytest.raises(CommitConflictError) as caught:
        ModelCard(CARD).push_to_hub(repo, parent_commit=parent, on_conflict="rebase", api=api)
    assert caught.value.paths == ("README.md",)


def test_metadata_may_be_proposed_of_a_branch(api, repo):
    ModelCard(CARD).push_to_hub(repo, api=api)
    api.create_branch(repo, branch="try")
    metadata_update(repo, {"a": 1}, revision="try", api=api)
    metadata_update(repo, {"b": 1}, revision="try", api=api)
    assert readme(api, repo, revision="try") == CARD.replace("come\r\n", "come\r\na: 1\r\nb: 1\r\n").encode()
    assert metadata_update(repo, {"c": 1}, create_pr=True, api=api).pr_num == 1
    assert readme(api, repo) == CARD.encode()


@pytest.mark.parametrize(("kind", "card"), [("model", ModelCard), ("dataset", DatasetCard)])
def test_metadata_of_a_repository_without_a_card_start_from_the_template(api, hub, kind, card):
    repo = f"{hub.user}/no-card"
    api.create_repo(repo, repo_type=kind)
    metadata_update(repo, {"license": "mit"}, repo_type=kind, api=api)
    made = card.load(repo, api=api)
    assert made.data.to_dict() == {"license": "mit"}
    assert made.text == card.from_template(card.card_data_class()).text


def test_results_are_added_to_those_that_are_there(api, repo):
    metadata_update(repo, result(0.5), api=api)
    metadata_update(repo, result(0.7, "Other"), api=api)
    metadata_update(repo, result(0.5), api=api)
    with pytest.raises(ValueError, match=r"the metric 'Accuracy' is already 0.5"):
        metadata_update(repo, result(0.6), api=api)
    metadata_update(repo, result(0.6), overwrite=True, api=api)
    data = ModelCard.load(repo, api=api).data
    assert isinstance(data, ModelCardData)
    assert (data.model_name, [(one.metric_name, one.metric_value) for one in data.eval_results]) == (
        "M",
        [("Accuracy", 0.6), ("Other", 0.7)],
    )
    with pytest.raises(CardError, match="model-index"):
        metadata_update(repo, {"model-index": 3}, api=api)


def test_results_without_a_name_get_that_of_the_repository(api, repo):
    (model,) = result(0.5)["model-index"]
    del model["name"]
    metadata_update(repo, {"model-index": [model]}, api=api)
    assert ModelCard.load(repo, api=api).data.model_name == repo
    assert "name" not in model


def test_a_space_cannot_do_without_a_card(api, hub):
    repo = f"{hub.user}/space"
    api.create_repo(repo, repo_type="space", space_sdk="static")
    metadata_update(repo, {"title": "New"}, repo_type="space", overwrite=True, api=api)
    assert b"title: New\n" in readme(api, repo, repo_type="space")
    assert b"sdk: static\n" in readme(api, repo, repo_type="space")
    api.delete_file("README.md", repo, repo_type="space")
    with pytest.raises(ValueError, match=r"has no README\.md"):
        metadata_update(repo, {"title": "New"}, repo_type="space", api=api)
    with pytest.raises(ValueError, match="repo_type must be one of"):
        metadata_update(repo, {}, repo_type="kernel", api=api)
