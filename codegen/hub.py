"""Generate the client of the Hub from spec/, the flows and codegen/places.yaml."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from codegen.spec.document import load
from codegen.spec.read_operations import check_raises, read_operations
from codegen.spec.schemas import read_schemas
from codegen.spec.structure import structure_checked
from codegen.spec.target import HUB
from codegen.write.codec import write_codec
from codegen.write.functions import public_names
from codegen.write.models import write_models
from codegen.write.openapi import write_openapi
from codegen.write.operations import write_operations
from codegen.write.pages import write_pages
from codegen.write.places import read_places, write_places
from codegen.write.render import copied, render, write
from codegen.write.server import write_server
from codegen.write.surface import write_surface
from codegen.write.tidy import tidy
from codegen.write.views import write_views

__all__ = ["DOCUMENT", "LIBRARY", "PACKAGE", "ROOT", "TABLE", "generate"]

PACKAGE = HUB.package
DOCUMENT = "openapi.json"
ROOT = Path(__file__).parent.parent
LIBRARY = ROOT / "hub_typed"
TABLE = ROOT / "codegen" / "places.yaml"


def generate(
    spec_folder: Path,
    library: Path,
    output: Path,
    pages: Path,
    table: Path | None = None,
    reference: Path | None = None,
) -> None:
    """Generate everything into empty folders.

    Args:
        spec_folder: The spec.
        library: The handwritten package, whose flows are read.
        output: Folder for the package and ``openapi.json``.
        pages: Folder for the reference pages.
        table: Table of the modules of the reference, if there are any.
        reference: Folder for them, in place of that of the handwritten package.

    Raises:
        SpecError: The spec is invalid.
        SurfaceError: The signature of a flow is invalid.
    """
    package = output / PACKAGE
    with structure_checked(spec_folder):
        spec = load(spec_folder)
        schemas = read_schemas(spec)
        operations = read_operations(spec, schemas)
    places = read_places(table)
    check_raises(spec, public_names(library / "errors.py"))
    title = "The Hub's API as its spec says it: its models, and its operations as values."
    modules = ["models", "operations"]
    write(package / "__init__.py", render("modules.py.jinja", title=title, package=PACKAGE, modules=modules))
    write(package / "py.typed", "")
    for module in sorted((Path(__file__).parent / "runtime").glob("*.py")):
        write(package / module.name, copied(module))
    with ThreadPoolExecutor(1) as beside:  # the models are another program's work, and the longest part
        models = beside.submit(write_models, schemas, package)
        write_codec(schemas, package)
        write_views(schemas, package)
        write_operations(schemas, operations, package)
        write_server(schemas, operations, package)
        exports = write_surface(schemas, operations, library, package, places.root)
        if table and reference:
            write_places(places, table, library, exports, reference)
        write_openapi(spec, operations, output / DOCUMENT)
        write_pages(schemas, operations, pages)
        models.result()
    tidy(package, *[reference] if reference else [], ours=("hub_typed", PACKAGE))
