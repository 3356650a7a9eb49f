"""What a synchronization prints."""

from __future__ import annotations

import sys

import attrs

from hub_typed.flows.buckets.sync_plan import SyncPlan, plan_lines

__all__: list[str] = []

_VERBS = {"upload": "Uploading", "download": "Downloading", "delete": "Deleting", "skip": "Skipping"}


@attrs.frozen
class SyncReport:
    """Lines on standard output.

    Attributes:
        verbose: Also print a line for each file.
        quiet: Print nothing but the lines of a dry run.
    """

    verbose: bool
    quiet: bool

    def show_plan(self, plan: SyncPlan) -> None:
        """Print the summary of a plan."""
        found = plan.summary()
        self.show(f"{plan.source} -> {plan.dest}")
        self.show(
            f"{found['uploads']} uploads, {found['downloads']} downloads, {found['deletes']} deletes, "
            f"{found['skips']} skips"
        )
        if self.verbose:
            for operation in plan.operations:
                self.show(f"  {_VERBS[operation.action]} {operation.path} ({operation.reason})")

    def show_lines(self, plan: SyncPlan) -> None:
        """Print a plan as JSON lines."""
        sys.stdout.writelines(f"{line}\n" for line in plan_lines(plan))

    def show(self, line: str) -> None:
        """Print a line."""
        if not self.quiet:
            sys.stdout.write(f"{line}\n")
