"""One request as the handlers see it: who sends it, and what they may do with a repository."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator
from contextlib import contextmanager

import attrs

from hub_typed.local.accounts import Accounts, Identity
from hub_typed.local.backend import Backend
from hub_typed.local.faults import HubFault, forbidden, repo_missing, unauthorized
from hub_typed.local.git import HEADS, TAGS, GitRepo
from hub_typed.local.incoming import Incoming
from hub_typed.local.lfs import LfsStore
from hub_typed.local.signing import Signer
from hub_typed.local.store import Repo, Store, known_type
from hub_typed.local.webhooks import Event, Webhooks
from hub_typed_api import models

__all__ = ["Call"]


@attrs.frozen(kw_only=True)
class Call:
    """What a handler works with.

    Attributes:
        identity: Who sends the request; ``None``, if nobody is logged in.
    """

    store: Store
    lfs: LfsStore
    accounts: Accounts
    signer: Signer
    backend: Backend
    webhooks: Webhooks
    identity: Identity | None
    request: Incoming

    def user(self) -> Identity:
        """Who sends the request.

        Raises:
            HubFault: 401, nobody is logged in.
        """
        if self.identity is None:
            raise unauthorized()
        return self.identity

    def writer(self) -> Identity:
        """Who sends the request, with a token that may change something.

        Raises:
            HubFault: 401, nobody is logged in; 403, the token may only read.
        """
        identity = self.user()
        if not identity.may_write():
            raise forbidden("Forbidden: this token has role read, you need a token with write role.")
        return identity

    def may_read(self, repo: Repo) -> bool:
        """Whether the caller may know of a repository."""
        return not repo.facts.private or (self.identity is not None and self.identity.owns(repo.namespace))

    def readable(self, repo_type: str, repo_id: str) -> Repo:
        """A repository that the caller may read.

        Raises:
            HubFault: 401 or 404, it is not there or private; 307, it has another name now.
        """
        kind = known_type(repo_type)
        repo = self.store.find(kind, repo_id)
        if repo is not None and self.may_read(repo):
            return repo
        moved = None if repo is not None else self.store.moved(kind, repo_id)
        if moved is not None and self.may_read(moved):
            self._redirect(repo_id, moved.repo_id)
        raise repo_missing(logged_in=self.identity is not None)

    def proposable(self, repo_type: str, repo_id: str) -> Repo:
        """A repository that the caller may open a pull request for, which takes no more than reading it.

        Raises:
            HubFault: Those of `readable` and of `writer`.
        """
        repo = self.readable(repo_type, repo_id)
        self.writer()
        return repo

    def writable(self, repo_type: str, repo_id: str, revision: str | None = None) -> Repo:
        """A repository that the caller may change, or of which the caller may change this revision.

        Raises:
            HubFault: Those of `proposable`; 403, it is somebody else's.
        """
        repo = self.proposable(repo_type, repo_id)
        if not (self.user().owns(repo.namespace) or revision in self.pushable(repo)):
            raise forbidden("You have read access but not the required permissions for this operation")
        return repo

    def pushable(self, repo: Repo) -> list[str]:
        """What of a repository the caller may push to: full names of refs, and beginnings, which end in a slash.

        Raises:
            HubFault: Those of `writer`.
        """
        user, owner = self.writer().user, self.writer().owns(repo.namespace)
        pulls = [one.ref for one in repo.discussions.all() if one.ref and (owner or one.author == user.name)]
        return [HEADS, TAGS, *pulls] if owner else pulls

    @contextmanager
    def writing(self, repo: Repo) -> Generator[GitRepo, None, None]:
        """The git repository, to read and write, while nobody else writes; which refs have changed is told after."""
        with repo.writing() as git:
            before = dict(git.refs("refs/"))
            yield git
            after = dict(repo.git().refs("refs/"))
            changed = [
                models.WebhookPayloadUpdatedRef(ref=ref, old_sha=before.get(ref), new_sha=after.get(ref))
                for ref in sorted(before.keys() | after.keys())
                if before.get(ref) != after.get(ref)
            ]
            if changed:  # told before the next one may write, so that the order is right
                subject = self.subject(repo)
                self.happened(Event(action="update", scope="repo.content", repo=subject, updated_refs=changed))

    def happened(self, event: Event) -> None:
        """Tell the webhooks of something that has happened. Where it ends a repository, look at that before."""
        self.webhooks.happened(event)

    def subject(self, repo: Repo) -> models.WebhookPayloadRepo:
        """A repository, as events tell of it."""
        facts, head = repo.facts, repo.git().branch("main")
        return models.WebhookPayloadRepo(
            type=repo.repo_type,
            name=repo.repo_id,
            id=facts.id,
            private=facts.private,
            url=models.WebhookPayloadUrl(
                web=self.web_url(repo.repo_type, repo.repo_id),
                api=f"{self.request.origin}/api/{repo.repo_type}s/{repo.repo_id}",
            ),
            owner=self.owner(repo.namespace),
            head_sha=None if head is None else str(head.id),
        )

    def owner(self, namespace: str) -> models.ObjectId:
        """Who owns a namespace, as events tell of them."""
        user = self.accounts.user(namespace)
        # An id there must be, also for a namespace that an admin made things in and nobody owns.
        return models.ObjectId(id=user.id if user else hashlib.sha256(namespace.encode()).hexdigest()[:24])

    def web_url(self, repo_type: str, repo_id: str) -> str:
        """The page of a repository."""
        prefix = "" if repo_type == "model" else f"{repo_type}s/"
        return f"{self.request.origin}/{prefix}{repo_id}"

    def storage_url(self, method: str, path: str, **claims: object) -> str:
        """A signed URL of the store of large files."""
        return self.request.storage_origin + self.signer.sign(method, path, **claims)

    def _redirect(self, old: str, new: str) -> None:
        target = re.sub(rf"/{re.escape(old)}(?=/|\.git/|$)", f"/{new}", self.request.path, count=1)
        if target == self.request.path:  # the name stands in the body, as that of `delete_repo`
            return
        location = f"{target}?{self.request.query}" if self.request.query else target
        raise HubFault(307, f"Temporary Redirect. Redirecting to {location}", headers={"location": location})
