from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from io import BytesIO
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from fsspec.spec import AbstractFileSystem

_P = ParamSpec("_P")
_T = TypeVar("_T")

def get_loop() -> AbstractEventLoop: ...
def sync(
    loop: AbstractEventLoop | None, func: Callable[_P, Coroutine[Any, Any, _T]], *args: _P.args, **kwargs: _P.kwargs
) -> _T: ...
def sync_wrapper(func: Callable[_P, Coroutine[Any, Any, _T]], obj: object = None) -> Callable[_P, _T]: ...

# At runtime, it is an AbstractBufferedFile whose methods have other types.
class AbstractAsyncStreamedFile:
    path: str
    mode: str
    blocksize: int
    loc: int
    size: int
    autocommit: bool
    buffer: BytesIO
    closed: bool
    forced: bool
    def __init__(
        self,
        fs: AbstractFileSystem,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_type: str = "readahead",
        cache_options: Mapping[str, Any] | None = None,
        size: int | None = None,
        **kwargs: object,
    ) -> None: ...
    def seek(self, loc: int, whence: int = 0) -> int: ...
    def tell(self) -> int: ...
    async def read(self, length: int | None = -1) -> bytes: ...
    async def write(self, data: bytes) -> int: ...
    async def flush(self, force: bool = False) -> None: ...
    async def close(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> None: ...
    async def _fetch_range(self, start: int, end: int) -> bytes: ...
    async def _initiate_upload(self) -> None: ...
    async def _upload_chunk(self, final: bool = False) -> bool | None: ...

class AsyncFileSystem(AbstractFileSystem):
    asynchronous: bool
    _loop: AbstractEventLoop | None
    _pid: int
    @property
    def loop(self) -> AbstractEventLoop | None: ...
    async def _isdir(self, path: str) -> bool: ...
    async def _expand_path(
        self, path: str | list[str], recursive: bool = False, maxdepth: int | None = None
    ) -> list[str]: ...
    async def _copy(
        self,
        path1: str | list[str],
        path2: str | list[str],
        recursive: bool = False,
        on_error: str | None = None,
        maxdepth: int | None = None,
        **kwargs: Any,
    ) -> None: ...
    async def _pipe(self, path: str | dict[str, bytes], value: bytes | None = None, **kwargs: Any) -> object: ...
    async def _put(
        self, lpath: str | list[str], rpath: str | list[str], recursive: bool = False, **kwargs: Any
    ) -> object: ...
    async def _exists(self, path: str, **kwargs: Any) -> bool: ...
    def _walk(self, path: str, maxdepth: int | None = None, **kwargs: Any) -> AsyncIterator[tuple[str, Any, Any]]: ...
