"""A model and an adapter are pushed to the Hub; both are read again."""

import json
import sys

import torch
import torchvision_operator  # noqa: F401, before what imports torchvision
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model
from transformers import AutoModel, BertConfig, BertModel

repo, adapter = sys.argv[1:]
torch.manual_seed(0)
config = BertConfig(vocab_size=4, hidden_size=8, num_attention_heads=2, num_hidden_layers=1, intermediate_size=8)
BertModel(config).push_to_hub(repo, max_shard_size="2KB")
base = AutoModel.from_pretrained(repo)
get_peft_model(base, LoraConfig(r=2, target_modules=["query"])).push_to_hub(adapter)
told = PeftConfig.from_pretrained(adapter)
again = PeftModel.from_pretrained(AutoModel.from_pretrained(repo), adapter)
print(json.dumps({"told": [told.peft_type, told.r], "parameters": sum(p.numel() for p in again.parameters())}))
