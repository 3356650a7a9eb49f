"""``endpoints catalog``: models with tested ways to deploy them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.endpoint_options import Namespace
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions
from hub_typed.cli.shown_endpoint import print_endpoint

if TYPE_CHECKING:
    from hub_typed import InferenceCatalogRecipe

__all__ = ["catalog"]

catalog: App = App(name="catalog", help="List and deploy models with tested recipes.")

Accelerator: TypeAlias = Literal["cpu", "gpu", "neuron"]


@catalog.command(name="list", alias="ls")
def list_models(
    *,
    accelerator: Annotated[Accelerator | None, Parameter(help="Only models with a recipe for it.")] = None,
    engine: Annotated[
        Literal["llamacpp", "sglang", "tei", "vllm"] | None, Parameter(help="Only models with a recipe of this engine.")
    ] = None,
    license: Annotated[str | None, Parameter(help="Only models with this license, such as 'Apache 2.0'.")] = None,
    task: Annotated[str | None, Parameter(help="Only models for this task, such as text-generation.")] = None,
    search: Annotated[str | None, Parameter(help="Only models that match this text.")] = None,
    limit: Annotated[int | None, Parameter(help="Largest number of models.")] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List models with the recipes for them; the first one of a model is its default."""
    with hub.client() as api:
        found = api.list_inference_catalog(
            accelerator=accelerator, engine=engine, license=license, task=task, search=search, limit=limit
        )
    output.rows(
        found,
        {
            "model": lambda one: one.repo_id,
            "task": lambda one: one.task,
            "license": lambda one: one.license,
            "recipes": lambda one: ", ".join(map(_described, one.recipes)),
        },
        id=lambda one: one.repo_id,
    )


@catalog.command
def deploy(
    *,
    repo: Annotated[str | None, Parameter(help="Name of the model, whose default recipe is deployed.")] = None,
    recipe: Annotated[
        str | None, Parameter(help="Id of the recipe, which `endpoints catalog list` lists; instead of --repo.")
    ] = None,
    name: Annotated[str | None, Parameter(help="Name of the endpoint; chosen by the service if not given.")] = None,
    accelerator: Annotated[Accelerator | None, Parameter(help="Recipe of --repo for this hardware.")] = None,
    gguf_file: Annotated[str | None, Parameter(help="Recipe of --repo for this file.")] = None,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Deploy a model of the catalog as an endpoint, which is billed while it runs."""
    with hub.client() as api:
        made = api.create_inference_endpoint_from_catalog(
            repo,
            recipe_id=recipe,
            name=name,
            accelerator=accelerator,
            gguf_file=gguf_file,
            namespace=namespace,
        )
        print_endpoint(made, output)
    output.note(f"`hub-typed endpoints describe {made.name}` prints its status.")


def _described(recipe: InferenceCatalogRecipe) -> str:
    """Return the id of a recipe and what it is for."""
    file = "" if recipe.gguf_file is None else f" {recipe.gguf_file}"
    return f"{recipe.id} ({recipe.accelerator} {recipe.engine}{file})"
