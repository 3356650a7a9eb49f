"""Write ``operations/``: one module for each area."""

from __future__ import annotations

from pathlib import Path

import attrs

from codegen.spec.conversions import codec_imports, structured, unstructured
from codegen.spec.names import snake
from codegen.spec.operations import Operation, Parameter, model_names
from codegen.spec.schemas import Schemas
from codegen.write.docstrings import documented
from codegen.write.narrowing import chosen_view, operation_cases
from codegen.write.render import render, write

__all__ = ["write_operations"]


def _whole(parameter: Parameter) -> str:
    """Return the expression of a whole body that is neither absent nor null."""
    return unstructured(attrs.evolve(parameter.shape, nullable=False), parameter.name)


def write_operations(schemas: Schemas, operations: dict[str, list[Operation]], package: Path) -> None:
    """Write ``operations/``."""
    for area, found in operations.items():
        read = set[str]().union(*(model_names(o.item if o.paging else o.shape) for o in found))
        read |= {name for o in found for case in o.cases if case.shape for name in model_names(case.shape)}
        sent = set[str]().union(
            *(model_names(parameter.shape) for operation in found for parameter in operation.parameters)
        )
        imports = codec_imports(schemas, read, ("structure",)) + codec_imports(schemas, sent, ("unstructure",))
        write(
            package / "operations" / f"{area}.py",
            render(
                "operations.py.jinja",
                target=schemas.spec.target,
                area=area,
                title=str(schemas.spec.documents[area]["info"]["title"]),
                operations=found,
                imports=imports,
                strict=schemas.strict,
                structured=structured,
                whole_value=_whole,
                documented=documented,
                operation_cases=operation_cases,
                chosen_view=chosen_view,
                snake=snake,
            ),
        )
    target = schemas.spec.target
    title = f"The operations of {target.api}, as values, by area."
    names = {"package": f"{target.package}.operations", "modules": list(operations)}
    text = render("modules.py.jinja", title=title, target=target, **names)
    write(package / "operations" / "__init__.py", text)
