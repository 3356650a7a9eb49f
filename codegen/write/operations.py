"""Write ``operations/``: one module for each area."""

from __future__ import annotations

from pathlib import Path

from codegen.spec.conversions import codec_imports, structured
from codegen.spec.names import snake
from codegen.spec.operations import Operation, model_names
from codegen.spec.schemas import Schemas
from codegen.write.docstrings import documented
from codegen.write.narrowing import chosen_view, operation_cases
from codegen.write.render import render, write

__all__ = ["write_operations"]


def write_operations(schemas: Schemas, operations: dict[str, list[Operation]], package: Path) -> None:
    """Write ``operations/``."""
    for area, found in operations.items():
        read = set[str]().union(*(model_names(o.item if o.paging else o.shape) for o in found))
        sent = set[str]().union(
            *(
                model_names(parameter.shape)
                for operation in found
                for parameter in operation.parameters
                if parameter.where in ("body", "list", "lines")
            )
        )
        imports = codec_imports(schemas, read, ("structure",)) + codec_imports(schemas, sent, ("unstructure",))
        write(
            package / "operations" / f"{area}.py",
            render(
                "operations.py.jinja",
                area=area,
                title=str(schemas.spec.documents[area]["info"]["title"]),
                operations=found,
                imports=imports,
                strict=schemas.strict,
                structured=structured,
                documented=documented,
                operation_cases=operation_cases,
                chosen_view=chosen_view,
                snake=snake,
            ),
        )
    title = "The operations of the Hub, as values, by area."
    text = render("modules.py.jinja", title=title, package="hub_typed_api.operations", modules=list(operations))
    write(package / "operations" / "__init__.py", text)
