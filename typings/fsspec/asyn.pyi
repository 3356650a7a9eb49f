from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from fsspec.spec import AbstractFileSystem

_P = ParamSpec("_P")
_T = TypeVar("_T")

def get_loop() -> AbstractEventLoop: ...
def sync(
    loop: AbstractEventLoop | None, func: Callable[_P, Coroutine[Any, Any, _T]], *args: _P.args, **kwargs: _P.kwargs
) -> _T: ...
def sync_wrapper(func: Callable[_P, Coroutine[Any, Any, _T]], obj: object = None) -> Callable[_P, _T]: ...

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
