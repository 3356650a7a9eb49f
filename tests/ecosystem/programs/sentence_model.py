"""A small model of sentences is pushed to the Hub, and read again."""

import json
import sys

import torch
import torchvision_operator  # noqa: F401, before what imports torchvision
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

repo, folder = sys.argv[1:]
torch.manual_seed(0)
words = Tokenizer(models.WordLevel({"[UNK]": 0, "[PAD]": 1, "hello": 2, "hub": 3}, unk_token="[UNK]"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]", pad_token="[PAD]").save_pretrained(folder)
BertModel(
    BertConfig(vocab_size=4, hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8)
).save_pretrained(folder)
transformer = Transformer(folder)
model = SentenceTransformer(modules=[transformer, Pooling(8)])
url = model.push_to_hub(repo)
again = SentenceTransformer(repo)
print(
    json.dumps(
        {
            "near": bool(abs(again.encode("hello hub") - model.encode("hello hub")).max() < 1e-6),
            "url": url.split("/")[3:6],
        }
    )
)
