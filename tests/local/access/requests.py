"""The requests of each operation that the embedded Hub serves, and the users who may send them.

An operation needs an entry only where the defaults do not fit. By default, it is requested with the parameters of its
path, once without and once with all its flags; GET and HEAD read, every other method changes a repository or something
that belongs to the owner.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import attrs

from hub_typed.local.community.papers import stable_id
from hub_typed.local.lfs.store import Pointer
from hub_typed.local.scim.documents import USER
from hub_typed.local.server.routing import _table
from hub_typed_api.operations import community, jobs, notifications, scheduled_jobs, xet_storage
from tests.contract.document import resolved
from tests.contract.spec import EVERY, NODES
from tests.local.access.world import APP, BACK, FILE, LARGE, ORG, PAPER, Place, Who, World
from tests.local.not_served import NOT_SERVED

NDJSON = {"content-type": "application/x-ndjson"}
JSON = {"content-type": "application/json"}
_WEB_TYPE = re.compile(r"\(\?:\(\?P<repo_type>[a-z|]+\)s/\)\?")
_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")


@attrs.frozen(kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    data: Any = None
    headers: dict[str, str] | None = None

    @property
    def text(self) -> str:
        """All texts of the request, which a response may repeat."""
        data = self.data.decode("latin-1") if isinstance(self.data, bytes) else json.dumps(self.data)
        return f"{self.path}\n{data}"


@attrs.frozen
class Operation:
    """An operation that the Hub serves."""

    name: str
    method: str
    pattern: str

    @property
    def targets(self) -> bool:
        """Whether the operation has one repository as its target."""
        return "repo_id" in self.pattern or self.of_bucket or self.name in IN_BODY

    @property
    def of_bucket(self) -> bool:
        """Whether the operation has one bucket as its target."""
        return "<bucket>" in self.pattern and self.name != "buckets.create_bucket"

    @property
    def types(self) -> tuple[str, ...]:
        """The types of repositories to test it with."""
        if self.of_bucket:
            return ("bucket",)
        if self.name == "repos.move_repo":
            return ("model", "bucket")
        for kind in ("space", "dataset", "kernel"):
            if f"/api/{kind}s/" in self.pattern:
                return (kind,)
        return ("dataset",) if self.name == "dataset_viewer.list_dataset_parquet_files" else ("model",)

    @property
    def reads(self) -> bool:
        return (self.method in ("GET", "HEAD") and self.name not in WRITES) or self.name in READS

    def may(self, who: Who, kind: str) -> bool:
        """Whether a user may do this with a repository of this kind, or with something of the owner."""
        special = ALLOWED.get(self.name)
        if special is not None:
            return special(who, kind)
        if not self.targets:
            return self.reads or (who.user == "ada" and who.writes and who.scopes is None)
        if not self.reads:
            return who.changes(kind)
        return who.has_files(kind) if self.name.partition(".")[0] in ("files", "git") else who.knows(kind)

    def asked(self, world: World, place: Place | None) -> list[Asked]:
        """Return the requests of the operation."""
        values = dict(PATH) | {"collection_slug": world.collection, "item_object_id": world.item}
        values |= {"webhook_id": world.webhook, "token_id": world.member_token_id}
        values |= {"resource_group_id": world.group, "service_account_id": world.service_account}
        values |= {"recipe_id": world.recipe}
        values |= {"job_id": world.job, "scheduled_job_id": world.scheduled_job}
        values |= {"comment_id": world.talks.get(self.name, "")}
        values |= {"user_id": world.provisioned, "group_id": world.groups["scim_provisioning_" in self.name]}
        if place is not None:
            values |= {"repo_id": place.id, "repo_type": place.type, "oid": place.oid, "sha": place.oid}
            if self.of_bucket:
                values |= {"namespace": ORG, "bucket": place.name}
            values |= {"comment_id": world.talks.get(self.name, place.comment)}
            values |= {"embed_id": place.query}
            values |= {"num": "2" if self.name in PULLS else "1"}
        if self.name.startswith("service_accounts."):
            values |= {"token_id": world.service_token}
        values |= {name.partition(":")[2]: value for name, value in IN_PATH.items() if name.startswith(f"{self.name}:")}
        path = _filled(self.pattern, values)
        data = BODIES.get(self.name)
        data = data(world, place) if callable(data) else data
        if data is None and not self.reads:
            data = {}
        headers = NDJSON if self.name in ("commits.create_commit", "buckets.batch_bucket_files") else JSON
        if self.name == "attachments.upload_attachment":
            headers = {"content-type": "image/png"}
        if self.name in ("git.upload_pack", "git.receive_pack"):
            headers = {"content-type": f"application/x-{path.rpartition('/')[2]}-request"}
        if isinstance(query := QUERIES.get(self.name, ()), str):
            query = (query,)
        queries = [text.format(place=place) for text in query] or [""]
        if self.reads and (flags := FLAGS.get(self.name)):
            queries.append(f"{queries[0]}&{flags}".lstrip("&"))
        return [
            Asked(method=self.method, path=f"{path}{'?' if text else ''}{text}", data=data, headers=headers)
            for text in queries
        ]


def _filled(pattern: str, values: dict[str, str]) -> str:
    """Return a path that matches a pattern."""
    pattern = pattern.replace(r"(?:\.git)?", ".git").replace("(?:/(?P<path>.+))?", "").replace("(?:/.*)?", "")
    prefix = "" if values["repo_type"] in ("model", "bucket") else f"{values['repo_type']}s/"
    pattern = _WEB_TYPE.sub(prefix, pattern)
    return re.sub(r"\\(.)", r"\1", _GROUP.sub(lambda found: values[found[1]], pattern))


DELIVERY = "5eed" * 6
"""Id of a delivery of the webhook."""
PATH = {
    "repo_type": "model",
    "revision": "main",
    "branch": "dev",
    "path": FILE,
    "username": "ada",
    "organization": ORG,
    "paper_id": "0",
    "topic": "topic",
    "status": "pending",
    "action": "enable",
    "log_type": "run",
    "part": "1",
    "prefix": "default",
    **dict.fromkeys(("file_id", "chunk_hash", "xorb_hash", "xorb"), "5eed" * 16),
    "namespace": "ada",
    "name": "endpoint",
    "schema_id": USER,
    "id": "1",
    "perms": "read",
    "compare": "main..dev",
    "log_id": DELIVERY,
    "slug": "article",
    "post_slug": "post",
}
IN_PATH = {
    "buckets.create_bucket:bucket": "new",
    "buckets.create_bucket:namespace": ORG,
    "buckets.list_buckets:namespace": ORG,
    "refs.create_branch:branch": "new",
    "refs.delete_tag:revision": "v1",
    "commits.super_squash_history:branch": "dev",
    "community.comment_paper:paper_id": PAPER,
    "community.reply_paper_comment:paper_id": PAPER,
    "papers.update_paper_links:paper_id": PAPER,
    "discussions.delete_pull_request_ref:num": "3",
    "organizations.set_member_role:username": "rita",
    "resource_groups.remove_resource_group_user:username": "rita",
    "resource_groups.set_resource_group_user_role:username": "rita",
    "users.get_avatar:namespace": ORG,
}
PULLS = (
    "discussions.get_discussion_details",
    "discussions.get_pull_request_storage",
    "discussions.merge_pull_request",
)
WRITES = {"oauth.oauth_authorize"}
"""What changes something although its method says otherwise."""
READS = {
    "oauth.oauth_userinfo_post",
    "buckets.get_bucket_paths_info",
    "tree.get_paths_info",
    "git.upload_pack",
    "repos.validate_yaml",
    "commits.preupload",  # asks what is to be uploaded how
    "lfs.lfs_batch",  # here for a download
    "inference_endpoints.check_inference_endpoint_access",
    "inference_endpoints.check_inference_endpoints_access",
    "jobs.check_job_access",
    "jobs.check_jobs_access",
    "search.quicksearch_post",
}
QUERIES: dict[str, str | tuple[str, ...]] = {
    "oauth.oauth_authorize": f"client_id={APP}&redirect_uri={BACK}&response_type=code&scope=read-repos+write-repos",
    "git.info_refs": "service=git-upload-pack",
    "legacy.list_repos_objs": f"organization={ORG}",
    "spaces.search_spaces": "q=card&includeNonRunning=true",
    "dataset_viewer.list_dataset_parquet_files": "dataset={place.id}",
    "collections.list_collections": ("", "owner=ada", "limit=1"),
    "models.list_models": ("", "full=true", "search=name", f"author={ORG}"),
    "datasets.list_datasets": ("", "full=true"),
    "spaces.list_spaces": ("", "full=true"),
    "kernels.list_kernels": ("", "full=true", "expand=cardData&expand=files"),
    "discussions.get_discussion_details": ("", "diff=1"),
}
IN_BODY = {
    "repos.delete_repo",
    "repos.move_repo",
    "dataset_viewer.list_dataset_parquet_files",
}


def _flags() -> dict[str, str]:
    """Return the query that sets all flags of each operation."""
    found: dict[str, str] = {}
    for operation in EVERY:
        parameters = map(resolved, NODES.get(operation.name, {}).get("parameters", ()))
        flags = [one["name"] for one in parameters if one["in"] == "query" and one["schema"].get("type") == "boolean"]
        if flags:
            found[f"{operation.area}.{operation.name}"] = "&".join(f"{name}=true" for name in flags)
    return found


FLAGS = _flags() | {"repo_tools.get_repo_jwt": "encrypted=true"}  # a token that writes needs other permissions


def _lines(world: World, place: Place) -> bytes:
    content = base64.b64encode(b"changed").decode()
    lines = [
        {"key": "header", "value": {"summary": "a change"}},
        {"key": "file", "value": {"path": FILE, "content": content, "encoding": "base64"}},
        {"key": "lfsFile", "value": {"path": "copy.bin", "algo": "sha256", "oid": place.oid}},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def _duplication(target: str, world: World, place: Place) -> dict[str, Any]:
    return {
        "target": {"type": target, "name": world.places[target, "public"].id},
        "files": [{"xetHash": place.xet_hash, "sha256": place.oid, "filename": "w"}],
    }


def _packet(line: str) -> bytes:
    return f"{len(line) + 4:04x}{line}".encode()


def _deletion(world: World, place: Place) -> bytes:
    """Return a push that deletes the branch ``dev``."""
    return _packet(f"{place.dev} {'0' * 40} refs/heads/dev\0 report-status") + b"0000"


def _clone(world: World, place: Place) -> bytes:
    return _packet(f"want {place.dev} no-progress\n") + b"0000" + _packet("done\n")


BODIES: dict[str, Any] = {
    "access.ask_access": {"why": "because"},
    "access.batch_handle_access_requests": {"status": "accepted", "requests": [{"user": "pia"}]},
    "access.grant_access": {"user": "eve"},
    "access.handle_access_request": {"user": "pia", "status": "accepted"},
    "buckets.batch_bucket_files": lambda world, place: json.dumps(
        {"type": "addFile", "path": "copy.bin", "xetHash": place.xet_hash}
    ).encode(),
    "buckets.get_bucket_paths_info": {"paths": [FILE]},
    "buckets.set_bucket_resource_group": {"resourceGroupId": None},
    "buckets.update_bucket_settings": {"cdnRegions": []},
    "collections.add_collection_item": lambda world, place: {
        "item": {"type": "dataset", "id": world.places["dataset", "public"].id}
    },
    "collections.create_collection": {"title": "another", "namespace": "ada"},
    "collections.update_collection_item": {"note": "a note"},
    "collections.update_collection_items": lambda world, place: [
        {"action": "update", "_id": world.item, "data": {"note": "a note"}}
    ],
    "collections.update_collection_metadata": {"title": "a title"},
    "collections.update_collection_resource_group": {"resourceGroupId": None},
    "commits.create_commit": _lines,
    **{f"community.{name}": {"comment": "a comment"} for name in community.__all__ if name != "delete_post"},
    "commits.preupload": {"files": [{"path": LARGE, "size": 9, "sample": "AAAA"}]},
    "discussions.change_discussion_status": {"status": "closed"},
    "discussions.comment_discussion": {"comment": "a comment"},
    "discussions.create_discussion": {"title": "a title", "description": "a text", "pullRequest": True},
    "discussions.edit_discussion_comment": {"content": "a text"},
    "discussions.pin_discussion": {"pinned": True},
    "discussions.rename_discussion": {"title": "another title"},
    "attachments.upload_attachment": b"a picture",
    "git.receive_pack": _deletion,
    "git.upload_pack": _clone,
    "inference_endpoints.create_inference_endpoint": lambda world, place: deployment("new", world),
    "inference_catalog.deploy_catalog_model": {"namespace": "ada"},
    "inference_catalog.deploy_catalog_recipe": {"namespace": "ada"},
    "inference_catalog.deploy_catalog_repo": lambda world, place: {
        "namespace": "ada",
        "repoId": world.places["model", "public"].id,
    },
    "inference_endpoints.update_inference_endpoint": {"model": {"task": "fill-mask"}},
    "scheduled_jobs.create_scheduled_job": {
        "jobSpec": {"flavor": "cpu-basic", "dockerImage": "i"},
        "schedule": "@daily",
    },
    "jobs.run_job": {"flavor": "cpu-basic", "dockerImage": "i"},
    "jobs.update_job_expose": {"ports": [80]},
    "jobs.update_job_labels": {"labels": {"name": "n"}},
    "scheduled_jobs.update_scheduled_job_labels": {"labels": {"name": "n"}},
    "scheduled_jobs.update_scheduled_job_schedule": {"schedule": "@hourly"},
    "legacy.login_password": {"username": "ada", "password": "guessed"},
    "legacy.update_repo_visibility_v1": {"private": False},
    "legacy.upload_file_v1": b"changed",
    "lfs.duplicate_bucket_lfs_files": lambda world, place: _duplication("model", world, place),
    "lfs.duplicate_lfs_files": lambda world, place: _duplication(place.type, world, place),
    "lfs.lfs_batch": lambda world, place: {
        "operation": "download",
        "objects": [{"oid": place.oid, "size": place.size}],
    },
    "lfs.permanently_delete_lfs_files": lambda world, place: {"deletions": {"sha": [_blob(place)]}},
    "organizations.set_member_role": {"role": "write"},
    "organizations.update_network_security": {"ipRanges": ["10.0.0.0/8"]},
    "organizations.revoke_org_token_value": lambda world, place: {"token": world.member_token},
    "notifications.delete_notifications": {"discussionIds": []},
    "notifications.mark_notifications_read": {"discussionIds": []},
    "notifications.update_notification_settings": {"notifications": {"job_status": True}},
    "notifications.update_watch_settings": {"delete": [{"type": "user", "id": "5eed" * 6}]},
    "papers.claim_paper": {"paperId": PAPER, "claimAuthorId": stable_id(PAPER, "Marta Lindqvist")},
    "papers.index_paper": {"arxivId": "2106.09685"},
    "papers.update_paper_links": {"projectPage": "https://paper.test"},
    "refs.create_branch": {"startingPoint": "main"},
    "refs.create_tag": {"tag": "v2"},
    "repo_tools.set_repo_resource_group": {"resourceGroupId": None},
    "resource_groups.add_resource_group_users": {"users": [{"user": "wim", "role": "read"}]},
    "resource_groups.create_resource_group": {"name": "new"},
    "resource_groups.set_resource_group_settings": {"autoJoin": {"enabled": True, "role": "read"}},
    "resource_groups.set_resource_group_user_role": {"role": "write"},
    "resource_groups.update_resource_group": {"name": "new"},
    "oauth.oauth_device_code": {"client_id": APP},
    "oauth.oauth_register": {"redirect_uris": [BACK]},
    "oauth.oauth_token": {"grant_type": "refresh_token", "client_id": APP, "refresh_token": "guessed"},
    "service_accounts.create_service_account": {"name": "new"},
    "service_accounts.create_service_account_token": {"permissions": ["repo.write"]},
    "service_accounts.update_service_account_token": {"displayName": "new"},
    "repos.create_repo": {"name": "new", "organization": ORG},
    "repos.delete_repo": lambda world, place: {"name": place.name, "organization": ORG, "type": place.type},
    "repos.duplicate_repo": lambda world, place: {"repository": "ada/copy"},
    "repos.move_repo": lambda world, place: {"fromRepo": place.id, "toRepo": f"{ORG}/moved", "type": place.type},
    "repos.update_repo_settings": {"discussionsDisabled": True},
    "repos.validate_yaml": {"content": "", "repoType": "model"},
    "search.quicksearch_post": {"q": "name"},
    "sql_console.create_sql_console_embed": {"sql": "SELECT 2", "title": "another", "views": []},
    "sql_console.update_sql_console_embed": {"title": "another"},
    "space_settings.add_space_secret": {"key": "K", "value": "v"},
    "space_settings.add_space_variable": {"key": "K", "value": "v"},
    "space_settings.delete_space_secret": {"key": "S"},
    "space_settings.delete_space_variable": {"key": "V"},
    "space_settings.request_space_hardware": {"flavor": "t4-small"},
    "space_settings.request_space_storage": {"tier": "small"},
    "space_settings.set_space_dev_mode": {"enabled": True},
    "space_settings.set_space_replicas": {"replicas": 1},
    "space_settings.set_space_sleep_time": {"seconds": 60},
    "space_settings.set_space_volumes": {"volumes": [{"type": "bucket", "source": "ada/b", "mountPath": "/b"}]},
    "tree.get_paths_info": {"paths": [FILE, LARGE], "expand": True},
    "users.revoke_leaked_tokens": {"credentials": ["hf_unknown"]},
    "webhooks.create_webhook": {"url": "http://127.0.0.1:9/", "watched": [{"type": "org", "name": ORG}]},
    "webhooks.update_webhook": {"watched": [{"type": "org", "name": ORG}]},
}


def deployment(name: str, world: World) -> dict[str, Any]:
    """Return the body that creates a private endpoint."""
    return {
        "name": name,
        "type": "private",
        "provider": {"vendor": "aws", "region": "us-east-1"},
        "compute": {
            "accelerator": "cpu",
            "instanceType": "intel-icl",
            "instanceSize": "x1",
            "scaling": {"minReplica": 1, "maxReplica": 1},
        },
        "model": {"repository": world.places["model", "public"].id, "framework": "pytorch"},
    }


def _blob(place: Place) -> str:
    """Return the blob id of the pointer to the large file."""
    text = Pointer(place.oid, place.size).text()
    return hashlib.sha1(b"blob %d\0%s" % (len(text), text), usedforsecurity=False).hexdigest()


def _speaks(who: Who, kind: str) -> bool:
    return who.discusses(kind)


def _proposes(who: Who, kind: str) -> bool:
    return who.discusses(kind) and who.has_files(kind)


def _interacts(who: Who, kind: str) -> bool:
    return who.discusses(kind) or who.changes(kind)


def _attaches(who: Who, kind: str) -> bool:
    """An attachment is for no repository in particular."""
    if who.scopes is None:
        return who.user is not None and who.writes
    return any("discussion.write" in scope.permissions for scope in who.scopes)


def _writes_as_themselves(who: Who, kind: str) -> bool:
    return who.user is not None and who.writes and who.scopes is None


def _own_talk(who: Who, kind: str) -> bool:
    """The owner opened the discussion; other users may change it if they may write to the repository."""
    return who.discusses(kind) and (who.user == "ada" or who.changes(kind))


def _own_query(who: Who, kind: str) -> bool:
    return _interacts(who, kind) and who.user == "ada"


def _collector(who: Who, kind: str) -> bool:
    return who.user == "ada" and who.writes and who.scopes is None


def _hooks(right: str) -> Callable[[Who, str], bool]:
    def may(who: Who, kind: str) -> bool:
        if who.user is None or (right == "write" and not who.writes and who.scopes is None):
            return False
        named = {name for scope in who.scopes or () for name in scope.permissions}
        return who.scopes is None or "user.webhooks.write" in named

    return may


def _deployer(right: str) -> Callable[[Who, str], bool]:
    """The endpoints of the owner need the owner, with a token that has a role."""

    def may(who: Who, kind: str) -> bool:
        return who.user == "ada" and who.scopes is None and (right == "read" or who.writes)

    return may


def _own_hook(right: str) -> Callable[[Who, str], bool]:
    return lambda who, kind: who.user == "ada" and _hooks(right)(who, kind)


def _logged_in(who: Who, kind: str) -> bool:
    return who.user is not None


def _has_files(who: Who, kind: str) -> bool:
    return who.has_files(kind)


def _writer(who: Who, kind: str) -> bool:
    return who.changes(kind)


def _creator(who: Who, kind: str) -> bool:
    return who.writes and who.role in ("contributor", "write", "admin")


ALLOWED: dict[str, Callable[[Who, str], bool]] = {
    # Whoever may read a repository may speak there, with a token that is good for that.
    "discussions.comment_discussion": _speaks,
    "discussions.create_discussion": _proposes,
    "discussions.change_discussion_status": _own_talk,
    "discussions.rename_discussion": _own_talk,
    "discussions.edit_discussion_comment": lambda who, kind: who.discusses(kind) and who.user == "ada",
    "discussions.hide_discussion_comment": _own_talk,
    "sql_console.create_sql_console_embed": _interacts,
    "sql_console.update_sql_console_embed": _own_query,
    "sql_console.delete_sql_console_embed": _own_query,
    "repos.like_repo": _interacts,
    "repos.unlike_repo": _interacts,
    "access.ask_access": _interacts,
    "access.cancel_my_access_request": _interacts,
    # What only those may read who may write.
    "access.list_access_requests": _writer,
    "access.get_user_access_report": _writer,
    "lfs.list_lfs_files": _writer,
    "space_settings.get_space_secrets": _writer,
    "spaces.stream_space_logs": _writer,
    "space_settings.get_space_variables": _writer,
    "repos.auth_check_write": _writer,
    "commits.preupload": _writer,
    "xet.get_bucket_xet_write_token": _writer,
    "xet.get_xet_write_token": _writer,
    # What needs the files.
    "repos.auth_check": _has_files,
    "models.get_sharded_safetensors_metadata": _has_files,
    "xet.get_xet_read_token": _has_files,
    "repo_tools.compare_revisions": _has_files,
    "repo_tools.get_repo_jwt": lambda who, kind: who.user is not None and who.reads and who.has_files(kind),
    "lfs.lfs_batch": _has_files,
    "git.receive_pack": lambda who, kind: who.changes(kind) and who.has_files(kind),
    # To copy: to read here, and to write there. The namespace of the copies is the owner's, the target of LFS files a
    # public repository of the organization.
    "repos.duplicate_repo": lambda who, kind: who.has_files(kind) and who.user == "ada" and _repos_of_ada(who),
    "lfs.duplicate_lfs_files": lambda who, kind: who.has_files(kind) and who.changes("public"),
    "lfs.duplicate_bucket_lfs_files": lambda who, kind: who.has_files(kind) and who.changes("public"),
    # What is about the caller alone.
    "spaces.get_zero_gpu_quota": _logged_in,
    "attachments.upload_attachment": _attaches,
    **{f"community.{name}": _attaches for name in community.__all__},
    "community.delete_post": lambda who, kind: who.user == "ada" and _attaches(who, kind),
    **{f"notifications.{name}": _writes_as_themselves for name in notifications.__all__},
    "notifications.list_notifications": _logged_in,
    "papers.claim_paper": _writes_as_themselves,
    "papers.index_paper": _writes_as_themselves,
    "users.whoami": _logged_in,
    "oauth.oauth_userinfo": _logged_in,
    "oauth.oauth_userinfo_post": _logged_in,
    "oauth.oauth_authorize": lambda who, kind: who.user is not None and who.scopes is None,
    "oauth.oauth_device_code": lambda who, kind: True,  # that nobody approves for a caller without a token
    "oauth.oauth_register": lambda who, kind: True,
    "legacy.whoami_v1": _logged_in,
    "legacy.list_repos_objs": _logged_in,
    "users.list_my_repositories": _logged_in,
    "users.revoke_leaked_tokens": lambda who, kind: True,  # whoever knows a token may revoke it
    "organizations.list_organization_repositories": lambda who, kind: who.role is not None,
    "resource_groups.list_resource_groups": lambda who, kind: who.role is not None and who.scopes is None,
    "resource_groups.get_resource_group": lambda who, kind: who.user in ("ada", "rita") and who.scopes is None,
    "service_accounts.list_service_accounts": _deployer("read"),
    "service_accounts.get_service_account": _deployer("read"),
    "organizations.export_audit_log": _deployer("read"),
    "organizations.get_network_security": _deployer("read"),
    "repos.create_repo": _creator,
    "buckets.create_bucket": _creator,
    "collections.create_collection": _collector,
    "collections.get_collection": lambda who, kind: who.user == "ada" and who.scopes is None,
    "webhooks.list_webhooks": _hooks("read"),
    "webhooks.create_webhook": _hooks("write"),
    "webhooks.get_webhook": _own_hook("read"),
    "webhooks.update_webhook": _own_hook("write"),
    "webhooks.delete_webhook": _own_hook("write"),
    "webhooks.set_webhook_state": _own_hook("write"),
    "webhooks.replay_webhook_log": _own_hook("write"),
    "inference_endpoints.check_inference_endpoint_access": _deployer("read"),
    "inference_endpoints.check_inference_endpoints_access": _deployer("read"),
    "inference_catalog.deploy_catalog_model": lambda who, kind: _deployer("write")(who, kind) and kind != "private",
    "inference_endpoints.get_inference_endpoint": _deployer("read"),
    "inference_endpoints.list_inference_endpoints": _deployer("read"),
    "inference_endpoints.list_inference_endpoints_hardware": _deployer("read"),
    **{
        f"{area}.{name}": _deployer("read")
        for area, module in (("jobs", jobs), ("scheduled_jobs", scheduled_jobs))
        for name in module.__all__
        if name.startswith(("check_", "count_", "inspect_", "list_", "stream_")) and name != "list_jobs_hardware"
    },
    # Administrators of the organization, with a token that may write.
    **{
        f"{operation.area}.{operation.name}": _deployer("write")
        for operation in EVERY
        if operation.area in ("scim", "scim_groups")
    },
    "inference.request": lambda who, kind: who.user == "ada",  # of a private endpoint
    # Faults and counts are for the user of the Hub itself, who is nobody here.
    "control.add_fault": lambda who, kind: False,
    "control.clear_faults": lambda who, kind: False,
    "control.delete_fault": lambda who, kind: False,
    "control.list_faults": lambda who, kind: False,
    "control.read_stats": lambda who, kind: False,
    # The Xet storage does not know the tokens of the Hub.
    **{
        f"xet_storage.{name}": lambda who, kind: False
        for name in xet_storage.__all__
        if name != "send_transfer_summary"
    },
    "xet_storage.send_transfer_summary": _logged_in,  # nobody looks at it
    # A password, or a token that was given for one, or a grant is what nobody has here.
    "oauth.oauth_token": lambda who, kind: False,
    "legacy.login_password": lambda who, kind: False,
    "legacy.logout": lambda who, kind: False,
    # Signed URLs, which nobody has here.
    "lfs.lfs_verify": lambda who, kind: False,
    "storage.complete": lambda who, kind: False,
    "storage.download": lambda who, kind: False,
    "storage.download_xorb": lambda who, kind: False,
    "storage.upload": lambda who, kind: False,
    "storage.upload_part": lambda who, kind: False,
}


def _scim_bodies() -> dict[str, Any]:
    """Return what the changes of users and groups are, at both SCIM servers."""
    user = {"schemas": [USER], "externalId": "7", "emails": [{"value": "sid@lab.org"}]}
    name = {"givenName": "S", "familyName": "D"}
    patch = {"schemas": [], "Operations": [{"op": "replace", "path": "active", "value": False}]}
    group = {"schemas": [], "displayName": "new", "members": []}
    return {
        "scim.scim_create_user": user | {"userName": "new-user", "name": name},
        "scim.scim_provisioning_create_user": user | {"userName": "eve"},
        "scim.scim_replace_user": user | {"userName": "sid", "name": name},
        "scim.scim_provisioning_replace_user": {"schemas": [USER], "externalId": "7"},
        **{f"scim.{server}_patch_user": patch for server in ("scim", "scim_provisioning")},
        **{f"scim_groups.{server}_create_group": group for server in ("scim", "scim_provisioning")},
        **{f"scim_groups.{server}_replace_group": group for server in ("scim", "scim_provisioning")},
        **{
            f"scim_groups.{server}_patch_group": {"schemas": [], "Operations": [{"op": "remove", "path": "members"}]}
            for server in ("scim", "scim_provisioning")
        },
    }


BODIES |= _scim_bodies()


def _repos_of_ada(who: Who) -> bool:
    if who.scopes is None:
        return who.writes
    return any(scope.entity == "ada" and "repo.write" in scope.permissions for scope in who.scopes)


def operations() -> list[Operation]:
    """Return all operations that the Hub serves."""
    found = [
        Operation(route.operation, route.method, route.pattern)
        for _, handlers, route in _table()
        if handlers is not None
    ]
    return sorted((one for one in found if one.name not in NOT_SERVED), key=lambda one: one.name)
