"""Read logs, templates, searches and the like of Spaces, leaderboards and headers, and print the results."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

library, space, dataset, model, picture = sys.argv[1:]
reference = import_module(library)
api = reference.HfApi()

runtime = api.wait_for_space(space, timeout=5)
found = list(api.search_spaces("greeting", sdk="gradio"))
quota = api.get_zero_gpu_quota()
board = api.get_dataset_leaderboard(dataset, base_model_only=False)
shards = api.get_sharded_safetensors_metadata(model)
url = api.upload_attachment(picture)
info = api.model_info(model, expand=["gguf", "evalResults"])
seen = {
    "stage": runtime.stage,
    "logs": list(api.fetch_space_logs(space)),
    "build": list(api.fetch_space_logs(space, build=True, follow=True)),
    "found": [[one.id, one.author, one.title, one.sdk, one.semantic_relevancy_score] for one in found],
    "templates": [[one.name, one.repo_id, one.sdk, one.preferred_private] for one in api.list_space_templates()],
    "quota": [quota.base, quota.remaining, quota.resets_at, quota.overquota_used],
    "board": [[one.rank, one.model_id, one.value, one.filename, one.verified] for one in board],
    "shards": [shards.metadata, shards.sharded, shards.weight_map, shards.parameter_count],
    "url": [url.startswith(api.endpoint), Path(url).suffix],
    "gguf": info.gguf,
    "results": [[one.dataset_id, one.task_id, one.value, one.notes] for one in info.eval_results],
}
print(json.dumps(seen))
