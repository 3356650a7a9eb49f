"""Upload a large folder."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, repo_id, folder = sys.argv[1:]
hub = import_module(library)
hub.HfApi().upload_large_folder(repo_id, folder, repo_type="model", print_report=False, num_workers=2)
print(json.dumps(None))
