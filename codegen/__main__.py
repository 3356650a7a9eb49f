"""``python -m codegen``: generate generated/, docs/endpoints/ and the modules of the reference in hub_typed/.

They are made from spec/, the flows and codegen/places.yaml; ``--check`` only compares.
"""

from __future__ import annotations

import argparse
import difflib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen.spec.document import SpecError, load
from codegen.spec.read_operations import check_raises, read_operations
from codegen.spec.schemas import read_schemas
from codegen.spec.structure import check_structure, structure_checked
from codegen.stamp import digest
from codegen.write.codec import write_codec
from codegen.write.functions import SurfaceError, public_names
from codegen.write.models import write_models
from codegen.write.openapi import write_openapi
from codegen.write.operations import write_operations
from codegen.write.pages import INDEX, write_pages
from codegen.write.places import PLACES_MARK, read_places, write_places
from codegen.write.render import MARK, copied, render, write
from codegen.write.server import write_server
from codegen.write.surface import write_surface

PACKAGE = "hub_typed_api"
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
        write_operations(schemas, operations, package)
        write_server(schemas, operations, package)
        exports = write_surface(schemas, operations, library, package, places.root)
        if table and reference:
            write_places(places, table, library, exports, reference)
        write_openapi(spec, operations, output / DOCUMENT)
        write_pages(schemas, operations, pages)
        models.result()
    _tidy(package, *[reference] if reference else [])


def _tidy(*folders: Path) -> None:
    """Remove unused imports, sort the others, and format."""
    ruff = [sys.executable, "-m", "ruff"]
    config = ["--config", str(ROOT / "pyproject.toml")]
    ours = f'lint.isort.known-first-party = ["hub_typed", "{PACKAGE}"]'  # found out of the working folder otherwise
    lint = [
        *ruff,
        "check",
        *config,
        "--config",
        ours,
        "--quiet",
        "--fix",
        "--select",
        "F401,I",
        "--no-cache",
        "--exit-zero",
        *map(str, folders),
    ]
    subprocess.run(lint, check=True)
    subprocess.run([*ruff, "format", *config, "--quiet", "--no-cache", *map(str, folders)], check=True)


def differences(made: Path, committed: Path, mark: str = "") -> list[str]:
    """Return the differences of two folders as readable diffs; empty if they are equal.

    Args:
        mark: Text by which generated files are known where a folder has others, too.
    """
    found: list[str] = []
    files = {path.relative_to(folder) for folder in (made, committed) for path in _files(folder, mark)}
    for file in sorted(files):
        new, old = made / file, committed / file
        if not old.exists():
            found.append(f"missing: {file}")
        elif not new.exists():
            found.append(f"not generated: {file}")
        elif new.read_bytes() != old.read_bytes():
            lines = difflib.unified_diff(
                old.read_text().splitlines(),
                new.read_text().splitlines(),
                f"committed/{file}",
                f"generated/{file}",
                lineterm="",
            )
            found.append("\n".join(lines))
    return found


def _files(folder: Path, mark: str) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [path for path in files if mark.encode() in path.read_bytes().partition(b"\n")[0]]


def replace(made: Path, committed: Path, mark: str = "") -> None:
    """Make the generated files of the committed folder equal to the new ones; equal files are not touched.

    Args:
        mark: Text by which they are known where the folder has others, too.
    """
    for path in _files(committed, mark):
        if not (made / path.relative_to(committed)).exists():
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    for path in _files(made, mark):
        target = committed / path.relative_to(made)
        if not target.exists() or target.read_bytes() != path.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def _is_ours(folder: Path, sign: str) -> bool:
    """Whether a folder may be overwritten: it is empty, or a file in it marks it as generated."""
    if not folder.exists() or not any(folder.iterdir()):
        return True
    return (folder / sign).exists() and MARK in (folder / sign).read_text(encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Generate or check; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 where something is not what it should be"
    )
    parser.add_argument("--spec", type=Path, default=ROOT / "spec", help="folder of the spec")
    parser.add_argument("--library", type=Path, default=LIBRARY, help="the handwritten package")
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help="folder of the generated package")
    parser.add_argument("--pages", type=Path, default=ROOT / "docs" / "endpoints", help="folder of the reference")
    parser.add_argument("--places", type=Path, help="table of the modules of the reference; ours by default")
    options = parser.parse_args(arguments)
    table = options.places or (TABLE if options.library == LIBRARY else None)
    targets: tuple[Path, ...] = (options.output, options.pages)
    for folder, sign in zip(targets, (f"{PACKAGE}/__init__.py", INDEX), strict=True):
        if not _is_ours(folder, sign):
            parser.error(f"{folder} holds something else: it is not empty, and has no generated {sign}")
    inputs = (options.spec, options.library, Path(__file__).parent)
    stamp = ROOT / "build" / "generated.sha256" if options.output == ROOT / "generated" and not options.check else None
    if stamp and stamp.exists() and stamp.read_text() == digest([*inputs, *targets], [ROOT / "pyproject.toml"]):
        return 0
    with TemporaryDirectory() as scratch:
        made = (Path(scratch) / "generated", Path(scratch) / "pages", Path(scratch) / "reference")
        try:
            if options.check:
                check_structure(options.spec)
            made[2].mkdir()
            generate(options.spec, options.library, *made[:2], table, made[2])
        except (SpecError, SurfaceError) as error:
            print(error, file=sys.stderr)
            return 2
        status = 0
        for new, committed, mark in zip(made, (*targets, options.library), ("", "", PLACES_MARK), strict=True):
            if not options.check:
                replace(new, committed, mark)
            elif found := differences(new, committed, mark):
                print("\n".join(found))
                stale = (
                    f"{committed} is not what spec/, flows and codegen/places.yaml say: run `make generate` and commit."
                )
                print(stale, file=sys.stderr)
                status = 1
        if stamp:
            stamp.parent.mkdir(exist_ok=True)
            stamp.write_text(digest([*inputs, *targets], [ROOT / "pyproject.toml"]))
        return status


if __name__ == "__main__":
    sys.exit(main())
