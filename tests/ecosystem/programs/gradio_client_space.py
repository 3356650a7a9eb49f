"""The client of Spaces is imported, and asks the Hub for the host of a Space."""

import json
import sys

import gradio_client
from gradio_client import utils

(space,) = sys.argv[1:]
print(json.dumps({"host": utils.huggingface_hub.space_info(space).id, "client": gradio_client.Client.__name__}))
