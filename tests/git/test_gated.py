"""Only users with access can clone a gated repository."""

from __future__ import annotations


def test_a_clone_needs_access(git, remote):
    remote.api.update_repo_settings(remote.repo_id, gated="manual")
    stranger = remote.hub.add_user("stranger")

    assert "could not read Username" in git.refused("clone", remote.url(), "anonymous")
    assert "403" in git.refused("clone", remote.url(stranger), "refused")

    remote.api.grant_access(remote.repo_id, "stranger")
    clone = git.clone(remote.url(stranger))
    assert set(clone.files()) == set(remote.api.list_repo_files(remote.repo_id))

    remote.api.revoke_access(remote.repo_id, "stranger")
    assert "403" in clone.refused("fetch")
    assert "403" in clone.refused("push", "origin", "main")
    assert git.clone(remote.mine).files() == clone.files()
