"""The workflow of GitHub runs what .ci/run runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ON = True
"""YAML reads the key `on` so."""


@pytest.fixture(scope="module")
def workflow(repository: Path) -> Any:
    return yaml.safe_load((repository / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))


def targets(workflow: Any) -> set[str]:
    """The targets of make that it runs, for each row of its matrix."""
    found: set[str] = set()
    for job in workflow["jobs"].values():
        rows = job.get("strategy", {}).get("matrix", {"": [""]})
        for name, values in rows.items():
            for value in values:
                for step in job["steps"]:
                    command = step.get("run", "").replace(f"${{{{ matrix.{name} }}}}", value)
                    found |= set(re.findall(r"^make ([\w.-]+)$", command, re.MULTILINE))
    return found


def test_each_check_of_make_ci_is_run(workflow, repository):
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    [listed] = re.findall(r"^ci: ([\w ]+) ##.*\n\t\$\(MAKE\) \$\(TOGETHER\) ([\w -]+)$", makefile, re.MULTILINE)
    [versions] = re.findall(r"^VERSIONS := (.+)$", makefile, re.MULTILINE)
    wanted = {*" ".join(listed).split()} - {"test-versions"} | {f"test-python{one}" for one in versions.split()}
    assert wanted <= targets(workflow)


def test_it_has_what_github_requires(workflow):
    assert set(workflow) <= {"name", ON, "permissions", "concurrency", "jobs"}
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert (
            {"runs-on", "timeout-minutes", "steps"} <= set(job) <= {"runs-on", "timeout-minutes", "strategy", "steps"}
        )
        for step in job["steps"]:
            assert len({"uses", "run"} & set(step)) == 1
            assert set(step) <= {"name", "uses", "run", "with"}
