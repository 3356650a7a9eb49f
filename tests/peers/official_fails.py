"""Run under the official client: ask for what is not there, and say which errors come."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError

repo_id = sys.argv[1]
api = HfApi()


def error(call: Callable[[], object]) -> list[object]:
    try:
        call()
    except HfHubHTTPError as failure:
        return [type(failure).__name__, failure.response.status_code]
    return ["nothing", 0]


print(
    json.dumps(
        {
            "repo": error(lambda: api.model_info(f"{repo_id}-missing")),
            "revision": error(lambda: api.model_info(repo_id, revision="missing")),
            "entry": error(lambda: hf_hub_download(repo_id, "missing.txt")),
            "taken": error(lambda: api.create_repo(repo_id)),
            "token": error(lambda: HfApi(token="hf_wrong").whoami()),
        }
    )
)
