"""Call every operation of collections, read likes, users and papers, and print the results."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, repo_id, user = sys.argv[1:]
api = import_module(library).HfApi()


def shown(collection) -> list[object]:
    items = [[item.item_id, item.item_type, item.position, item.note] for item in collection.items]
    return [collection.title, collection.description, collection.theme, collection.private, collection.position, items]


made = api.create_collection("Peers", description="Of both", private=True)
slug = made.slug
seen = {"made": shown(made), "again": api.create_collection("Peers", exists_ok=True).slug == slug}
api.add_collection_item(slug, repo_id, "model", note="good")
full = api.add_collection_item(slug, "2401.00000", "paper")
seen["full"] = shown(full)
seen["once"] = shown(api.add_collection_item(slug, repo_id, "model", exists_ok=True)) == seen["full"]
api.update_collection_item(slug, full.items[1].item_object_id, note="read it", position=0)
changed = api.update_collection_metadata(slug, title="All peers", theme="green", private=False)
seen["changed"] = shown(changed)
seen["address"] = changed.url.endswith(changed.slug) and changed.slug.startswith(f"{user}/all-peers-")
seen["listed"] = [shown(one) for one in api.list_collections(owner=user, item="papers/2401.00000", sort="lastModified")]
for _ in range(2):
    api.delete_collection_item(slug, full.items[0].item_object_id, missing_ok=True)
seen["left"] = shown(api.get_collection(slug))
for _ in range(2):
    api.delete_collection(slug, missing_ok=True)

likes = api.list_liked_repos(user)
seen["likes"] = [likes.user, likes.total, likes.models, likes.datasets, likes.spaces]
seen["likers"] = [one.username for one in api.list_repo_likers(repo_id)]
me = api.get_user_overview(user)
seen["user"] = [me.username, me.num_models, me.num_likes, me.num_followers, [org.name for org in me.orgs]]
seen["followers"] = [one.username for one in api.list_user_followers(user)]
seen["following"] = [one.username for one in api.list_user_following("ada")]
seen["members"] = [one.username for one in api.list_organization_members("lab")]
paper = api.paper_info("2403.00000")
seen["paper"] = [paper.title, str(paper.published_at), paper.upvotes, paper.submitted_by.username]
seen["papers"] = [one.id for one in api.list_papers(query="model")]
print(json.dumps(seen))
