"""Context of a request for handlers: the caller, and their permissions on repositories."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from hub_typed.local.accounts.access_requests import access_denied
from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.accounts.identity import Identity, OrgRole
from hub_typed.local.accounts.owned import Owned, OwnedFacts
from hub_typed.local.accounts.resource_groups import ResourceGroup
from hub_typed.local.buckets.store import Bucket, Buckets
from hub_typed.local.community.attachments import Attachments
from hub_typed.local.community.collections import Collections
from hub_typed.local.community.community import Community
from hub_typed.local.community.discussion_events import Actor
from hub_typed.local.errors import HubResponseError, forbidden, repo_missing, unauthorized
from hub_typed.local.faults.rules import Faults
from hub_typed.local.git.http_backend import Backend
from hub_typed.local.git.objects import HEADS, PULLS, TAGS
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.inference.endpoints import InferenceEndpoints
from hub_typed.local.jobs.jobs import Jobs
from hub_typed.local.jobs.scheduled_jobs import ScheduledJobs
from hub_typed.local.lfs.signed_urls import Signer
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.pages.sessions import Sessions
from hub_typed.local.repos.store import Repo, Store, known_type
from hub_typed.local.request.redirects import redirect_to_name
from hub_typed.local.scim.directory import Directories
from hub_typed.local.server.stats import Stats
from hub_typed.local.webhooks.events import Event, RepoState, audited, events_between
from hub_typed.local.webhooks.registry import Webhooks
from hub_typed.local.xet.tokens import XetTokens
from hub_typed_api import models

if TYPE_CHECKING:
    from hub_typed.local.xet.store import XetStore  # which needs optional packages

__all__ = ["Call"]

O = TypeVar("O", bound=Owned)  # noqa: E741


@attrs.frozen(kw_only=True)
class Call:
    """Context of a request for handlers.

    Attributes:
        xet: The Xet storage; ``None`` if the Hub does not serve it.
        identity: Identity of the caller; ``None`` if anonymous, or if the token is one of the Xet storage.
        sessions: Browsers that are logged in to the pages.
        admin: Name of the user whose token may change the faults of the Hub.
        now: Clock of the Hub.
        page_size: Maximum number of items on a page of a list.
    """

    store: Store
    buckets: Buckets
    lfs: LfsStore
    xet: XetStore | None
    xet_tokens: XetTokens
    accounts: Accounts
    directories: Directories
    collections: Collections
    community: Community
    attachments: Attachments
    signer: Signer
    backend: Backend
    webhooks: Webhooks
    inference: InferenceEndpoints
    jobs: Jobs
    scheduled_jobs: ScheduledJobs
    faults: Faults
    stats: Stats
    sessions: Sessions
    admin: str | None
    identity: Identity | None
    request: IncomingRequest
    now: Callable[[], datetime]
    page_size: int
    log_patience: float

    def user(self) -> Identity:
        """Return the identity of the caller.

        Raises:
            HubResponseError: 401, the caller is anonymous.
        """
        if self.identity is None:
            raise unauthorized()
        return self.identity

    def writer(self) -> Identity:
        """Return the identity of the caller, whose token may write.

        Raises:
            HubResponseError: 401, the caller is anonymous; 403, the token may only read.
        """
        identity = self.user()
        if not identity.may_write():
            raise forbidden("Forbidden: this token has role read, you need a token with write role.")
        return identity

    def owner(self, namespace: str) -> str:
        """Return the name of an account in a path: ``me`` is the caller.

        Raises:
            HubResponseError: 401, it is ``me``, and the caller is anonymous.
        """
        return self.user().user.name if namespace == "me" else namespace

    def check_admin(self, what: str) -> None:
        """Check that the token is a write token of the Hub's own user, which no user of the Hub can obtain over HTTP.

        Args:
            what: What needs it, for the message: a noun in the plural.

        Raises:
            HubResponseError: 401, the caller is anonymous; 403, the token belongs to another user, or may not write.
        """
        identity = self.user()
        if identity.user.name != self.admin or identity.scopes is not None or not identity.may_write():
            raise forbidden(f"{what} need a write token of {self.admin or 'the user of the Hub, which has none'}")

    def actor(self) -> Actor:
        """Return the caller as author of events.

        Raises:
            HubResponseError: 401, the caller is anonymous.
        """
        return Actor(self.user().user, self.now())

    def may_read(self, repo: Owned) -> bool:
        """Whether the caller may see a repository or bucket."""
        facts, identity = repo.facts, self.identity
        if not facts.private:
            return True
        return (
            identity is not None
            and self._role_on(repo, facts, identity) is not None
            and identity.permits("repo.content.read", repo.namespace, repo.repo_id, facts.id)
        )

    def may_write(self, repo: Owned) -> bool:
        """Whether the caller may change a repository or bucket and its settings, and delete it."""
        identity = self.identity
        facts = repo.facts
        if identity is None or not identity.permits("repo.write", repo.namespace, repo.repo_id, facts.id):
            return False
        role = self._role_on(repo, facts, identity)
        return role in ("write", "admin") or (role == "contributor" and facts.creator == identity.user.name)

    def may_create_in(self, namespace: str, group: ResourceGroup | None = None) -> bool:
        """Whether the caller may create a repository or bucket in a namespace, or in a resource group of it."""
        identity = self.identity
        if identity is None or not identity.permits("repo.write", namespace):
            return False
        return self.accounts.role_in(namespace, identity, group) in ("contributor", "write", "admin")

    def _role_on(self, repo: Owned, facts: OwnedFacts, identity: Identity) -> OrgRole | None:
        return self.accounts.role_in(repo.namespace, identity, self.accounts.groups.of_resource(facts.id))

    def access_refusal(self, repo: Repo) -> HubResponseError | None:
        """Return the error if the caller may not read the files of a visible repository; ``None`` if allowed."""
        facts, identity = repo.facts, self.identity
        if facts.gated is False:
            return None
        request = None
        if identity is not None:
            role = self._role_on(repo, facts, identity)
            request = repo.access_requests.of(identity.user.name)
            accepted = request is not None and request.status == "accepted"
            if not identity.permits("repo.content.read", repo.namespace, repo.repo_id, facts.id):
                return forbidden(
                    "Please enable access to public gated repositories in your fine-grained token settings to view "
                    "this repository."
                )
            if accepted or role == "admin" or (role is not None and not facts.org_members_gated):
                return None
        what, page = f"{repo.repo_type} {repo.repo_id}", self.web_url(repo.repo_type, repo.repo_id)
        return access_denied(what, page, request, logged_in=identity is not None)

    def openable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository whose files the caller may read.

        Raises:
            HubResponseError: Errors of `readable`; 401 or 403 GatedRepo, access was not requested or not granted.
        """
        repo = self.readable(repo_type, repo_id)
        refusal = self.access_refusal(repo)
        if refusal is not None:
            raise refusal
        return repo

    def readable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository that the caller may see.

        Raises:
            HubResponseError: 401 or 404, the repository does not exist or is private; 307, it was renamed, or its name
                is spelled in another letter case.
        """
        kind = known_type(repo_type)
        return self._visible(repo_id, self.store.find(kind, repo_id), self.store.moved(kind, repo_id))

    def readable_bucket(self, bucket_id: str) -> Bucket:
        """Return a bucket that the caller may see; the owner ``me`` is the caller.

        Raises:
            HubResponseError: Errors of `readable`, and of `user` for ``me``.
        """
        namespace, _, name = bucket_id.partition("/")
        bucket_id = f"{self.owner(namespace)}/{name}"
        return self._visible(bucket_id, self.buckets.find(bucket_id), self.buckets.moved(bucket_id))

    def _visible(self, name: str, found: O | None, moved: O | None) -> O:
        """Return what has a name if the caller may see it, or redirect to what had this name."""
        current = found or moved
        if current is not None and self.may_read(current):
            if current.repo_id != name:
                redirect_to_name(self.request, name, current.repo_id)
            if found is not None:
                return found
        raise repo_missing(logged_in=self.identity is not None)

    def with_discussions(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository whose discussions the caller may read.

        Raises:
            HubResponseError: Errors of `readable`; 403, its owner disabled discussions.
        """
        repo = self.readable(repo_type, repo_id)
        if repo.facts.discussions_disabled:
            raise forbidden("Discussions are disabled for this repository")
        return repo

    def discussable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository whose discussions the caller may write to; every user who may see it may do so.

        Raises:
            HubResponseError: Errors of `with_discussions` and of `writer`; 403, the token lacks the permission.
        """
        repo = self.with_discussions(repo_type, repo_id)
        if not self._may_discuss(repo):
            raise forbidden("Forbidden: this token lacks the permission discussion.write")
        return repo

    def interactive(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository that the caller may like or request access to; this needs a token with write permission.

        Raises:
            HubResponseError: Errors of `readable` and of `writer`; 403, the token lacks the permission.
        """
        self.user()
        repo = self.readable(repo_type, repo_id)
        self.writer()
        if not (self._may_discuss(repo) or self.may_write(repo)):
            raise forbidden("Forbidden: this token lacks the permission discussion.write")
        return repo

    def proposable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository for which the caller may open pull requests: write discussions and read its files.

        Raises:
            HubResponseError: Errors of `discussable` and of `openable`.
        """
        self.discussable(repo_type, repo_id)
        return self.openable(repo_type, repo_id)

    def uploadable(self, repo_type: str, repo_id: str) -> Repo:
        """Return a repository for which the caller may upload LFS files, to write to it or to open a pull request.

        Raises:
            HubResponseError: Errors of `openable` and of `writer`; 403, the token lacks both permissions.
        """
        repo = self.openable(repo_type, repo_id)
        self.writer()
        if not (self.may_write(repo) or self._may_discuss(repo)):
            raise forbidden("Forbidden: this token lacks the permission discussion.write")
        return repo

    def _may_discuss(self, repo: Repo) -> bool:
        return self.writer().permits("discussion.write", repo.namespace, repo.repo_id, repo.facts.id)

    def writable(self, repo_type: str, repo_id: str, revision: str | None = None) -> Repo:
        """Return a repository to which, or to whose given revision, the caller may write.

        Raises:
            HubResponseError: Errors of `readable` and of `writer`; 403, the caller lacks the permission, or the
                revision is a pull request that is not open.
        """
        repo = self.readable(repo_type, repo_id)
        self.writer()
        pull = repo.discussions.find_by_ref(revision) if revision and revision.startswith(PULLS) else None
        if pull is not None and not pull.is_open:
            raise forbidden(f"This pull request is {pull.status}: it accepts no more commits")
        if self.may_write(repo) or (revision in self.pushable(repo) and self.access_refusal(repo) is None):
            return repo
        raise _not_permitted()

    def writable_bucket(self, bucket_id: str) -> Bucket:
        """Return a bucket that the caller may change; the owner ``me`` is the caller.

        Raises:
            HubResponseError: Errors of `readable_bucket` and of `writer`; 403, the caller lacks the permission.
        """
        bucket = self.readable_bucket(bucket_id)
        self.writer()
        if not self.may_write(bucket):
            raise _not_permitted()
        return bucket

    def pushable(self, repo: Repo) -> list[str]:
        """Return the refs that the caller may push to: full names, and prefixes that end in a slash.

        Raises:
            HubResponseError: Errors of `writer`.
        """
        user, is_owner = self.writer().user, self.may_write(repo)
        discussions = [one for one in repo.discussions.all() if one.is_open]
        # The token may lack this permission, although the user has it.
        may_discuss = self._may_discuss(repo)
        pulls = [one.ref for one in discussions if one.ref and (is_owner or (may_discuss and one.author == user.name))]
        return [HEADS, TAGS, *pulls] if is_owner else pulls

    @contextmanager
    def writing(self, repo: Repo) -> Generator[GitRepo, None, None]:
        """Lock the git repository for writing; at the end, notify webhooks of the changes."""
        with repo.writing() as git:
            before = RepoState.of(repo) if self.webhooks.has_any() else None
            yield git
            if before is not None:  # notify while the lock is held, so that events keep their order
                for event in events_between(before, RepoState.of(repo), self.subject(repo), self.account):
                    self.publish(event)

    def change(self, repo: Repo | Bucket, **changes: Any) -> None:
        """Change the metadata of a repository or bucket, and notify webhooks."""
        before, after = repo.facts, repo.change(**changes)
        if after.private != before.private:
            config = {"private": after.private}
            self.publish(Event(action="update", scope="repo.config", repo=self.subject(repo), updated_config=config))

    def publish(self, event: Event) -> None:
        """Notify webhooks of an event. Before deleting or moving a repository, resolve `subject` for its event."""
        self.webhooks.publish(event)
        for namespace, kind, message in audited(event):
            self.audit(namespace, kind, message, repo=event.repo.name)

    def audit(self, namespace: str, kind: str, message: str, **data: object) -> None:
        """Record an event in the audit log of an account, if it is an organization, which alone have one."""
        organization, agent = self.accounts.organization(namespace), self.request.headers.get("user-agent")
        if organization is not None:
            self.accounts.audit_log.record(organization, kind, message, by=self.identity, user_agent=agent, data=data)

    def subject(self, repo: Repo | Bucket) -> models.WebhookPayloadRepo:
        """Describe a repository or bucket as in webhook events."""
        facts, head = repo.facts, repo.git().branch("main") if isinstance(repo, Repo) else None
        return models.WebhookPayloadRepo(
            type=repo.repo_type,
            name=repo.repo_id,
            id=facts.id,
            private=facts.private,
            url=models.WebhookPayloadUrl(
                web=self.web_url(repo.repo_type, repo.repo_id),
                api=f"{self.request.origin}/api/{repo.repo_type}s/{repo.repo_id}",
            ),
            owner=self.account(repo.namespace),
            head_sha=None if head is None else str(head.id),
        )

    def account(self, name: str) -> models.ObjectId:
        """Describe a user or an organization as in webhook events."""
        account = self.accounts.user(name) or self.accounts.organization(name)
        # An id is required, even for a namespace without an account.
        return models.ObjectId(id=account.id if account else hashlib.sha256(name.encode()).hexdigest()[:24])

    def web_url(self, repo_type: str, repo_id: str) -> str:
        """Return the URL of the web page of a repository."""
        prefix = "" if repo_type == "model" else f"{repo_type}s/"
        return f"{self.request.origin}/{prefix}{repo_id}"

    def xet_hash(self, sha256: str) -> str | None:
        """Return the Xet hash of a stored LFS file, if it is known; ``None`` if the Hub does not serve Xet."""
        return None if self.xet is None else self.xet.known_hash(sha256)

    def storage_url(self, method: str, path: str, **claims: object) -> str:
        """Return a signed URL of the LFS storage."""
        return self.request.storage_origin + self.signer.sign(method, path, **claims)


def _not_permitted() -> HubResponseError:
    return forbidden("You have read access but not the required permissions for this operation")
