"""Write ``surface/``: methods of both clients, functions, and the names of `hub_typed`.

A signature and its docstring are written once: in the spec for exposed operations, in the flow for everything else.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from codegen.spec.names import pascal
from codegen.spec.operations import Operation
from codegen.spec.schemas import Schemas
from codegen.spec.views import read_views
from codegen.write.docstrings import with_argument
from codegen.write.functions import FlowModule, exposed, public_names
from codegen.write.render import render, write
from codegen.write.signatures import Function

__all__ = ["write_surface"]

PUBLIC = (
    *(
        "async_client",
        "client",
        "http.hooks",
        "clients.with_response",
        "clients.inference_endpoint",
        "clients.run_as_future",
        "convert",
        "errors",
    ),
    *("progress", "progress_bars.switches", "scheduler", "settings", "urls.hf_mount", "urls.hf_uri"),
    *("serialization.dduf", "serialization.safetensors_files", "serialization.shards"),
    *("serialization.torch_files", "serialization.torch_tensors"),
    *("mixins.model_hub_mixin", "mixins.torch_mixin", "auth.login", "auth.tokens"),
    "training_logs.summary_writer",
    *("cards.card", "cards.data", "cards.eval_results", "cards.evaluation", "cards.metadata"),
)
"""Modules of the library whose ``__all__`` is public, beside the flows."""
OPTIONAL = {
    **dict.fromkeys(("HfFileSystem", "HfFileSystemFile", "HfFileSystemResolvedPath"), "hub_typed.fs"),
    **dict.fromkeys(("HfFileSystemStreamFile", "HubFileSystem", "hffs"), "hub_typed.fs"),
}
"""Names of `hub_typed` that need an extra, so that ``from hub_typed import *`` leaves them out."""
BESIDE = {
    "Call": "hub_typed_api.wire",
    "Future": "concurrent.futures",
    "Page": "hub_typed_api.wire",
    "Paged": "hub_typed_api.wire",
    "Stream": "hub_typed_api.wire",
    "operations": "hub_typed_api",
}
"""Names of `hub_typed` that its own signatures mention, from elsewhere."""
CLIENT_OPTIONS = {
    "endpoint": ("str | None", "URL of the Hub, instead of the default client's."),
    "library_name": ("str | None", "Name of the library that uses this one, for the Hub's statistics."),
    "library_version": ("str | None", "Version of that library."),
    "user_agent": ("Mapping[str, object] | str | None", "Further parts of the ``User-Agent``."),
    "headers": ("Mapping[str, str] | None", "Headers of every request to the Hub."),
}
"""Type and description of the client's options that a function may have."""
FUTURE = "Run in the background, after earlier submitted work, and return a `concurrent.futures.Future`."


