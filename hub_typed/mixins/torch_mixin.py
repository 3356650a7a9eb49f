"""Base class of PyTorch models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol, Self, cast

from hub_typed.constants import PYTORCH_WEIGHTS_NAME
from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.safetensors import INDEX_FILE, SINGLE_FILE, read_index
from hub_typed.mixins.model_hub_mixin import ModelHubMixin, PretrainedFiles
from hub_typed.serialization.torch_files import TorchModule, load_torch_model, save_torch_model

__all__ = ["PyTorchModelHubMixin"]


class _Module(TorchModule, Protocol):
    def eval(self) -> object: ...


class PyTorchModelHubMixin(ModelHubMixin, tags=["pytorch_model_hub_mixin"]):
    """Base class that saves ``torch.nn.Module`` objects as safetensors and loads them.

    The class of a model derives from ``torch.nn.Module`` and from this class. A loaded model is in evaluation mode.
    ``from_pretrained`` also takes ``map_location``, the device of the loaded tensors (``cpu`` if not given), and
    ``strict``, whether the names of the tensors must match.
    """

    def _save_pretrained(self, save_directory: Path) -> None:
        save_torch_model(cast("_Module", self), save_directory)

    @classmethod
    def _from_pretrained(
        cls,
        *,
        model_id: str,
        revision: str | None,
        cache_dir: str | os.PathLike[str] | None,
        force_download: bool,
        local_files_only: bool,
        token: str | bool | None,
        map_location: object = "cpu",
        strict: bool = False,
        **model_kwargs: Any,
    ) -> Self:
        source = PretrainedFiles(model_id, revision, cache_dir, force_download, local_files_only, token)
        checkpoint = _checkpoint(source)
        model = cls(**model_kwargs)
        module = cast("_Module", model)
        load_torch_model(
            module, checkpoint, strict=strict, safe=checkpoint.name != PYTORCH_WEIGHTS_NAME, map_location=map_location
        )
        module.eval()
        return model


def _checkpoint(source: PretrainedFiles) -> Path:
    """Return the file of the weights, or the folder of several."""
    single = source.find(SINGLE_FILE)
    if single is not None:
        return single
    index = source.find(INDEX_FILE)
    if index is not None:
        _, weight_map = read_index(str(index), f"{source.model_id}: {INDEX_FILE}")
        for name in sorted(set(weight_map.values())):
            source.find(name)
        return index.parent
    pickled = source.find(PYTORCH_WEIGHTS_NAME)  # loaded by torch with weights_only=True
    if pickled is not None:
        return pickled
    raise EntryNotFoundError(
        f"{source.model_id} has no weights of a PyTorch model: none of {SINGLE_FILE}, {INDEX_FILE} and "
        f"{PYTORCH_WEIGHTS_NAME} was found."
    )
