"""Work with buckets, and tell what every call returned; names of buckets are left out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from importlib import import_module
from pathlib import Path

library, name, folder = sys.argv[1:]
hub = import_module(library)
errors = import_module(f"{library}.errors")
api = hub.HfApi()
bucket = f"local-user/{name}"
uri = f"hf://buckets/{bucket}"
root = Path(folder)
told: dict[str, object] = {}


def put(path: str, content: bytes, mtime: float = 1_700_000_000) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (mtime, mtime))


def entries(where: str = bucket, *args, **options) -> list[object]:
    found = []
    for one in api.list_bucket_tree(where, *args, **options):
        members = [type(one).__name__, one.type, one.path]
        if one.type == "file":
            members += [one.size, one.xet_hash, isinstance(one.uploaded_at, type(one.mtime))]
        found.append(members)
    return sorted(found, key=str)


def failure(call) -> object:
    try:
        call()
    except Exception as error:  # noqa: BLE001  # what a program of the other library can catch
        known = [getattr(errors, one) for one in ("BucketBatchError", "BucketNotFoundError", "HfHubHTTPError")]
        kinds = [one.__name__ for one in known if isinstance(error, one)]
        return kinds or [one.__name__ for one in (ValueError, OSError) if isinstance(error, one)]
    return "no error"


def plan(done) -> object:
    operations = [
        [one.action, one.path, one.size, one.reason, one.local_mtime, one.remote_mtime, one.bucket_file is not None]
        for one in done.operations
    ]
    return [done.summary(), operations]


def local(path: str) -> dict[str, str]:
    here = root / path
    return {one.relative_to(here).as_posix(): one.read_text() for one in sorted(here.rglob("*")) if one.is_file()}


created = api.create_bucket(bucket, private=True)
told["url"] = [created.namespace, created.bucket_id == bucket, created.uri.to_uri() == uri, created.uri.type]
told["again"] = [failure(lambda: api.create_bucket(bucket)), api.create_bucket(bucket, exist_ok=True).namespace]
info = api.bucket_info(bucket)
told["info"] = [info.id == bucket, info.private, type(info.created_at).__name__, info.size, info.total_files]
api.update_bucket_settings(bucket, private=False)
told["settings"] = api.bucket_info(bucket).private

put("a.txt", b"a")
put("d/b.csv", b"b,c\n")
put("d/e/large.bin", bytes(range(256)) * 4000)
api.batch_bucket_files(
    bucket, add=[(str(root / "a.txt"), "x/a.txt"), (root / "d/b.csv", "x/b.csv"), (b"raw", "raw"), (b"", "empty")]
)
told["tree"] = [entries(), entries(recursive=True), entries(bucket, "x", recursive=False)]
told["paths"] = [one.path for one in api.get_bucket_paths_info(bucket, ["raw", "none", "x/a.txt"])]
found = api.get_bucket_file_metadata(bucket, "x/b.csv")
told["metadata"] = [found.size, found.xet_file_data.file_hash, found.xet_file_data.refresh_route.endswith("read-token")]
[raw] = api.get_bucket_paths_info(bucket, ["raw"])
copies = [("bucket", bucket, raw.xet_hash, "copy"), ("bucket", bucket, "ab" * 32, "broken")]
told["failures"] = failure(lambda: api.batch_bucket_files(bucket, copy=copies, delete=["empty"]))
try:
    api.batch_bucket_files(bucket, copy=copies[1:])
except errors.BucketBatchError as error:
    told["failed"] = [one["path"] for one in error.failures]
told["after"] = [one[2] for one in entries(recursive=True)]

listed = [one for one in api.list_bucket_tree(bucket, recursive=True) if one.type == "file"]
api.download_bucket_files(bucket, [(one, root / "got" / one.path) for one in listed])
api.download_bucket_files(bucket, [("raw", str(root / "got" / "by-name"))])
told["downloaded"] = local("got")
missing = [("none", root / "none")]
told["missing"] = failure(lambda: api.download_bucket_files(bucket, missing, raise_on_missing_files=True))

put("s/new", b"1")
put("s/same", b"2")
put("s/sub/grown", b"3")
here = str(root / "s")
told["upload"] = plan(api.sync_bucket(here, f"{uri}/s", quiet=True))
put("s/sub/grown", b"33")
put("s/same", b"x", 1_700_000_100)
(root / "s/new").unlink()
for label, options in {
    "plain": {},
    "delete": {"delete": True},
    "existing": {"existing": True},
    "ignore_existing": {"ignore_existing": True},
    "ignore_times": {"ignore_times": True},
    "ignore_sizes": {"ignore_sizes": True},
    "include": {"include": ["sub/*"], "delete": True},
    "exclude": {"exclude": ["sub*"], "delete": True},
}.items():
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        told[f"dry {label}"] = plan(api.sync_bucket(here, f"{uri}/s", dry_run=True, **options))
    told[f"printed {label}"] = [
        {key: value for key, value in json.loads(line).items() if key not in ("source", "dest", "timestamp")}
        for line in printed.getvalue().splitlines()
    ]
file = str(root / "plan.jsonl")
api.sync_bucket(here, f"{uri}/s", delete=True, plan=file, quiet=True)
told["plan"] = [json.loads(line)["type"] for line in Path(file).read_text().splitlines()]
told["applied"] = plan(api.sync_bucket(apply=file, quiet=True))
told["synced"] = [[one[2], one[3]] for one in entries(bucket, "s", recursive=True) if one[1] == "file"]
put("back/old", b"old")
told["download"] = [
    one[:2] + one[3:4] for one in plan(api.sync_bucket(f"{uri}/s", str(root / "back"), delete=True, quiet=True))[1]
]
told["back"] = local("back")
told["rerun"] = api.sync_bucket(f"{uri}/s", str(root / "back"), quiet=True).summary()
told["wrong"] = [
    failure(lambda: api.sync_bucket(uri, uri)),
    failure(lambda: api.sync_bucket(here, here)),
    failure(lambda: api.sync_bucket(here, uri, ignore_times=True, ignore_sizes=True)),
    failure(lambda: api.sync_bucket(apply=file, delete=True)),
    failure(lambda: api.sync_bucket(f"{uri}-none", here, quiet=True)),
]

other = f"{bucket}-copies"
api.create_bucket(other)
for source, target in (
    ("s", ""),
    ("s/", "flat"),
    ("s", "new"),
    ("s", "new"),
    ("raw", "named"),
    ("raw", "new"),
    ("raw", "folder/"),
):
    api.copy_files(f"{uri}/{source}", f"hf://buckets/{other}/{target}")
told["copied"] = [one[2] for one in entries(other, recursive=True) if one[1] == "file"]
repo = f"local-user/{name}-repo"
api.create_repo(repo)
api.upload_folder(repo_id=repo, folder_path=here, path_in_repo="in", commit_message="Add files")
api.create_repo(repo, repo_type="dataset")
api.copy_files(f"hf://{repo}/in", f"hf://datasets/{repo}/there")
api.copy_files(f"hf://{repo}/in/same", f"hf://datasets/{repo}")
told["copied to a repository"] = sorted(api.list_repo_files(repo, repo_type="dataset"))
api.copy_files(f"hf://{repo}", f"hf://buckets/{other}/repo")
told["copied from a repository"] = [one[2] for one in entries(other, "repo/", recursive=True) if one[1] == "file"]
told["never"] = failure(lambda: api.copy_files(f"{uri}/raw", f"hf://{repo}/raw"))

told["listed"] = sorted(one.id.replace(name, "") for one in api.list_buckets(search=name))
api.move_bucket(other, f"{bucket}-moved")
told["moved"] = [api.bucket_info(f"{bucket}-moved").total_files, failure(lambda: api.bucket_info(other))]
api.delete_bucket(f"{bucket}-moved")
api.delete_bucket(f"{bucket}-moved", missing_ok=True)
told["deleted"] = failure(lambda: api.delete_bucket(f"{bucket}-moved"))
print(json.dumps(told))
