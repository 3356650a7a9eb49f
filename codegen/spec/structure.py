"""Validate the structure of the spec against OpenAPI's own schema.

The generator assumes a valid structure. Validation takes longer than everything else, so it only runs with
``--check``, and after an unexpected error.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from codegen.spec.document import BESIDE, Mapping, read

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

__all__ = ["check_structure", "structure_checked"]


@contextmanager
def structure_checked(folder: Path) -> Generator[None, None, None]:
    """Convert unexpected errors to errors that locate the wrong structure in the spec.

    Raises:
        SpecError: The structure is wrong.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError):
        check_structure(folder)
        raise


def check_structure(folder: Path) -> None:
    """Validate every file of a spec against the schema of OpenAPI.

    Raises:
        SpecError: A file is not a valid OpenAPI document.
    """
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import schemas

    openapi: dict[str, Any] = dict(vars(schemas)["schema_v31"])  # the package is only partly typed
    whole, schema = Draft202012Validator(openapi), Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for path in sorted(folder.glob("*.yaml")):
        if path.stem in BESIDE:
            continue
        document = read(path)
        _refuse(whole, {"paths": {}, **document}, document, [])  # what is not at home in any area has no paths
        for name, node in document.get("components", {}).get("schemas", {}).items():
            _refuse(schema, node, document, ["components", "schemas", name])


def _refuse(validator: Validator, value: Any, document: Mapping, where: list[Any]) -> None:
    from jsonschema import exceptions

    best_match = cast("Callable[[Iterable[ValidationError]], ValidationError | None]", vars(exceptions)["best_match"])
    error = best_match(validator.iter_errors(value))
    if error is not None:
        node, key = _place(document, [*where, *error.absolute_path])
        raise node.error(f"this is no OpenAPI: {error.message[:200]}", key)


def _place(document: Mapping, path: list[Any]) -> tuple[Mapping, str | None]:
    """Return the innermost mapping around a value, and the key in it."""
    node: Any = document
    place: tuple[Mapping, str | None] = (document, None)
    for step in path:
        if isinstance(node, Mapping):
            place = (node, str(step))
        node = node[step]
    return (node, None) if isinstance(node, Mapping) else place
