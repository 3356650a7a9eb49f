"""A curator that keeps a collection of the models with a tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub_typed import Collection, CollectionItem, ExpandModelProperty, HfApi, ModelInfo, ModelSort

EXPAND: tuple[ExpandModelProperty, ...] = ("downloads", "likes", "tags", "pipeline_tag")


@dataclass(frozen=True)
class Rules:
    title: str
    tag: str
    sort: ModelSort = "downloads"
    limit: int = 50
    excluded: frozenset[str] = frozenset()


@dataclass
class Curator:
    api: HfApi
    owner: str

    def collection(self, rules: Rules) -> Collection:
        for collection in self.api.list_collections(owner=self.owner, sort="lastModified"):
            if collection.title == rules.title:
                return self.api.get_collection(collection.slug)
        return self.api.create_collection(rules.title, namespace=self.owner, description=f"Models with {rules.tag}")

    def wanted(self, rules: Rules) -> list[ModelInfo]:
        found = self.api.list_models(filter=rules.tag, sort=rules.sort, limit=rules.limit, expand=EXPAND)
        return [model for model in found if model.id not in rules.excluded]

    def update(self, rules: Rules) -> Collection:
        collection = self.collection(rules)
        wanted = {model.id: model for model in self.wanted(rules)}
        for item in self.stale(collection.items, wanted):
            self.api.delete_collection_item(collection.slug, item.item_object_id, missing_ok=True)
        for name, model in wanted.items():
            self.api.add_collection_item(collection.slug, name, "model", note=self.note(model), exists_ok=True)
        return self.api.get_collection(collection.slug)

    @staticmethod
    def stale(items: Iterable[CollectionItem], wanted: Iterable[str]) -> list[CollectionItem]:
        kept = set(wanted)
        return [item for item in items if item.item_type == "model" and item.item_id not in kept]

    @staticmethod
    def note(model: ModelInfo) -> str:
        return f"{model.pipeline_tag or 'model'}, {model.downloads or 0} downloads"
