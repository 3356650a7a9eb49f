"""``python -m codegen``: generate the client of the Hub, or a client of any API.

Without SPEC, generated/, docs/endpoints/ and the modules of the reference in hub_typed/ are made from spec/, the flows
and codegen/places.yaml; ``--check`` only compares. With SPEC, a package is made from an OpenAPI document.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen.documents.convert import Skipped
from codegen.hub import LIBRARY, PACKAGE, ROOT, TABLE, generate
from codegen.spec.document import SpecError
from codegen.spec.names import is_name
from codegen.spec.structure import check_structure
from codegen.stamp import digest
from codegen.tool import generate_client
from codegen.write.folders import differences, is_ours, replace
from codegen.write.functions import SurfaceError
from codegen.write.pages import INDEX
from codegen.write.places import PLACES_MARK
from codegen.write.render import SIGN

NEEDED = ("attr", "attrs", "hub_typed", PACKAGE)
"""Packages that a generated one imports."""


def main(arguments: list[str] | None = None) -> int:
    """Generate or check; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    other = parser.add_argument_group("a client of any API")
    other.add_argument("document", nargs="?", type=Path, metavar="SPEC", help="OpenAPI document, or folder of them")
    other.add_argument("--package", help="name of the package to generate")
    other.add_argument("--out", type=Path, help="folder to put the package into")
    other.add_argument("--skip-unsupported", action="store_true", help="leave out operations that cannot be generated")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 where something is not what it should be"
    )
    parser.add_argument("--spec", type=Path, default=ROOT / "spec", help="folder of the spec")
    parser.add_argument("--library", type=Path, default=LIBRARY, help="the handwritten package")
    parser.add_argument("--output", type=Path, default=ROOT / "generated", help="folder of the generated package")
    parser.add_argument("--pages", type=Path, default=ROOT / "docs" / "endpoints", help="folder of the reference")
    parser.add_argument("--places", type=Path, help="table of the modules of the reference; ours by default")
    options = parser.parse_args(arguments)
    if options.document:
        return _client(parser, options)
    if options.package or options.out or options.skip_unsupported:
        parser.error("--package, --out and --skip-unsupported need SPEC")
    table = options.places or (TABLE if options.library == LIBRARY else None)
    targets: tuple[Path, ...] = (options.output, options.pages)
    for folder, sign in zip(targets, (f"{PACKAGE}/__init__.py", INDEX), strict=True):
        if not is_ours(folder, sign):
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


def _client(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Generate the client of a document; return the exit status."""
    source, package, out = options.document, options.package, options.out
    if not package or not is_name(package) or not out:
        parser.error("SPEC needs --package with a name in Python, and --out")
    if options.check:
        parser.error("--check is for the client of the Hub, without SPEC")
    if not source.exists():
        parser.error(f"{source}: there is no such file or folder")
    is_hub = (source / "hub.yaml").exists()
    if is_hub and package != PACKAGE:
        parser.error(f"{source} is the spec of this library, whose package is {PACKAGE}")
    if not is_hub and package in {*sys.stdlib_module_names, *NEEDED}:
        parser.error(f"{package} is a module that the client imports, or of Python: choose another --package")
    if out.exists() and not out.is_dir():
        parser.error(f"{out} is no folder")
    if not is_ours(out / package, "__init__.py"):
        parser.error(f"{out / package} holds something else: it is not empty, and has no generated __init__.py")
    with TemporaryDirectory() as scratch:
        made, pages = Path(scratch) / "generated", Path(scratch) / "pages"
        try:
            if is_hub:
                generate(source, LIBRARY, made, pages, TABLE)
                skipped: list[Skipped] = []
            else:
                skipped = generate_client(source, package, made, skip=options.skip_unsupported).skipped
        except (SpecError, SurfaceError) as error:
            print(error, file=sys.stderr)
            return 2
        replace(made / package, out / package, "" if is_hub else SIGN)
    if skipped:
        print(f"Left out {len(skipped)} operations:", *skipped, sep="\n  ", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
