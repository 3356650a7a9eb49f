"""A receiver of webhooks that runs a job for each new commit and answers comments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from hub_typed import (
    HfApi,
    ProtocolError,
    WebhookPayload,
    WebhookPayloadDiscussion,
    WebhookPayloadRepo,
    parse_webhook_payload,
    verify_webhook_secret,
)

OnCommit = Callable[[WebhookPayloadRepo, str], None]


@dataclass
class Receiver:
    api: HfApi
    secret: str
    on_commit: OnCommit
    answered: list[int] = field(default_factory=list[int])

    def __call__(self, headers: Mapping[str, str], body: bytes) -> HTTPStatus:
        if not verify_webhook_secret(headers.get("X-Webhook-Secret"), self.secret):
            return HTTPStatus.FORBIDDEN
        try:
            payload = parse_webhook_payload(body)
        except ProtocolError:
            return HTTPStatus.BAD_REQUEST
        self.dispatch(payload)
        return HTTPStatus.OK

    def dispatch(self, payload: WebhookPayload) -> None:
        scope, action = payload.event.scope, payload.event.action
        if scope == "repo.content" and action == "update":
            for ref in payload.updated_refs or ():
                if ref.ref == "refs/heads/main" and ref.new_sha is not None:
                    self.on_commit(payload.repo, ref.new_sha)
        elif scope.startswith("discussion") and action == "create" and payload.discussion is not None:
            self.answer(payload.repo, payload.discussion, payload.comment.content if payload.comment else None)

    def answer(self, repo: WebhookPayloadRepo, discussion: WebhookPayloadDiscussion, text: str | None) -> None:
        if discussion.num in self.answered or discussion.is_pull_request:
            return
        self.answered.append(discussion.num)
        quoted = f"> {text}\n\n" if text else ""
        self.api.comment_discussion(repo.name, discussion.num, f"{quoted}Thank you.", repo_type=repo.type)
