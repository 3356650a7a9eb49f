"""The OpenAPI document with examples and values that exist on the furnished Hub, for a request generator."""

from __future__ import annotations

import copy
import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from hub_typed.local.community.papers import stable_id
from hub_typed_api.operations import community
from tests.strategies import DOCUMENT

__all__ = ["BACK", "LARGE", "OWNERS", "PAPER", "PASSWORD", "REPOS", "guided", "known_id", "name_of"]

LARGE = b"large\0" * 50
OWNERS = ["ada", "bob"]
REPOS = ["full", "spare"]
PAPER = "2401.00000"
PASSWORD = "open sesame"
BACK = "http://127.0.0.1:9/back"
"""Where an OAuth app expects the user."""


def known_id(what: str) -> str:
    """The id that something bears in place of the one that the Hub gave it."""
    return hashlib.sha256(what.encode()).hexdigest()[:24]


def pointer() -> str:
    """The id of the blob that stands for the large file."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize {len(LARGE)}\n".encode()
    return hashlib.sha1(b"blob %d\0" % len(text) + text).hexdigest()


OID = hashlib.sha256(LARGE).hexdigest()
PATHS: Mapping[str, Sequence[str | int]] = {
    "namespace": OWNERS,
    "repo": REPOS,
    "bucket": REPOS,
    "username": OWNERS,
    "organization": ["lab"],
    "revision": ["main", "dev", "v1", "refs/pr/2"],
    "branch": ["dev"],
    "path": ["README.md", "data/a.txt", "large.bin", "data"],
    "num": [1, 2, 3],
    "comment_id": [known_id("comment")],
    "slug": [f"all-{known_id('collection')}"],
    "item_object_id": [known_id("item")],
    "webhook_id": [known_id("webhook")],
    "job_id": [known_id("job")],
    "resource_group_id": [known_id("resource group")],
    "service_account_id": [known_id("service account")],
    "token_id": [known_id("token")],
    "scheduled_job_id": [known_id("scheduled job")],
    "perms": ["read", "write"],
    "sha": [OID],
    "compare": ["main", "v1..main"],
    "log_id": [known_id("delivery")],
    "post_slug": ["first"],
    "embed_id": [known_id("query")],
    "log_type": ["run", "build"],
    "paper_id": [PAPER],
    "user_id": [known_id("provisioned user")],
    "group_id": [known_id("group")],
    "schema_id": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "status": ["pending"],
    "action": ["disable"],
}
"""What parameters of paths may be called, of any operation; the first stands in its examples."""
OTHERWISE: Mapping[str, Mapping[str, str | int]] = {
    "create_branch": {"branch": "new"},
    "create_tag": {"revision": "v1"},
    "delete_tag": {"revision": "v1"},
    "super_squash_history": {"branch": "main"},
    "merge_pull_request": {"num": 2},
    "delete_pull_request_ref": {"num": 3},
    "get_pull_request_storage": {"num": 2},
    "cancel_my_access_request": {"namespace": "bob"},
    "ask_access": {"namespace": "bob"},
    "list_repo_tree": {"path": "data"},
    "get_tree_size": {"path": "data"},
    "comment_blog_post": {"slug": "news"},
    "reply_blog_comment": {"slug": "news"},
    "comment_namespaced_blog_post": {"slug": "long"},
    "reply_namespaced_blog_comment": {"slug": "long"},
    "create_bucket": {"bucket": "new"},
    "set_member_role": {"username": "bob"},
    "set_resource_group_user_role": {"username": "bob"},
    "remove_resource_group_user": {"username": "bob"},
    "get_sharded_safetensors_metadata": {"path": "model.safetensors.index.json"},
}
"""Where an example says something else."""
QUERIES: Mapping[str, Mapping[str, str]] = {
    "oauth_authorize": {"client_id": known_id("app"), "redirect_uri": BACK, "response_type": "code"}
}
"""What examples say in their queries."""
USER = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "externalId": "new",
    "emails": [{"value": "new@lab.org"}],
}
GROUP = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    "displayName": "new",
    "members": [{"value": known_id("provisioned user")}],
}
PATCH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}
PATCH_OF_GROUP = PATCH | {"Operations": [{"op": "add", "path": "displayName", "value": "newer"}]}
JOB = {"dockerImage": "python:3.12", "command": ["python"], "flavor": "cpu-basic"}
QUERY = {"sql": "SELECT 1", "title": "One row", "views": []}
COMMENT = {"comment": "So it is."}
BODIES: Mapping[str, Any] = {
    "create_repo": {"name": "new", "type": "dataset"},
    "delete_repo": {"name": "full", "organization": "ada", "type": "model"},
    "move_repo": {"fromRepo": "ada/full", "toRepo": "lab/elsewhere", "type": "model"},
    "validate_yaml": {"content": "license: mit", "repoType": "model"},
    "update_repo_settings": {"private": True, "discussionsDisabled": True},
    "duplicate_repo": {"repository": "lab/copy"},
    "create_branch": {"startingPoint": "v1"},
    "create_tag": {"tag": "v2", "message": "The second"},
    "get_paths_info": {"paths": ["README.md", "large.bin", "missing"], "expand": True},
    "preupload": {"files": [{"path": "a.bin", "size": 3, "sample": "AAAA"}]},
    "create_commit": [
        {"key": "header", "value": {"summary": "Change", "description": ""}},
        {"key": "file", "value": {"path": "b", "content": b64encode(b"b").decode(), "encoding": "base64"}},
        {"key": "lfsFile", "value": {"path": "c.bin", "algo": "sha256", "oid": OID, "size": len(LARGE)}},
        {"key": "deletedFolder", "value": {"path": "data"}},
    ],
    "super_squash_history": {"message": "All in one"},
    "lfs_batch": {"operation": "download", "objects": [{"oid": OID, "size": len(LARGE)}]},
    "permanently_delete_lfs_files": {"deletions": {"sha": [pointer()]}},
    "duplicate_lfs_files": {
        "target": {"type": "model", "name": "ada/spare"},
        "files": [{"xetHash": OID, "sha256": OID, "filename": "large.bin"}],
    },
    "login_password": {"username": "ada", "password": PASSWORD},
    "update_repo_visibility_v1": {"private": True},
    "add_space_secret": {"key": "TOKEN", "value": "hidden"},
    "delete_space_secret": {"key": "TOKEN"},
    "add_space_variable": {"key": "PLACE", "value": "there"},
    "delete_space_variable": {"key": "PLACE"},
    "request_space_hardware": {"flavor": "a10g-small", "sleepTimeSeconds": 600},
    "set_space_sleep_time": {"seconds": 300},
    "request_space_storage": {"tier": "large"},
    "set_space_replicas": {"replicas": 2},
    "set_space_dev_mode": {"enabled": True},
    "set_space_volumes": {"volumes": [{"type": "dataset", "source": "ada/full", "mountPath": "/data"}]},
    "create_discussion": {"title": "Another", "description": "What?", "pullRequest": False},
    "comment_discussion": COMMENT,
    **{name: COMMENT for name in community.__all__ if name != "delete_post"},
    "delete_notifications": {"discussionIds": ["unknown"]},
    "mark_notifications_read": {"discussionIds": ["unknown"], "read": True},
    "update_notification_settings": {"notifications": {"job_status": True}},
    "update_watch_settings": {"delete": [{"type": "repo", "id": "unknown"}]},
    "create_sql_console_embed": QUERY,
    "update_sql_console_embed": {"title": "Rows"},
    "quicksearch_post": {"q": "full", "type": ["model", "space"]},
    "claim_paper": {"paperId": PAPER, "claimAuthorId": stable_id(PAPER, "Osei Darko")},
    "index_paper": {"arxivId": "2106.09685"},
    "update_paper_links": {"projectPage": "https://paper.test", "githubRepo": None},
    "edit_discussion_comment": {"content": "Because of that."},
    "rename_discussion": {"title": "The question"},
    "change_discussion_status": {"status": "closed", "comment": "Done."},
    "merge_pull_request": {"comment": "Thanks."},
    "pin_discussion": {"pinned": True},
    "create_collection": {"title": "More", "namespace": "lab", "item": {"type": "model", "id": "ada/full"}},
    "update_collection_metadata": {"title": "Most", "theme": "green", "position": 0},
    "update_collection_resource_group": {"resourceGroupId": None},
    "add_collection_item": {"item": {"type": "model", "id": "ada/full"}, "note": "Good."},
    "update_collection_item": {"note": "Better.", "position": 0},
    "update_collection_items": [{"action": "update", "_id": known_id("item"), "data": {"note": "Best."}}],
    "upload_attachment": b"\x89PNG\r\n\x1a\n",
    "run_job": JOB,
    "update_job_labels": {"labels": {"kind": "wild"}},
    "update_job_expose": {"ports": [8000]},
    "create_scheduled_job": {"jobSpec": JOB, "schedule": "@daily"},
    "update_scheduled_job_labels": {"labels": {"kind": "wild"}},
    "update_scheduled_job_schedule": {"schedule": "@daily"},
    "create_bucket": {"private": True},
    "update_bucket_settings": {"private": True},
    "set_bucket_resource_group": {"resourceGroupId": None},
    "get_bucket_paths_info": {"paths": ["README.md", "missing"]},
    "batch_bucket_files": [{"type": "deleteFile", "path": "README.md"}],
    "duplicate_bucket_lfs_files": {
        "target": {"type": "model", "name": "ada/spare"},
        "files": [{"xetHash": OID, "sha256": OID, "filename": "large.bin"}],
    },
    "handle_access_request": {"user": "bob", "status": "accepted"},
    "grant_access": {"user": "eve"},
    "batch_handle_access_requests": {"status": "rejected", "requests": [{"user": "bob"}]},
    "ask_access": {},
    "set_member_role": {"role": "write"},
    "update_network_security": {"enforceAuth": True, "ipRanges": ["10.0.0.0/8", "2001:db8::/32"]},
    "oauth_register": {"redirect_uris": [BACK], "client_name": "Another"},
    "oauth_device_code": {"client_id": "program", "scope": "openid read-repos"},
    "oauth_token": {
        "grant_type": "refresh_token",
        "client_id": "program",
        "refresh_token": known_id("refresh token"),
    },
    "create_service_account": {"name": "Robot", "description": "Runs at night"},
    "create_service_account_token": {"displayName": "CI", "permissions": ["repo.write", "org.read"]},
    "update_service_account_token": {"permissions": ["repo.write"], "endpointPatterns": ["a-*"]},
    "set_repo_resource_group": {"resourceGroupId": None},
    "create_resource_group": {"name": "Another", "users": [{"user": "bob", "role": "write"}]},
    "update_resource_group": {"name": "One", "spendLimits": {"total": 100, "jobs": None}},
    "set_resource_group_settings": {"autoJoin": {"enabled": True, "role": "read", "scope": "all"}},
    "add_resource_group_users": {"users": [{"user": "ada", "role": "admin"}]},
    "set_resource_group_user_role": {"role": "admin"},
    "scim_create_user": USER | {"userName": "new-user", "name": {"givenName": "N", "familyName": "U"}},
    "scim_provisioning_create_user": USER | {"userName": "eve"},
    "scim_replace_user": USER | {"userName": "sid", "name": {"givenName": "S", "familyName": "D"}},
    "scim_provisioning_replace_user": {"schemas": USER["schemas"], "externalId": "new"},
    **dict.fromkeys(("scim_patch_user", "scim_provisioning_patch_user"), PATCH),
    **dict.fromkeys(("scim_create_group", "scim_provisioning_create_group"), GROUP),
    **dict.fromkeys(("scim_replace_group", "scim_provisioning_replace_group"), GROUP),
    **dict.fromkeys(("scim_patch_group", "scim_provisioning_patch_group"), PATCH_OF_GROUP),
    "revoke_leaked_tokens": {"credentials": ["hf_leaked"]},
    "create_webhook": {"watched": [{"type": "org", "name": "lab"}], "url": "http://127.0.0.1:9/told"},
    "update_webhook": {"watched": [{"type": "org", "name": "lab"}], "url": "http://127.0.0.1:9/told"},
}


def name_of(operation: Mapping[str, Any]) -> str:
    """What the spec calls an operation: one name for those of the three types of repositories."""
    return str(operation["operationId"]).partition("__")[0]


def guided() -> dict[str, Any]:
    """The document, with examples of what is there."""
    document = copy.deepcopy(DOCUMENT)
    for item in document["paths"].values():
        for operation in item.values():
            name = name_of(operation)
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in PATHS:
                    there = PATHS[parameter["name"]]
                    parameter["example"] = OTHERWISE.get(name, {}).get(parameter["name"], there[0])
                    parameter["schema"] = {"anyOf": [{"enum": list(there)}, parameter["schema"]]}
                if parameter["in"] == "query" and parameter["name"] in QUERIES.get(name, {}):
                    parameter["example"] = QUERIES[name][parameter["name"]]
            for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
                if name in BODIES:
                    body["example"] = BODIES[name]
                if media_type == "application/x-ndjson":  # the schema is that of one line
                    body["schema"] = {"type": "array", "items": body["schema"], "maxItems": 3}
    return document
