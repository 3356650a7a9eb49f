"""Weights are split into shards, saved and loaded; numpy stands in for PyTorch, and a small module for its files."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from hub_typed import (
    NotASafetensorsRepoError,
    SafetensorsParsingError,
    get_local_safetensors_metadata,
    get_torch_storage_id,
    get_torch_storage_size,
    load_state_dict_from_file,
    load_torch_model,
    parse_local_safetensors_file_metadata,
    save_torch_model,
    save_torch_state_dict,
    split_state_dict_into_shards_factory,
    split_torch_state_dict_into_shards,
)
from tests.fake_torch import Model, Tensor, load_file, tensor

pytestmark = pytest.mark.usefixtures("fake_torch")


def split(sizes, limit, **options):
    return split_state_dict_into_shards_factory(
        sizes, get_storage_size=int, filename_pattern="w{suffix}.bin", max_shard_size=limit, **options
    )


def test_tensors_that_fit_are_in_one_file():
    found = split({"a": 10, "b": 20, "note": "text"}, "1KB")
    assert not found.is_sharded
    assert found.filename_to_tensors == {"w.bin": ["a", "b"]}
    assert found.metadata == {"total_size": 30}


def test_a_tensor_larger_than_a_shard_has_a_file_of_its_own():
    found = split({"a": 10, "b": 90, "c": 5, "d": 12}, 25)
    assert found.is_sharded
    assert list(found.filename_to_tensors.values()) == [["b"], ["a", "c"], ["d"]]
    assert found.tensor_to_filename["d"] == "w-00003-of-00003.bin"


def test_tensors_with_the_same_storage_are_in_the_same_file_and_count_once():
    found = split({"a": 10, "b": 5, "c": 10}, 12, get_storage_id=lambda size: size)
    assert list(found.filename_to_tensors.values()) == [["a", "c"], ["b"]]
    assert found.metadata == {"total_size": 15}


def test_no_tensors_need_no_file():
    assert split({}, 10).filename_to_tensors == {}


@pytest.mark.parametrize("size", ["5XB", "abc", "5GiB", "-1GB", ""])
def test_an_invalid_size_of_shards_is_refused(size):
    with pytest.raises(ValueError, match="max_shard_size"):
        split({"a": 1}, size)


def test_views_have_the_storage_of_the_whole_tensor():
    whole = tensor(np.zeros(4, dtype=np.float32))
    view = Tensor(whole.array[:2])
    assert get_torch_storage_id(view) == get_torch_storage_id(whole)
    assert get_torch_storage_size(view) == 16
    assert get_torch_storage_id(Tensor(whole.array, device="meta")) is None
    assert split_torch_state_dict_into_shards({"a": whole, "b": view}).metadata == {"total_size": 16}


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("limit", ["5GB", 8])
def test_a_saved_model_is_loaded_again(tmp_path, safe, limit):
    model = Model(a=[1, 2], b=[3, 4], c=[5])
    save_torch_model(model, tmp_path / "new", max_shard_size=limit, safe_serialization=safe)
    read = Model(a=[0, 0], b=[0, 0], c=[0])
    assert load_torch_model(read, tmp_path / "new", safe=safe) == ([], [])
    assert read.values() == model.values()
    assert len(list((tmp_path / "new").iterdir())) == (1 if limit == "5GB" else 4)


def test_files_of_an_earlier_save_are_deleted_and_others_are_kept(tmp_path):
    (tmp_path / "model-of-mine.safetensors").touch()
    save_torch_model(Model(a=[1, 2], b=[3, 4]), tmp_path, max_shard_size=8)
    save_torch_model(Model(a=[1, 2]), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"model.safetensors", "model-of-mine.safetensors"}


def test_of_tensors_that_share_memory_one_is_saved_and_the_metadata_names_it(tmp_path):
    whole = np.arange(4, dtype=np.float32)
    state = {"first": Tensor(whole), "tied": Tensor(whole[:]), "part": Tensor(whole[1:3])}
    save_torch_state_dict(state, tmp_path, metadata={"by": "me"}, shared_tensors_to_discard=["first"])
    header = parse_local_safetensors_file_metadata(tmp_path / "model.safetensors")
    assert list(header.tensors) == ["tied"]
    assert header.metadata == {"format": "pt", "by": "me", "first": "tied", "part": "tied"}


def test_parts_of_one_storage_that_do_not_overlap_are_all_saved(tmp_path):
    flat = np.arange(4, dtype=np.float32)
    save_torch_state_dict({"a": Tensor(flat[:2]), "b": Tensor(flat[2:])}, tmp_path)
    assert Model.values(SimpleNamespace(state=load_file(tmp_path / "model.safetensors"))) == {"a": [0, 1], "b": [2, 3]}


def test_overlapping_tensors_of_which_none_is_whole_are_refused(tmp_path):
    flat = np.arange(4, dtype=np.float32)
    with pytest.raises(ValueError, match="a, b overlap in memory"):
        save_torch_state_dict({"a": Tensor(flat[:3]), "b": Tensor(flat[1:])}, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_tensors_are_made_contiguous(tmp_path):
    save_torch_state_dict({"a": Tensor(np.arange(6, dtype=np.float32).reshape(2, 3).T)}, tmp_path)
    assert load_state_dict_from_file(tmp_path / "model.safetensors")["a"].array.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_names_that_differ_are_returned_or_an_error_if_strict(tmp_path):
    save_torch_model(Model(a=[1], b=[2]), tmp_path, max_shard_size=4)
    assert load_torch_model(Model(b=[0], c=[0]), tmp_path) == (["c"], ["a"])
    with pytest.raises(RuntimeError, match=r"missing \['c'\], unexpected \['a'\]"):
        load_torch_model(Model(b=[0], c=[0]), tmp_path, strict=True)


def test_a_pickle_file_is_loaded_only_on_request(tmp_path):
    save_torch_model(Model(a=[1]), tmp_path, safe_serialization=False)
    with pytest.raises(ValueError, match="pass safe=False"):
        load_state_dict_from_file(tmp_path / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match=r"neither model.safetensors nor"):
        load_torch_model(Model(a=[0]), tmp_path)
    assert list(load_state_dict_from_file(tmp_path / "pytorch_model.bin", safe=False)) == ["a"]


def test_an_index_that_leads_out_of_its_folder_is_refused(tmp_path):
    index = {"metadata": {}, "weight_map": {"a": "../model.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(SafetensorsParsingError, match="invalid file name"):
        load_torch_model(Model(a=[0]), tmp_path)


def test_a_missing_package_and_a_missing_file_are_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    with pytest.raises(ImportError, match="pip install safetensors torch"):
        save_torch_model(Model(a=[1]), tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_torch_model(Model(a=[1]), tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_state_dict_from_file(tmp_path / "nowhere")


def test_headers_are_read_from_a_folder_and_from_a_file(tmp_path):
    with pytest.raises(NotASafetensorsRepoError, match="neither"):
        get_local_safetensors_metadata(tmp_path)
    save_torch_model(Model(a=[1, 2], b=[3]), tmp_path, max_shard_size=8)
    found = get_local_safetensors_metadata(tmp_path)
    assert found.sharded
    assert found.parameter_count == {"F32": 3}
    one = get_local_safetensors_metadata(tmp_path / "model-00002-of-00002.safetensors")
    assert one.weight_map == {"b": "model-00002-of-00002.safetensors"}
    with pytest.raises(FileNotFoundError):
        get_local_safetensors_metadata(tmp_path / "none.safetensors")
