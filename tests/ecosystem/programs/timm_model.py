"""A model of images is pushed to the Hub, and made again from there."""

import json
import sys

import torchvision_operator  # noqa: F401, before what imports torchvision

import timm  # isort: skip
import torch  # isort: skip
from timm.models import push_to_hf_hub

(repo,) = sys.argv[1:]
torch.manual_seed(0)
model = timm.create_model("test_vit.r160_in1k", pretrained=False, num_classes=3).eval()
push_to_hf_hub(model, repo, model_config={"num_classes": 3})
again = timm.create_model(f"hf-hub:{repo}", pretrained=True).eval()
picture = torch.zeros(1, *model.pretrained_cfg["input_size"])
print(json.dumps({"same": bool(torch.equal(model(picture), again(picture)))}))
