"""A dataset that was read before is read from the cache when the Hub does not answer."""

import json
import os
import sys

from datasets import load_dataset

(repo,) = sys.argv[1:]
print(json.dumps({"rows": load_dataset(repo, split="train").to_list()}), flush=True)
os._exit(0)  # threads of PyArrow may abort the process when the interpreter ends, with either client
