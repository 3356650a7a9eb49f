"""A config and a tokenizer are pushed to the Hub, and read again; names that do not exist raise what users know."""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoConfig, AutoTokenizer, BertConfig, PreTrainedTokenizerFast

repo, folder = sys.argv[1:]

words = Tokenizer(models.WordLevel({"[UNK]": 0, "hello": 1, "hub": 2}, unk_token="[UNK]"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
pushed = PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]").push_to_hub(repo)
BertConfig(vocab_size=3, hidden_size=8, num_attention_heads=2, num_hidden_layers=1).push_to_hub(repo)

config = AutoConfig.from_pretrained(repo)
tokenizer = AutoTokenizer.from_pretrained(repo)
again = AutoTokenizer.from_pretrained(repo, local_files_only=True)
tokenizer.save_pretrained(folder)
complaints = []
for name, options in ((f"{repo}-none", {}), (repo, {"revision": "none"}), (f"{repo}/a/b", {})):
    try:
        AutoConfig.from_pretrained(name, **options)
    except OSError as error:
        complaints.append(str(error).splitlines()[0][:60])
print(
    json.dumps(
        {
            "commit": type(pushed).__name__,
            "config": [config.model_type, config.hidden_size],
            "tokens": [tokenizer("hello my hub")["input_ids"], again("hub")["input_ids"]],
            "saved": sorted(path.name for path in Path(folder).iterdir()),
            "complaints": complaints,
        }
    )
)
