"""Many writers on one branch: threads, processes, and the official client among them."""

from __future__ import annotations

import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub_typed import HfApi

OURS = ("one", "two", "three")
"""Names of our processes."""
THREADS = 10

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


def test_all_commits_of_many_writers_land_once(local_hub, ours, theirs):
    repo_id = f"{local_hub.user}/shared"
    with HfApi() as api:
        api.create_repo(repo_id)
        writers = [(ours, name) for name in OURS] + [(theirs, "theirs")]

        def run(writer):
            side, name = writer
            return side.run("commits.py", repo_id, name, str(THREADS))

        def write(number):
            name = f"thread {number}"
            words = {"path_in_repo": f"{name}.txt", "repo_id": repo_id, "commit_message": f"by {name}"}
            return api.upload_file(path_or_fileobj=name.encode(), **words).oid

        with ThreadPoolExecutor(len(writers) + THREADS) as pool:
            processes = [pool.submit(run, writer) for writer in writers]
            oids = list(pool.map(write, range(THREADS)))
            oids += [oid for process in processes for oid in process.result()]

        names = [f"{name} {number}" for name in ("thread", *(name for _, name in writers)) for number in range(THREADS)]
        commits = api.list_repo_commits(repo_id)
        assert Counter(commit.title for commit in commits[:-1]) == Counter(f"by {name}" for name in names)
        assert sorted(commit.commit_id for commit in commits[:-1]) == sorted(oids)
        assert set(api.list_repo_files(repo_id)) == {".gitattributes", *(f"{name}.txt" for name in names)}
    path = local_hub.hub.store.find("model", repo_id).path
    checked = subprocess.run(["git", "fsck", "--strict"], cwd=path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr
