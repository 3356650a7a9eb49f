"""The operations on access requests as the requests they become."""

from __future__ import annotations

from datetime import UTC, datetime

from hub_typed_api import models as m
from hub_typed_api.operations import access
from tests.generated.rows import becomes

JSON = "content-type: application/json"

EVERY = [
    becomes(
        access.list_access_requests,
        "GET /api/datasets/ann/set/user-access-request/pending",
        "limit=10",
        "after=2026-10-06T13:49:34.895Z",
        "before=2026-10-07T00:00:00.000Z",
        "q=bob",
        repo_id="ann/set",
        status="pending",
        repo_type="dataset",
        limit=10,
        after=datetime(2026, 10, 6, 13, 49, 34, 895000, UTC),
        before=datetime(2026, 10, 7, tzinfo=UTC),
        search="bob",
    ),
    becomes(
        access.handle_access_request,
        "POST /api/models/ann/m/user-access-request/handle",
        JSON,
        '{"user": "bob", "userId": "6ac3a4b8792f9017b6cb67ec", "requestId": "7ac3", "status": "rejected",'
        ' "rejectionReason": "No.", "resetReason": "Again."}',
        repo_id="ann/m",
        repo_type="model",
        user="bob",
        user_id="6ac3a4b8792f9017b6cb67ec",
        request_id="7ac3",
        status="rejected",
        rejection_reason="No.",
        reset_reason="Again.",
    ),
    becomes(
        access.grant_access,
        "POST /api/datasets/ann/set/user-access-request/grant",
        JSON,
        '{"user": "bob", "userId": "6ac3a4b8792f9017b6cb67ec"}',
        repo_id="ann/set",
        repo_type="dataset",
        user="bob",
        user_id="6ac3a4b8792f9017b6cb67ec",
    ),
    becomes(
        access.batch_handle_access_requests,
        "POST /api/models/ann/m/user-access-request/batch",
        JSON,
        '{"status": "rejected", "requests": [{"user": "bob"}, {"userId": "6ac3a4b8792f9017b6cb67ec"}],'
        ' "rejectionReason": "No.", "resetReason": "Again."}',
        repo_id="ann/m",
        repo_type="model",
        status="rejected",
        requests=[m.AccessRequestTarget(user="bob"), m.AccessRequestTarget(user_id="6ac3a4b8792f9017b6cb67ec")],
        rejection_reason="No.",
        reset_reason="Again.",
    ),
    becomes(
        access.cancel_my_access_request,
        "POST /api/datasets/ann/set/user-access-request/cancel",
        repo_id="ann/set",
        repo_type="dataset",
    ),
    becomes(
        access.get_user_access_report,
        "GET /datasets/ann/set/user-access-report",
        repo_id="ann/set",
        repo_type="dataset",
    ),
    becomes(
        access.ask_access,
        "POST /ann/m/ask-access",
        JSON,
        '{"Affiliation": "Home", "I agree": true}',
        repo_id="ann/m",
        repo_type="model",
        members={"Affiliation": "Home", "I agree": True},
    ),
]
LEAST = {
    "access.list_access_requests": ["GET /api/models/ann/set/user-access-request/pending"],
    "access.handle_access_request": [
        "POST /api/models/ann/m/user-access-request/handle",
        JSON,
        '{"status": "rejected"}',
    ],
    "access.grant_access": ["POST /api/models/ann/set/user-access-request/grant", JSON, "{}"],
    "access.batch_handle_access_requests": [
        "POST /api/models/ann/m/user-access-request/batch",
        JSON,
        '{"status": "rejected", "requests": [{"user": "bob"}, {"userId": "6ac3a4b8792f9017b6cb67ec"}]}',
    ],
    "access.get_user_access_report": ["GET /ann/set/user-access-report"],
}
POSITIONAL = {"access.list_access_requests": ["repo_id", "status"]}
ONCE = ["access.handle_access_request", "access.grant_access", "access.cancel_my_access_request", "access.ask_access"]
PAGED = ["access.list_access_requests"]
RELATIVE = ["access.ask_access"]
