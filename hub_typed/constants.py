"""Constants of the reference API: names of files and headers, and values of the settings.

Those that depend on the environment, such as ``HF_HUB_OFFLINE``, are read from it each time. An assignment takes the
place of the environment variable, for this library in this process: with ``constants.HF_HUB_OFFLINE = True``, functions
of `hub_typed` and clients that are created from then on are offline. To delete the name, or to assign the value that
the environment has, undoes it, as `unittest.mock.patch` and ``monkeypatch`` of pytest do.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from hub_typed.settings import (
    DATASET_VIEWER,
    DEFAULT_ENDPOINT,
    INFERENCE_CATALOG,
    INFERENCE_ENDPOINTS,
    Settings,
    assign_variable,
    expanded_path,
    home,
    is_true,
    process_environment,
)
from hub_typed.urls.repo_types import TYPES_BY_PLURAL

__all__ = [
    "CONFIG_NAME",
    "DATASETS_SERVER_ENDPOINT",
    "DEFAULT_DOWNLOAD_TIMEOUT",
    "DEFAULT_ETAG_TIMEOUT",
    "DEFAULT_REQUEST_TIMEOUT",
    "DEFAULT_REVISION",
    "DISCUSSION_STATUS",
    "DISCUSSION_TYPES",
    "DOWNLOAD_CHUNK_SIZE",
    "ENDPOINT",
    "ENV_VARS_TRUE_AND_AUTO_VALUES",
    "ENV_VARS_TRUE_VALUES",
    "EVAL_RESULTS_FOLDER",
    "FILELOCK_LOG_EVERY_SECONDS",
    "FLAX_WEIGHTS_NAME",
    "HF_ASSETS_CACHE",
    "HF_DEBUG",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HF_HUB_DISABLE_EXPERIMENTAL_WARNING",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_HUB_DISABLE_PROGRESS_BARS",
    "HF_HUB_DISABLE_SYMLINKS",
    "HF_HUB_DISABLE_SYMLINKS_WARNING",
    "HF_HUB_DISABLE_TELEMETRY",
    "HF_HUB_DISABLE_XET",
    "HF_HUB_DOWNLOAD_TIMEOUT",
    "HF_HUB_ENABLE_HF_TRANSFER",
    "HF_HUB_ETAG_TIMEOUT",
    "HF_HUB_OFFLINE",
    "HF_HUB_USER_AGENT_ORIGIN",
    "HF_JOBS_ARTIFACTS_BUCKET_NAME",
    "HF_JOBS_ARTIFACTS_MOUNT_PATH",
    "HF_PROTOCOL",
    "HF_STORED_TOKENS_PATH",
    "HF_TOKEN_PATH",
    "HF_URI_TYPE_PREFIXES",
    "HF_URL_HOSTS",
    "HF_XET_CACHE",
    "HF_XET_HIGH_PERFORMANCE",
    "HUGGINGFACE_ASSETS_CACHE",
    "HUGGINGFACE_CO_URL_HOME",
    "HUGGINGFACE_CO_URL_TEMPLATE",
    "HUGGINGFACE_HEADER_LINK_XET_AUTH_KEY",
    "HUGGINGFACE_HEADER_X_BILL_TO",
    "HUGGINGFACE_HEADER_X_LINKED_ETAG",
    "HUGGINGFACE_HEADER_X_LINKED_SIZE",
    "HUGGINGFACE_HEADER_X_REPO_COMMIT",
    "HUGGINGFACE_HEADER_X_XET_ACCESS_TOKEN",
    "HUGGINGFACE_HEADER_X_XET_ENDPOINT",
    "HUGGINGFACE_HEADER_X_XET_EXPIRATION",
    "HUGGINGFACE_HEADER_X_XET_HASH",
    "HUGGINGFACE_HEADER_X_XET_REFRESH_ROUTE",
    "HUGGINGFACE_HUB_CACHE",
    "INFERENCE_CATALOG_ENDPOINT",
    "INFERENCE_ENDPOINT",
    "INFERENCE_ENDPOINTS_ENDPOINT",
    "INFERENCE_PROXY_TEMPLATE",
    "MAX_HTTP_DOWNLOAD_SIZE",
    "PYTORCH_WEIGHTS_FILE_PATTERN",
    "PYTORCH_WEIGHTS_NAME",
    "REGEX_COMMIT_OID",
    "REPOCARD_NAME",
    "REPO_ID_SEPARATOR",
    "REPO_TYPES",
    "REPO_TYPES_MAPPING",
    "REPO_TYPES_URL_PREFIXES",
    "REPO_TYPES_WITH_KERNEL",
    "REPO_TYPE_DATASET",
    "REPO_TYPE_KERNEL",
    "REPO_TYPE_MODEL",
    "REPO_TYPE_SPACE",
    "SAFETENSORS_INDEX_FILE",
    "SAFETENSORS_MAX_HEADER_LENGTH",
    "SAFETENSORS_SINGLE_FILE",
    "SAFETENSORS_WEIGHTS_FILE_PATTERN",
    "SPACES_SDK_TYPES",
    "TF2_WEIGHTS_FILE_PATTERN",
    "TF2_WEIGHTS_NAME",
    "TF_WEIGHTS_NAME",
    "X_HF_DOWNLOAD_COUNTER",
    "default_assets_cache_path",
    "default_cache_path",
    "default_home",
    "hf_cache_home",
    "is_offline_mode",
]

ENV_VARS_TRUE_VALUES: Final = {"1", "ON", "YES", "TRUE"}
ENV_VARS_TRUE_AND_AUTO_VALUES: Final = {*ENV_VARS_TRUE_VALUES, "AUTO"}

CONFIG_NAME: Final = "config.json"
REPOCARD_NAME: Final = "README.md"
PYTORCH_WEIGHTS_NAME: Final = "pytorch_model.bin"
TF2_WEIGHTS_NAME: Final = "tf_model.h5"
TF_WEIGHTS_NAME: Final = "model.ckpt"
FLAX_WEIGHTS_NAME: Final = "flax_model.msgpack"
PYTORCH_WEIGHTS_FILE_PATTERN: Final = "pytorch_model{suffix}.bin"
SAFETENSORS_WEIGHTS_FILE_PATTERN: Final = "model{suffix}.safetensors"
TF2_WEIGHTS_FILE_PATTERN: Final = "tf_model{suffix}.h5"
SAFETENSORS_SINGLE_FILE: Final = "model.safetensors"
SAFETENSORS_INDEX_FILE: Final = "model.safetensors.index.json"
SAFETENSORS_MAX_HEADER_LENGTH: Final = 25_000_000

DEFAULT_REVISION: Final = "main"
REGEX_COMMIT_OID: Final = re.compile(r"[A-Fa-f0-9]{5,40}")
REPO_ID_SEPARATOR: Final = "--"
REPO_TYPE_DATASET: Final = "dataset"
REPO_TYPE_KERNEL: Final = "kernel"
REPO_TYPE_MODEL: Final = "model"
REPO_TYPE_SPACE: Final = "space"
REPO_TYPES: Final[list[str | None]] = [None, REPO_TYPE_MODEL, REPO_TYPE_DATASET, REPO_TYPE_SPACE]
REPO_TYPES_WITH_KERNEL: Final[list[str | None]] = [*REPO_TYPES, REPO_TYPE_KERNEL]
REPO_TYPES_URL_PREFIXES: Final[dict[str, str]] = {
    REPO_TYPE_DATASET: "datasets/",
    REPO_TYPE_SPACE: "spaces/",
    REPO_TYPE_KERNEL: "kernels/",
}
REPO_TYPES_MAPPING: Final[dict[str, str]] = dict(TYPES_BY_PLURAL)
SPACES_SDK_TYPES: Final = ["gradio", "streamlit", "docker", "static"]
DiscussionTypeFilter: TypeAlias = Literal["all", "discussion", "pull_request"]
DISCUSSION_TYPES: Final[tuple[DiscussionTypeFilter, ...]] = ("all", "discussion", "pull_request")
DiscussionStatusFilter: TypeAlias = Literal["all", "open", "closed"]
DISCUSSION_STATUS: Final[tuple[DiscussionStatusFilter, ...]] = ("all", "open", "closed")

HF_PROTOCOL: Final = "hf://"
HF_JOBS_ARTIFACTS_BUCKET_NAME: Final = "jobs-artifacts"
HF_JOBS_ARTIFACTS_MOUNT_PATH: Final = "/data"
HUGGINGFACE_CO_URL_HOME: Final = f"{DEFAULT_ENDPOINT}/"
DATASETS_SERVER_ENDPOINT: Final = DATASET_VIEWER
INFERENCE_ENDPOINTS_ENDPOINT: Final = f"{INFERENCE_ENDPOINTS}/v2"
INFERENCE_CATALOG_ENDPOINT: Final = f"{INFERENCE_CATALOG}/api/v1/catalog"
INFERENCE_ENDPOINT: Final = "https://api-inference.huggingface.co"
INFERENCE_PROXY_TEMPLATE: Final = "https://router.huggingface.co/{provider}"
HF_URL_HOSTS: Final = frozenset({"hf.co", "hub-ci.huggingface.co", "huggingface.co"})
HF_URI_TYPE_PREFIXES: Final[dict[str, str]] = {
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
    "kernels": "kernel",
    "buckets": "bucket",
}
EVAL_RESULTS_FOLDER: Final = ".eval_results"
MAX_HTTP_DOWNLOAD_SIZE: Final = 50_000_000_000
"""Bytes of the largest file that the storage sends without Xet."""
X_HF_DOWNLOAD_COUNTER: Final = "X-HF-Download-Counter"

HUGGINGFACE_HEADER_X_REPO_COMMIT: Final = "X-Repo-Commit"
HUGGINGFACE_HEADER_X_LINKED_ETAG: Final = "X-Linked-Etag"
HUGGINGFACE_HEADER_X_LINKED_SIZE: Final = "X-Linked-Size"
HUGGINGFACE_HEADER_X_BILL_TO: Final = "X-HF-Bill-To"
HUGGINGFACE_HEADER_X_XET_ENDPOINT: Final = "X-Xet-Cas-Url"
HUGGINGFACE_HEADER_X_XET_ACCESS_TOKEN: Final = "X-Xet-Access-Token"
HUGGINGFACE_HEADER_X_XET_EXPIRATION: Final = "X-Xet-Token-Expiration"
HUGGINGFACE_HEADER_X_XET_HASH: Final = "X-Xet-Hash"
HUGGINGFACE_HEADER_X_XET_REFRESH_ROUTE: Final = "X-Xet-Refresh-Route"
HUGGINGFACE_HEADER_LINK_XET_AUTH_KEY: Final = "xet-auth"

DEFAULT_ETAG_TIMEOUT: Final = 10
DEFAULT_DOWNLOAD_TIMEOUT: Final = 10
DEFAULT_REQUEST_TIMEOUT: Final = 10
DOWNLOAD_CHUNK_SIZE: Final = 10 << 20
FILELOCK_LOG_EVERY_SECONDS: Final = 10

if TYPE_CHECKING:
    ENDPOINT: str
    HUGGINGFACE_CO_URL_TEMPLATE: str
    HF_HOME: str
    HF_HUB_CACHE: str
    HUGGINGFACE_HUB_CACHE: str
    HF_ASSETS_CACHE: str
    HUGGINGFACE_ASSETS_CACHE: str
    HF_XET_CACHE: str
    HF_TOKEN_PATH: str
    HF_STORED_TOKENS_PATH: str
    default_home: str
    hf_cache_home: str
    default_assets_cache_path: str
    default_cache_path: str
    HF_HUB_OFFLINE: bool
    HF_DEBUG: bool
    HF_HUB_DISABLE_TELEMETRY: bool
    HF_HUB_DISABLE_PROGRESS_BARS: bool | None
    HF_HUB_DISABLE_SYMLINKS: bool
    HF_HUB_DISABLE_SYMLINKS_WARNING: bool
    HF_HUB_DISABLE_EXPERIMENTAL_WARNING: bool
    HF_HUB_DISABLE_IMPLICIT_TOKEN: bool
    HF_HUB_DISABLE_XET: bool
    HF_HUB_ENABLE_HF_TRANSFER: bool
    HF_XET_HIGH_PERFORMANCE: bool
    HF_HUB_ETAG_TIMEOUT: float
    HF_HUB_DOWNLOAD_TIMEOUT: float
    HF_HUB_USER_AGENT_ORIGIN: str | None

_Environment: TypeAlias = Mapping[str, str]


@attrs.frozen
class _Live:
    """A constant that is read from the environment each time.

    Attributes:
        read: Returns its value.
        variable: Environment variable whose place an assignment takes; empty if the library does not use the constant.
    """

    read: Callable[[_Environment], object]
    variable: str = ""


def _setting(variable: str, read: Callable[[Settings], object]) -> _Live:
    return _Live(lambda env: read(Settings.from_environment(env)), variable)


def _switch(*variables: str) -> _Live:
    return _Live(lambda env: any(is_true(env.get(name)) for name in variables), variables[0])


def _folder(variable: str, name: str) -> _Live:
    return _Live(lambda env: expanded_path(env.get(variable) or os.path.join(home(env), name)), variable)


_LIVE: Final[Mapping[str, _Live]] = {
    "ENDPOINT": _setting("HF_ENDPOINT", lambda settings: str(settings.endpoint)),
    "HUGGINGFACE_CO_URL_TEMPLATE": _setting(
        "", lambda settings: f"{settings.endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    ),
    "HF_HOME": _Live(home, "HF_HOME"),
    "HF_HUB_CACHE": _setting("HF_HUB_CACHE", lambda settings: settings.cache_dir),
    "HUGGINGFACE_HUB_CACHE": _setting("HF_HUB_CACHE", lambda settings: settings.cache_dir),
    "HF_ASSETS_CACHE": _folder("HF_ASSETS_CACHE", "assets"),
    "HUGGINGFACE_ASSETS_CACHE": _folder("HF_ASSETS_CACHE", "assets"),
    "HF_XET_CACHE": _folder("HF_XET_CACHE", "xet"),
    "HF_TOKEN_PATH": _setting("HF_TOKEN_PATH", lambda settings: settings.token_path),
    "HF_STORED_TOKENS_PATH": _setting(
        "", lambda settings: os.path.join(os.path.dirname(settings.token_path), "stored_tokens")
    ),
    "default_home": _Live(lambda _: os.path.expanduser(os.path.join("~", ".cache"))),
    "hf_cache_home": _Live(home),
    "default_assets_cache_path": _Live(lambda env: os.path.join(home(env), "assets")),
    "default_cache_path": _Live(lambda env: os.path.join(home(env), "hub")),
    "HF_HUB_OFFLINE": _setting("HF_HUB_OFFLINE", lambda settings: settings.offline),
    "HF_DEBUG": _switch("HF_DEBUG"),
    "HF_HUB_DISABLE_TELEMETRY": _switch("HF_HUB_DISABLE_TELEMETRY", "DISABLE_TELEMETRY", "DO_NOT_TRACK"),
    "HF_HUB_DISABLE_PROGRESS_BARS": _setting(
        "HF_HUB_DISABLE_PROGRESS_BARS", lambda s: None if s.progress is None else s.progress is False
    ),
    "HF_HUB_DISABLE_SYMLINKS": _setting("HF_HUB_DISABLE_SYMLINKS", lambda settings: not settings.symlinks),
    "HF_HUB_DISABLE_SYMLINKS_WARNING": _switch("HF_HUB_DISABLE_SYMLINKS_WARNING"),
    "HF_HUB_DISABLE_EXPERIMENTAL_WARNING": _switch("HF_HUB_DISABLE_EXPERIMENTAL_WARNING"),
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": _setting("HF_HUB_DISABLE_IMPLICIT_TOKEN", lambda s: not s.implicit_token),
    "HF_HUB_DISABLE_XET": _setting("HF_HUB_DISABLE_XET", lambda settings: not settings.xet),
    "HF_HUB_ENABLE_HF_TRANSFER": _switch("HF_HUB_ENABLE_HF_TRANSFER"),
    "HF_XET_HIGH_PERFORMANCE": _switch("HF_XET_HIGH_PERFORMANCE"),
    "HF_HUB_ETAG_TIMEOUT": _setting("HF_HUB_ETAG_TIMEOUT", lambda settings: settings.etag_timeout),
    "HF_HUB_DOWNLOAD_TIMEOUT": _setting("HF_HUB_DOWNLOAD_TIMEOUT", lambda settings: settings.download_timeout),
    "HF_HUB_USER_AGENT_ORIGIN": _Live(lambda env: env.get("HF_HUB_USER_AGENT_ORIGIN"), "HF_HUB_USER_AGENT_ORIGIN"),
}


def is_offline_mode() -> bool:
    """Whether every request is refused; see ``HF_HUB_OFFLINE``."""
    return Settings.from_environment().offline


class _Constants(ModuleType):
    """The module, with values that are read from the environment and can be assigned in its place."""

    def __getattr__(self, name: str) -> object:
        if name not in _LIVE:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return _LIVE[name].read(process_environment())

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _LIVE:
            super().__setattr__(name, value)
            return
        self._forget(name)
        if value == getattr(self, name):
            return
        if variable := _LIVE[name].variable:
            text = str(int(value)) if isinstance(value, bool) else "" if value is None else str(value)
            assign_variable(variable, text)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name in _LIVE:
            self._forget(name)
        else:
            super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_LIVE})

    def _forget(self, name: str) -> None:
        if variable := _LIVE[name].variable:
            assign_variable(variable, None)
        vars(self).pop(name, None)


sys.modules[__name__].__class__ = _Constants
