"""Upload a large folder."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, repo_id, folder = sys.argv[1:]
hub = import_module(library)
if library == "huggingface_hub":  # its workers look for work every 10 seconds
    import_module("huggingface_hub._upload_large_folder").WAITING_TIME_IF_NO_TASKS = 0.1
hub.HfApi().upload_large_folder(repo_id, folder, repo_type="model", print_report=False, num_workers=2)
print(json.dumps(None))
