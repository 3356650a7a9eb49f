"""Create, change and read cards, and print the results."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

library, task, repo_id, path = sys.argv[1:]
hub = import_module(library)
theirs = library == "huggingface_hub"
repocard = import_module("huggingface_hub.repocard") if theirs else hub
if theirs:  # 0.27.1 asks the default host, whatever HF_ENDPOINT says; a commit has the Hub itself check the metadata
    hub.RepoCard.validate = lambda *_args, **_kwargs: None
EvalResult = import_module("huggingface_hub.repocard_data").EvalResult if theirs else hub.EvalResult

if task == "write":
    data = hub.ModelCardData(
        language=["en", "no"],
        license="mit",
        tags=["a", "b", "a"],
        model_name="M",
        eval_results=[
            EvalResult("t", "d", "D", "acc", 0.5, metric_name="Accuracy", dataset_split="test"),
            EvalResult("t", "d", "D", "f1", "0.4 ± 0.1", dataset_split="test", verified=False),
            EvalResult("t", "e", "E", "acc", 7, source_name="us", source_url="https://a.b"),
        ],
        co2_eq_emissions={"emissions": 3, "source": "grüße\nund so"},
    )
    card = hub.ModelCard(f"---\n{data.to_yaml()}\n---\n# Title\n\n---\n")
    card.data["widget"] = [{"text": "yes"}]
    card.push_to_hub(repo_id)
    Path(path).write_text("# A text\n")
    repocard.metadata_save(path, {"pretty_name": "on", "size_categories": ["1K<n<10K"], "number": 1.5})
elif task == "change":
    repocard.metadata_update(repo_id, {"license": "cc0-1.0", "library_name": "m"}, overwrite=True)
else:
    card = hub.ModelCard.load(repo_id)
    print(
        json.dumps(
            {
                "members": card.data.to_dict(),
                "results": [
                    [one.metric_type, one.metric_value, one.metric_name, one.verified, one.source_url]
                    for one in card.data.eval_results
                ],
                "name": card.data.model_name,
                "text": card.text,
                "local": repocard.metadata_load(path),
            }
        )
    )
if task != "read":
    print("{}")
