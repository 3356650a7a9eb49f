"""All methods of buckets: what they return and which files they leave, without times, ids and hashes of chunks."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

library, owner, name, folder = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()
source, target = Path(folder), Path(folder).with_name("target")
bucket, other = f"{owner}/{name}", f"{owner}/{name}-other"


def listed(bucket_id: str, **options: object) -> list[list[object]]:
    """Describe the entries of a bucket."""
    return [[one.type, one.path, getattr(one, "size", None)] for one in api.list_bucket_tree(bucket_id, **options)]


def contents(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def refusal(call: object, *arguments: object, **options: object) -> str:
    """Return the class of the error that a call raises."""
    try:
        call(*arguments, **options)
    except Exception as error:  # noqa: BLE001, whichever it is
        return type(error).__name__
    return ""


told = {
    "created": api.create_bucket(name).bucket_id,
    "exists": [api.create_bucket(bucket, exist_ok=True).bucket_id, refusal(api.create_bucket, bucket)],
    "private": api.create_bucket(other, private=True).bucket_id,
    "none": refusal(api.bucket_info, f"{owner}/none"),
}
api.batch_bucket_files(
    bucket, add=[(source / "a.txt", "a.txt"), (b"", "d/empty.csv"), (str(source / "d" / "b.txt"), "d/e/b.txt")]
)
told |= {
    "tree": sorted(listed(bucket)),
    "top": sorted(listed(bucket, recursive=False)),
    "folder": sorted(listed(bucket, prefix="d", recursive=False)),
    "infos": sorted([one.path, one.size] for one in api.get_bucket_paths_info(bucket, ["a.txt", "none", "d"])),
    "sizes": [api.get_bucket_file_metadata(bucket, path).size for path in ("a.txt", "d/empty.csv")],
    "no metadata": refusal(api.get_bucket_file_metadata, bucket, "none"),
    "buckets": sorted(one.id for one in api.list_buckets(owner, search=name)),
}
api.download_bucket_files(bucket, [(path, target / path) for path in ("a.txt", "d/empty.csv", "d/e/b.txt")])
told["downloaded"] = contents(target)

(info,) = api.get_bucket_paths_info(bucket, ["a.txt"])
api.batch_bucket_files(other, copy=[("bucket", bucket, info.xet_hash, "copy.txt")], add=[(b"gone", "gone.txt")])
unknown = ("bucket", bucket, "1" * 64, "unknown.txt")
told |= {
    "partial": refusal(api.batch_bucket_files, other, copy=[unknown], delete=["gone.txt"]),
    "failed": refusal(api.batch_bucket_files, other, copy=[unknown]),
    "copies": sorted(listed(other)),
}

there = f"hf://buckets/{bucket}/synced"
told["up"] = [api.sync_bucket(str(source), there, quiet=True).summary() for _ in range(2)]
(source / "a.txt").unlink()
told["deleted"] = api.sync_bucket(str(source), there, delete=True, quiet=True).summary()
told["down"] = api.sync_bucket(there, str(target / "synced"), quiet=True).summary()
told["synced"] = contents(target / "synced")

model = f"{owner}/{name}-model"
api.create_repo(model)
api.upload_file(path_or_fileobj=b"{}", path_in_repo="config.json", repo_id=model)
api.upload_file(path_or_fileobj=b"weights\0" * 1000, path_in_repo="w.bin", repo_id=model)
api.copy_files(f"hf://{model}", f"hf://buckets/{other}/model/")
api.copy_files(f"hf://buckets/{bucket}/d/", f"hf://buckets/{other}/d2/")
told["copied"] = sorted(listed(other))

api.update_bucket_settings(other, private=False)
api.move_bucket(other, f"{other}-moved")
moved = api.bucket_info(other)  # the old name leads there
told["moved"] = [moved.id, moved.private, moved.size, moved.total_files]
for one in (bucket, f"{other}-moved"):
    api.delete_bucket(one)
told["gone"] = [refusal(api.bucket_info, bucket), api.delete_bucket(bucket, missing_ok=True)]
api.delete_repo(model)
print(json.dumps(told))
