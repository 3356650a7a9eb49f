"""What stands in for PyTorch and safetensors in tests: tensors of numpy, a model, and the functions for files."""

import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest


class Tensor:
    def __init__(self, array, device="cpu"):
        self.array = array
        self.device = SimpleNamespace(type=device) if device == "meta" else Device(device)

    def untyped_storage(self):
        whole = self.array
        while whole.base is not None:
            whole = whole.base
        return SimpleNamespace(data_ptr=lambda: whole.ctypes.data, nbytes=lambda: whole.nbytes)

    def data_ptr(self):
        return self.array.ctypes.data

    def numel(self):
        return self.array.size

    def element_size(self):
        return self.array.itemsize

    def contiguous(self):
        return self if self.array.flags.c_contiguous else Tensor(np.ascontiguousarray(self.array))


class Device(str):
    __slots__ = ()

    @property
    def type(self):
        return str(self)


class Model:
    def __init__(self, **arrays):
        self.state = {name: tensor(array) for name, array in arrays.items()}

    def state_dict(self):
        return self.state

    def load_state_dict(self, state_dict, strict=True):
        assert not strict
        self.state |= {name: one for name, one in state_dict.items() if name in self.state}

    def values(self):
        return {name: one.array.tolist() for name, one in self.state.items()}


def tensor(values):
    return Tensor(values if isinstance(values, np.ndarray) else np.array(values, dtype=np.float32))


def save_file(tensors, filename, metadata=None):
    header, content = {"__metadata__": metadata}, b""
    for name, one in tensors.items():
        assert one.array.flags.c_contiguous
        end = len(content) + one.array.nbytes
        header[name] = {"dtype": "F32", "shape": list(one.array.shape), "data_offsets": [len(content), end]}
        content += one.array.tobytes()
    text = json.dumps(header).encode()
    filename.write_bytes(len(text).to_bytes(8, "little") + text + content)


def load_file(filename, device="cpu"):
    data = filename.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    del header["__metadata__"]
    return {
        name: tensor(np.frombuffer(data[start + first : start + end], np.float32).reshape(one["shape"]))
        for name, one in header.items()
        for first, end in [one["data_offsets"]]
    }


@pytest.fixture
def fake_torch(monkeypatch):
    """Modules ``torch`` and ``safetensors.torch`` that can save and load."""
    package, files, torch = ModuleType("safetensors"), ModuleType("safetensors.torch"), ModuleType("torch")
    files.save_file, files.load_file = save_file, load_file
    torch.save = lambda tensors, path: path.write_text(json.dumps({n: t.array.tolist() for n, t in tensors.items()}))
    torch.load = lambda path, **options: {n: tensor(v) for n, v in json.loads(path.read_text()).items()}
    for module in (package, files, torch):
        monkeypatch.setitem(sys.modules, module.__name__, module)
