"""Cards written by one client are read by the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


def test_a_card_that_one_has_written_both_read_alike(sides, ours, theirs, local_hub: LocalHub, tmp_path: Path):
    repo_id, path = f"{local_hub.user}/model", str(tmp_path / "card.md")
    with HfApi() as api:
        api.create_repo(repo_id)
    sides[0].run("cards.py", "write", repo_id, path)
    seen = ours.run("cards.py", "read", repo_id, path)
    assert seen == theirs.run("cards.py", "read", repo_id, path)
    assert (seen["name"], seen["text"]) == ("M", "# Title\n\n---\n")
    assert seen["members"]["language"] == ["en", "no"]
    assert [one[:2] for one in seen["results"]] == [["acc", 0.5], ["f1", "0.4 ± 0.1"], ["acc", 7]]
    assert seen["local"] == {"pretty_name": "on", "size_categories": ["1K<n<10K"], "number": 1.5}

    sides[1].run("cards.py", "change", repo_id, path)
    changed = ours.run("cards.py", "read", repo_id, path)
    assert changed == theirs.run("cards.py", "read", repo_id, path)
    assert changed["members"] == seen["members"] | {"license": "cc0-1.0", "library_name": "m"}
