"""Generate a client of any API from its OpenAPI document."""

from __future__ import annotations

from pathlib import Path

from codegen.documents.convert import Api, convert
from codegen.documents.read import read_documents
from codegen.write.client import write_client
from codegen.write.codec import write_codec
from codegen.write.models import write_models
from codegen.write.operations import write_operations
from codegen.write.render import write
from codegen.write.tidy import tidy

__all__ = ["generate_client"]


def generate_client(source: Path, package: str, output: Path, *, skip: bool = False) -> Api:
    """Generate a package with models, operations and clients; return what was read.

    Args:
        source: The document, or a folder of them.
        package: Name of the package.
        output: Empty folder to write it into.
        skip: Whether operations that cannot be generated are left out.

    Raises:
        SpecError: The document has something that cannot be generated.
    """
    documents = read_documents(source)
    api = convert(documents, package, skip=skip)
    folder = output / package
    write(folder / "py.typed", "")
    write_models(api.schemas, folder)
    write_codec(api.schemas, folder)
    write_operations(api.schemas, api.operations, folder)
    write_client(api.schemas, api.operations, api.title, next(iter(documents.roots.values())), folder)
    tidy(folder, ours=("hub_typed", package))
    return api
