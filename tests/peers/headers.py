"""Read the headers of safetensors files, and print them."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, *repos = sys.argv[1:]
api = import_module(library).HfApi()
found = {repo: api.get_safetensors_metadata(repo) for repo in repos}
print(
    json.dumps(
        {
            repo: [
                one.metadata,
                one.sharded,
                one.weight_map,
                one.parameter_count,
                {
                    name: [file.metadata, {tensor: [told.dtype, told.shape] for tensor, told in file.tensors.items()}]
                    for name, file in one.files_metadata.items()
                },
            ]
            for repo, one in found.items()
        }
    )
)
