import io
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from fsspec.dircache import DirCache
from fsspec.transaction import Transaction

class AbstractFileSystem:
    protocol: str | tuple[str, ...]
    root_marker: ClassVar[str]
    cachable: bool
    transaction_type: ClassVar[type[Transaction]]
    dircache: DirCache
    storage_args: tuple[Any, ...]
    storage_options: dict[str, Any]
    _extra_tokenize_attributes: ClassVar[tuple[str, ...]]
    _intrans: bool
    _transaction: Transaction | None
    def __init__(self, *args: object, **storage_options: object) -> None: ...
    @classmethod
    def _strip_protocol(cls, path: Any) -> Any: ...
    @classmethod
    def _parent(cls, path: str) -> str: ...
    @classmethod
    def clear_instance_cache(cls) -> None: ...
    def unstrip_protocol(self, name: str) -> str: ...
    @property
    def transaction(self) -> Transaction: ...
    def start_transaction(self) -> Transaction: ...
    def end_transaction(self) -> None: ...
    def invalidate_cache(self, path: str | None = None) -> None: ...

class AbstractBufferedFile(io.IOBase):
    DEFAULT_BLOCK_SIZE: ClassVar[int]
    path: str
    mode: str
    blocksize: int
    loc: int
    size: int
    offset: int | None
    autocommit: bool
    buffer: io.BytesIO
    cache: Any
    kwargs: dict[str, Any]
    def __init__(
        self,
        fs: AbstractFileSystem,
        path: str,
        mode: str = "rb",
        block_size: int | Literal["default"] | None = "default",
        autocommit: bool = True,
        cache_type: str = "readahead",
        cache_options: Mapping[str, Any] | None = None,
        size: int | None = None,
        **kwargs: object,
    ) -> None: ...
    @property
    def details(self) -> dict[str, Any]: ...
    def commit(self) -> None: ...
    def discard(self) -> None: ...
    def info(self) -> dict[str, Any]: ...
    def read(self, length: int | None = -1) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def flush(self, force: bool = False) -> None: ...
    def _initiate_upload(self) -> None: ...
    def _upload_chunk(self, final: bool = False) -> bool | None: ...
    def _fetch_range(self, start: int, end: int) -> bytes: ...
