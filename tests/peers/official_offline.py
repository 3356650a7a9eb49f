"""Run under the official client, offline: find a repository in a cache that somebody else filled."""

from __future__ import annotations

import json
import sys

from huggingface_hub import hf_hub_download, snapshot_download

repo_id, large = sys.argv[1:]
print(json.dumps({"file": hf_hub_download(repo_id, large), "snapshot": snapshot_download(repo_id)}))
