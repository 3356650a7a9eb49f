"""The later operations on repositories, their files and the tasks of models as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import dataset_viewer, files, lfs, models, repos
from tests.generated.rows import becomes

JSON = "content-type: application/json"

EVERY = [
    becomes(
        repos.auth_check_write, "GET /api/datasets/ann/set/auth-check/write", repo_id="ann/set", repo_type="dataset"
    ),
    becomes(
        repos.update_repo_settings,
        "PUT /api/models/ann/m/settings",
        JSON,
        '{"visibility": "public", "private": false, "gated": false, "orgMembersGated": true,'
        ' "gatedNotificationsEmail": "ann@hub.test", "gatedNotificationsMode": "bulk", "discussionsDisabled": true,'
        ' "discussionsSorting": "trending"}',
        repo_id="ann/m",
        repo_type="model",
        visibility="public",
        private=False,
        gated=False,
        org_members_gated=True,
        gated_notifications_email="ann@hub.test",
        gated_notifications_mode="bulk",
        discussions_disabled=True,
        discussions_sorting="trending",
    ),
    becomes(
        repos.duplicate_repo,
        "POST /api/spaces/ann/app/duplicate",
        JSON,
        '{"repository": "bob/app", "visibility": "private", "private": true,'
        ' "resourceGroupId": "0123456789abcdef01234567", "hardware": "t4-small", "storageTier": "small",'
        ' "sleepTimeSeconds": -1, "secrets": [{"key": "KEY", "value": "hush"}],'
        ' "variables": [{"key": "A", "value": "1", "description": "The first"}],'
        ' "volumes": [{"type": "bucket", "source": "bob/data", "mountPath": "/data"}]}',
        repo_id="ann/app",
        repo_type="space",
        to_repo="bob/app",
        visibility="private",
        private=True,
        resource_group_id="0123456789abcdef01234567",
        hardware="t4-small",
        storage_tier="small",
        sleep_time_seconds=-1,
        secrets=[m.SpaceSecretInput(key="KEY", value="hush")],
        variables=[m.SpaceVariableInput(key="A", value="1", description="The first")],
        volumes=[m.Volume(type="bucket", source="bob/data", mount_path="/data")],
    ),
    becomes(repos.like_repo, "POST /api/datasets/ann/set/like", repo_id="ann/set", repo_type="dataset"),
    becomes(repos.unlike_repo, "DELETE /api/datasets/ann/set/like", repo_id="ann/set", repo_type="dataset"),
    becomes(repos.list_repo_likers, "GET /api/datasets/ann/set/likers", repo_id="ann/set", repo_type="dataset"),
    becomes(
        lfs.list_lfs_files,
        "GET /api/datasets/ann/set/lfs-files",
        "limit=1000",
        "xet=true",
        "cursor=Zm9v==",
        repo_id="ann/set",
        repo_type="dataset",
        limit=1000,
        xet=True,
        cursor="Zm9v==",
    ),
    becomes(
        lfs.permanently_delete_lfs_files,
        "POST /api/models/ann/m/lfs-files/batch",
        JSON,
        '{"deletions": {"sha": ["5eed"], "rewriteHistory": false}}',
        repo_id="ann/m",
        repo_type="model",
        deletions=m.LfsDeletions(sha=["5eed"], rewrite_history=False),
    ),
    becomes(
        lfs.duplicate_lfs_files,
        "POST /api/models/ann/m/lfs-files/duplicate",
        JSON,
        '{"target": {"type": "dataset", "name": "bob/set"},'
        ' "files": [{"xetHash": "4a54", "sha256": "5eed", "filename": "a.bin"}]}',
        repo_id="ann/m",
        repo_type="model",
        target=m.LfsTarget(type="dataset", name="bob/set"),
        files=[m.LfsDuplicate(xet_hash="4a54", sha256="5eed", filename="a.bin")],
    ),
    becomes(
        files.raw_file,
        "GET /datasets/ann/set/raw/refs%2Fpr%2F1/data/a%20b.csv",
        repo_id="ann/set",
        path_in_repo="data/a b.csv",
        repo_type="dataset",
        revision="refs/pr/1",
    ),
    becomes(models.list_tasks, "GET /api/tasks"),
    becomes(dataset_viewer.get_dataset_croissant, "GET /api/datasets/ann/set/croissant", repo_id="ann/set"),
]
LEAST = {
    "repos.auth_check_write": ["GET /api/models/ann/set/auth-check/write"],
    "repos.update_repo_settings": ["PUT /api/models/ann/m/settings", JSON, "{}"],
    "repos.duplicate_repo": ["POST /api/models/ann/app/duplicate", JSON, '{"repository": "bob/app"}'],
    "lfs.list_lfs_files": ["GET /api/models/ann/set/lfs-files"],
    "files.raw_file": ["GET /ann/set/raw/main/data/a%20b.csv"],
}
ONCE = ["repos.like_repo", "lfs.permanently_delete_lfs_files"]
PAGED = ["repos.list_repo_likers", "lfs.list_lfs_files"]
