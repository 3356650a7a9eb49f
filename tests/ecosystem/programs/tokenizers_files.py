"""A tokenizer is read from the Hub, with its revision."""

import json
import sys

from tokenizers import Tokenizer

(repo,) = sys.argv[1:]
tokenizer = Tokenizer.from_pretrained(repo)
named = Tokenizer.from_pretrained(repo, revision="main")
try:
    Tokenizer.from_pretrained(f"{repo}-none")
except Exception as error:  # noqa: BLE001, its name is what is compared
    said = type(error).__name__
print(
    json.dumps({"ids": tokenizer.encode("hello hub").ids, "same": named.to_str() == tokenizer.to_str(), "said": said})
)
