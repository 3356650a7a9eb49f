"""Logs for TensorBoard that are committed, with a writer in place of tensorboardX."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from hub_typed import HfApi, HFSummaryWriter, ModelCard

REPO = "local-user/trained"


class SummaryWriter:
    """What tensorboardX has, as far as it is used here: it writes a line for each value."""

    def __init__(self, logdir=None, **options):
        self.logdir = logdir or "runs/today"
        self.options = options
        Path(self.logdir).mkdir(parents=True)
        self.file = (Path(self.logdir) / "events.out.tfevents.1.host").open("w")

    def add_scalar(self, tag, value, step):
        self.file.write(f"{step} {tag} {value}\n")

    def close(self):
        self.file.close()


@pytest.fixture
def tensorboard(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", types.SimpleNamespace(SummaryWriter=SummaryWriter))


def test_values_are_committed_at_the_end_and_the_card_is_tagged(local_hub, tensorboard, tmp_path):
    folder = tmp_path / "run1"
    with HFSummaryWriter("trained", logdir=str(folder), repo_private=True, flush_secs=1) as logs:
        logs.add_scalar("loss", 0.5, 1)
        (folder / "notes.txt").write_text("not committed")
        assert (logs.repo_id, logs.logdir, logs.repo_revision) == (REPO, str(folder), None)
        assert logs._writer.options == {"flush_secs": 1}
    api = HfApi()
    assert api.list_repo_files(REPO) == [
        ".gitattributes",
        "README.md",
        "tensorboard/run1/events.out.tfevents.1.host",
    ]
    assert api.model_info(REPO).private
    assert ModelCard.load(REPO).data.tags == ["hf-summary-writer"]
    assert logs.scheduler._stopped.is_set()
    with pytest.raises(AttributeError):
        logs.no_such_method  # noqa: B018, it raises


def test_the_tag_is_added_to_those_of_the_card_once(local_hub, tensorboard, tmp_path):
    api = HfApi()
    api.create_repo("trained")
    api.upload_file(path_or_fileobj=b"---\ntags: [mine]\n---\ntext", path_in_repo="README.md", repo_id=REPO)
    for name in ("one", "two"):
        with HFSummaryWriter(REPO, logdir=str(tmp_path / name), path_in_repo=""):
            pass
    card = ModelCard.load(REPO)
    assert (card.data.tags, card.text.strip()) == (["mine", "hf-summary-writer"], "text")


def test_without_a_writer_it_says_what_to_install(monkeypatch):
    for name in ("tensorboardX", "torch.utils.tensorboard"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"hub-typed\[tensorboard\]"):
        HFSummaryWriter("trained")
