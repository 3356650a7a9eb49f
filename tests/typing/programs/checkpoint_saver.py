"""A trainer that saves checkpoints in the background and tags the best one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from hub_typed import CommitInfo, HfApi, RevisionNotFoundError


@dataclass
class CheckpointSaver:
    """Uploads each checkpoint while the next steps are computed."""

    api: HfApi
    repo_id: str
    folder: Path
    running: list[Future[CommitInfo]] = field(default_factory=list[Future[CommitInfo]])
    losses: dict[int, float] = field(default_factory=dict[int, float])

    def prepare(self) -> None:
        self.api.create_repo(self.repo_id, private=True, exist_ok=True)

    def save(self, step: int, loss: float, weights: bytes) -> None:
        target = self.folder / f"step-{step}"
        target.mkdir(parents=True)
        (target / "weights.bin").write_bytes(weights)
        (target / "state.json").write_text(json.dumps({"step": step, "loss": loss}))
        self.losses[step] = loss
        self.running.append(
            self.api.upload_folder(
                repo_id=self.repo_id,
                folder_path=target,
                path_in_repo=f"checkpoints/{step}",
                commit_message=f"Step {step}",
                ignore_patterns=("*.tmp", "optimizer/*"),
                run_as_future=True,
            )
        )

    def finish(self) -> str:
        """Wait for all uploads, and tag the last commit with the best step."""
        commits = [future.result() for future in self.running]
        best = min(self.losses, key=lambda step: self.losses[step])
        tag = f"best-{best}"
        self.api.create_tag(self.repo_id, tag=tag, revision=commits[-1].oid, exist_ok=True)
        return tag

    def restore(self, tag: str, steps: Iterable[int]) -> list[float]:
        found: list[float] = []
        for step in steps:
            try:
                path = self.api.hf_hub_download(self.repo_id, f"checkpoints/{step}/state.json", revision=tag)
            except RevisionNotFoundError as error:
                raise SystemExit(f"{tag}: {error.response.status_code}") from error
            found.append(float(json.loads(Path(path).read_text())["loss"]))
        return found
