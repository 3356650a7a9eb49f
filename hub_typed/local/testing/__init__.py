"""An embedded Hub for the tests of any program; `docs/testing.md` shows how.

The pytest plugin has the fixtures `local_hub`, `xet_hub`, `hub_api`, `hub_users`, `hub_repo`, `hub_bucket`,
`hub_seed` and `loopback_only`. The same without pytest:

Example:
    with LocalHub() as hub, hub_environment(hub):
        repo = HubRepoFactory(hub)({"README.md": "# A model"})
        program_that_reads(repo.repo_id)
"""

from __future__ import annotations

from hub_typed.local.testing.buckets import HubBucket, HubBucketFactory
from hub_typed.local.testing.environment import hub_environment
from hub_typed.local.testing.network import NetworkRefusedError, loopback_only
from hub_typed.local.testing.repositories import HubRepo, HubRepoFactory
from hub_typed.local.testing.users import HubUser, HubUsers

__all__ = [
    "HubBucket",
    "HubBucketFactory",
    "HubRepo",
    "HubRepoFactory",
    "HubUser",
    "HubUsers",
    "NetworkRefusedError",
    "hub_environment",
    "loopback_only",
]