def write_surface(
    schemas: Schemas,
    operations: dict[str, list[Operation]],
    library: Path,
    package: Path,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Write ``surface/``; return the names of `hub_typed`, and where they are.

    Args:
        more: Further names of `hub_typed`.

    Raises:
        SurfaceError: A flow cannot become a method.
    """
    exports = {
        name: f"hub_typed.{module}"
        for module in PUBLIC
        for name in public_names(library / f"{module.replace('.', '/')}.py")
    }
    by_name = {one.name: one for found in operations.values() for one in found}
    modules = [FlowModule(path, library, by_name) for path in sorted((library / "flows").rglob("*.py"))]
    for module in modules:
        exports |= {name: module.name for name in module.public if name not in module.flows}
    areas: dict[str, list[Function]] = {
        area: [exposed(o) for o in found if o.exposed] for area, found in operations.items()
    }
    for module in modules:
        flows = [module.function(module.flows[name], exports) for name in module.public if name in module.flows]
        if flows:
            areas.setdefault(module.area, []).extend(flows)
    areas = {area: sorted(found, key=lambda f: f.name) for area, found in areas.items() if found}
    _check_unique(areas, modules)
    for area, found in areas.items():
        known = {
            "area": area,
            "functions": found,
            "pascal": pascal,
            "in_background": _in_background,
            "options": {name: annotation for name, (annotation, _) in CLIENT_OPTIONS.items()},
            "with_options": _with_options,
        }
        write(package / "surface" / "methods" / f"{area}.py", render("methods.py.jinja", **known))
        write(package / "surface" / "async_methods" / f"{area}.py", render("async_methods.py.jinja", **known))
        write(package / "surface" / "functions" / f"{area}.py", render("functions.py.jinja", **known))
        write(package / "surface" / "protocols" / f"{area}.py", render("protocols.py.jinja", **known))
        exports |= {function.name: f"hub_typed_api.surface.functions.{area}" for function in found}
    for folder, kind in (("methods", ""), ("async_methods", "Async")):
        text = render("all_methods.py.jinja", folder=folder, kind=kind, areas=list(areas), pascal=pascal)
        write(package / "surface" / folder / "__init__.py", text)
    names = sorted(f"{kind}{pascal(area)}Client" for area in (*areas, "hub") for kind in ("", "Async"))
    text = render("all_protocols.py.jinja", areas=list(areas), pascal=pascal, names=names)
    write(package / "surface" / "protocols" / "__init__.py", text)
    single = sorted((f for found in areas.values() for f in found if f.single_request), key=lambda f: f.name)
    write(package / "surface" / "with_response.py", render("with_response.py.jinja", functions=single))
    title = "Functions, called on the default client."
    write(package / "surface" / "functions" / "__init__.py", render("package.py.jinja", title=title))
    write(package / "surface" / "__init__.py", render("package.py.jinja", title="The public surface of hub_typed."))
    plain = {name for module in modules for name in module.plain_models}
    exports |= dict.fromkeys(_shown_models(schemas, areas, plain), "hub_typed_api.models")
    exports |= BESIDE | dict.fromkeys(("AsyncHubClient", "HubClient"), "hub_typed_api.surface.protocols")
    exports |= more or {}
    write(
        package / "surface" / "exports.py",
        render("lazy.py.jinja", title="The names of hub_typed, and where they are.", where=exports),
    )
    write(
        package / "surface" / "optional.py",
        render("lazy.py.jinja", title="The names of hub_typed that need an extra, and where they are.", where=OPTIONAL),
    )
    return exports


def _with_options(docstring: str) -> str:
    for name, (_, text) in CLIENT_OPTIONS.items():
        docstring = with_argument(docstring, name, text)
    return docstring


def _in_background(docstring: str) -> str:
    return with_argument(docstring, "run_as_future", FUTURE)


def _check_unique(areas: dict[str, list[Function]], modules: list[FlowModule]) -> None:
    homes: dict[str, str] = {}
    for found in areas.values():
        for function in found:
            if function.name in homes:
                latest = [module for module in modules if function.name in module.flows][-1]
                where = f"in {homes[function.name]} and {function.source}"
                raise latest.error(latest.flows[function.name], f"{function.name!r} is there twice: {where}")
            homes[function.name] = function.source


def _shown_models(schemas: Schemas, areas: dict[str, list[Function]], plain: set[str]) -> set[str]:
    """Models in public signatures, and the models within them.

    Args:
        plain: Models in the signatures of functions that are not flows.
    """
    views = read_views(schemas)
    names = {name for document in schemas.spec.documents for name in schemas.spec.schemas(document)} - schemas.absent
    names |= views.keys()
    todo = (plain & names) | {
        node.attr
        for functions in areas.values()
        for function in functions
        for text in [
            function.result,
            *(case.result for case in function.narrowed),
            *(parameter.annotation for parameter in function.parameters),
        ]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "models" and node.attr in names
    }
    found: set[str] = set()
    while todo:
        name = todo.pop()
        found.add(name)
        if name in views:
            todo |= {views[name].of, *views[name].items.values()} - found
        elif name in schemas.unions:
            todo |= set(schemas.unions[name].cases.values()) - found
        elif name in schemas.classes:
            used = {used for m in schemas.classes[name].members for used in schemas.models(m.shape)}
            todo |= {schemas.python(one) for one in used} - found
    return found
