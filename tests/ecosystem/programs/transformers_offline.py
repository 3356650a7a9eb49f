"""A config is read from the cache: the Hub does not answer, or must not be asked."""

import json
import sys

from transformers import AutoConfig

(repo,) = sys.argv[1:]
found = AutoConfig.from_pretrained(repo).hidden_size
try:
    AutoConfig.from_pretrained(f"{repo}-none")
except OSError as error:
    said = str(error)
print(json.dumps({"found": found, "said": said[:40]}))
