"""A static model is pushed to the Hub, and read again."""

import json
import sys

import numpy as np
from model2vec import StaticModel
from tokenizers import Tokenizer, models, pre_tokenizers

(repo,) = sys.argv[1:]
words = Tokenizer(models.WordLevel({"[UNK]": 0, "hello": 1, "hub": 2}, unk_token="[UNK]"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
model = StaticModel(np.arange(12, dtype=np.float32).reshape(3, 4), words)
model.push_to_hub(repo)
again = StaticModel.from_pretrained(repo)
print(json.dumps({"same": bool((again.encode("hello hub") == model.encode("hello hub")).all())}))
