"""The files of a model of one's own are downloaded."""

import json
import sys
from pathlib import Path

from fastembed.common.model_management import ModelManagement

repo, folder = sys.argv[1:]
found = ModelManagement.download_files_from_huggingface(repo, cache_dir=folder, extra_patterns=["model.onnx"])
print(json.dumps(sorted(path.name for path in Path(found).iterdir())))
