"""Models are saved to a folder or the Hub and loaded again, with the arguments that they were made with."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub_typed import EntryNotFoundError, LocalEntryNotFoundError, ModelCard, ModelHubMixin, PyTorchModelHubMixin
from tests.fake_torch import Model


@dataclass
class Options:
    depth: int = 1
    name: str = "x"


class Described(
    ModelHubMixin,
    library_name="mine",
    license="mit",
    tags=["small"],
    repo_url="https://example.org/code",
    coders={Path: (str, Path)},
):
    def __init__(self, size: int, name: str = "x", *, path: Path | None = None, options: Options | None = None, **more):
        self.arguments = {"size": size, "name": name, "path": path, "options": options, **more}

    def _save_pretrained(self, save_directory):
        (save_directory / "weights.txt").write_text("weights")

    @classmethod
    def _from_pretrained(
        cls, *, model_id, revision, cache_dir, force_download, local_files_only, token, **model_kwargs
    ):
        return cls(**model_kwargs)


class Configured(Described, tags=["configured"], license="apache-2.0"):
    def __init__(self, config: Options):
        self.config = config


@dataclass
class Generated(Described):
    size: int = 1
    name: str = "x"


class Torch(Model, PyTorchModelHubMixin, pipeline_tag="text-classification"):
    def __init__(self, size: int):
        super().__init__(a=[0] * size, b=[1])
        self.size, self.training = size, True

    def eval(self):
        self.training = False


def test_a_model_has_the_arguments_that_it_was_made_with(tmp_path):
    made = Described(3, path=tmp_path, options=Options(2), extra=[1], unsaved=object())
    assert made.save_pretrained(tmp_path / "model") is None
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    options = {"depth": 2, "name": "x"}
    assert config == {"size": 3, "name": "x", "path": str(tmp_path), "options": options, "extra": [1]}
    read = Described.from_pretrained(tmp_path / "model", name="other")
    assert read.arguments == {"size": 3, "name": "other", "path": tmp_path, "options": Options(2), "extra": [1]}


def test_a_dataclass_of_configuration_is_the_whole_file(tmp_path):
    Configured(Options(2, "y")).save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text()) == {"depth": 2, "name": "y"}
    assert Configured.from_pretrained(tmp_path).config == Options(2, "y")


def test_a_model_that_is_a_dataclass_is_saved_and_loaded(tmp_path):
    Generated(size=5).save_pretrained(tmp_path)
    assert Generated.from_pretrained(tmp_path) == Generated(5, "x")


def test_another_configuration_can_be_written(tmp_path):
    Described(3).save_pretrained(tmp_path, config={"size": 4})
    assert Described.from_pretrained(tmp_path).arguments["size"] == 4


def test_the_card_tells_what_the_class_says_and_a_written_card_is_kept(tmp_path):
    Described(3).save_pretrained(tmp_path)
    card = ModelCard.load(tmp_path / "README.md")
    assert (card.data.library_name, card.data.license, card.data.tags) == ("mine", "mit", ["model_hub_mixin", "small"])
    assert "https://example.org/code" in card.text
    derived = Configured(Options()).generate_model_card(repo_url="https://example.org/other").content
    assert "- configured" in derived
    assert "license: apache-2.0" in derived
    assert "https://example.org/other" in derived
    (tmp_path / "README.md").write_text("mine")
    Described(3).save_pretrained(tmp_path)
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_model_is_pushed_in_one_commit_and_loaded_from_the_hub(local_hub, hub_api):
    commit = Described(3, name="y").push_to_hub("model", private=True)
    repo = hub_api.model_info(commit.repo_url.repo_id, files_metadata=False)
    assert {file.rfilename for file in repo.siblings} >= {"README.md", "config.json", "weights.txt"}
    assert repo.private
    assert Described.from_pretrained(repo.id).arguments["name"] == "y"
    assert Described.from_pretrained(repo.id, local_files_only=True).arguments["size"] == 3


def test_a_hub_that_cannot_be_asked_is_the_error_and_not_a_missing_argument(local_hub, hub_api):
    with pytest.raises(LocalEntryNotFoundError, match=r"config\.json"):
        Described.from_pretrained("me/never-seen", local_files_only=True)


def test_a_folder_can_be_saved_and_pushed_at_once(local_hub, hub_api, tmp_path):
    commit = Described(3).save_pretrained(tmp_path / "named", push_to_hub=True, commit_message="Mine")
    assert commit.repo_url.repo_id.endswith("/named")
    assert hub_api.list_repo_commits(commit.repo_url.repo_id)[0].title == "Mine"


@pytest.mark.usefixtures("fake_torch")
def test_a_pytorch_model_is_pushed_and_loaded_in_evaluation_mode(local_hub):
    made = Torch(2)
    made.state = Model(a=[5, 6], b=[7]).state
    repo_id = made.push_to_hub("torch").repo_url.repo_id
    read = Torch.from_pretrained(repo_id, strict=True)
    assert read.values() == {"a": [5, 6], "b": [7]}
    assert not read.training
    assert ModelCard.load(repo_id).data.tags == ["model_hub_mixin", "pytorch_model_hub_mixin"]


@pytest.mark.usefixtures("fake_torch")
def test_a_pytorch_model_in_several_files_or_in_pickle_is_loaded_too(local_hub, hub_api, tmp_path):
    from hub_typed import save_torch_model

    made = Torch(2)
    for name, options in {"shards": {"max_shard_size": 8}, "pickle": {"safe_serialization": False}}.items():
        save_torch_model(made, tmp_path / name, **options)
        repo_id = hub_api.create_repo(name).repo_id
        hub_api.upload_folder(repo_id=repo_id, folder_path=tmp_path / name)
        assert Torch.from_pretrained(repo_id, size=2).values() == made.values()
        assert Torch.from_pretrained(repo_id, size=2, local_files_only=True).values() == made.values()


@pytest.mark.usefixtures("fake_torch")
def test_a_folder_without_weights_is_named(tmp_path):
    with pytest.raises(EntryNotFoundError, match="no weights of a PyTorch model"):
        Torch.from_pretrained(tmp_path, size=1)


def test_a_class_without_its_own_methods_says_which_one_is_missing(tmp_path):
    class Bare(ModelHubMixin):
        pass

    with pytest.raises(NotImplementedError, match="Bare must define _save_pretrained"):
        Bare().save_pretrained(tmp_path)
    with pytest.raises(NotImplementedError, match="Bare must define _from_pretrained"):
        Bare.from_pretrained(tmp_path)


def test_a_configuration_that_is_no_object_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(ValueError, match=r"config\.json is not a JSON object"):
        Described.from_pretrained(tmp_path)


def test_the_mixins_do_not_import_torch():
    assert "torch" not in sys.modules
