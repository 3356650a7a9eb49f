"""Constructors take what those of huggingface_hub take: positional arguments, JSON names and JSON values."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import attrs
import pytest

from hub_typed import (
    AccessRequest,
    CacheNotFound,
    Collection,
    CollectionItem,
    Discussion,
    DiscussionComment,
    DiscussionCommit,
    DiscussionEvent,
    DiscussionStatusChange,
    DiscussionTitleChange,
    DiscussionWithDetails,
    GitCommitInfo,
    GitRefInfo,
    GitRefs,
    HfApi,
    HFCacheInfo,
    HfHubHTTPError,
    InferenceEndpoint,
    LocalEntryNotFoundError,
    ModelCardData,
    ModelInfo,
    Organization,
    RepoFile,
    RepoFolder,
    RepositoryNotFoundError,
    SpaceVariable,
    User,
    UserLikes,
    WebhookInfo,
)
from hub_typed.errors import HubResponse
from hub_typed_api.models import (
    BlobLfsInfo,
    BlobSecurityInfo,
    CommitAuthor,
    LastCommitInfo,
    LfsRef,
    PaperInfo,
    RepoSibling,
    SafeTensorsInfo,
    SpaceRuntime,
    TransformersInfo,
    WebhookWatchedItem,
    WhoAmI,
)

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)
MOMENT_TEXT = "2024-01-01T00:00:00.000Z"
ANSWERED = HubResponse(404, {"X-Request-Id": "r-1"}, b"", "https://hub.test/api/models/o/m")


@pytest.mark.parametrize(
    ("by_position", "by_name"),
    [
        (GitRefInfo("main", "refs/heads/main", "a"), {"name": "main", "ref": "refs/heads/main", "target_commit": "a"}),
        (GitRefs([], [], []), {"branches": [], "converts": [], "tags": []}),
        (BlobLfsInfo(3, "c", 9), {"size": 3, "sha256": "c", "pointer_size": 9}),
        (LastCommitInfo("a", "t", MOMENT), {"oid": "a", "title": "t", "date": MOMENT}),
        (RepoSibling("a", 3), {"rfilename": "a", "size": 3}),
        (SafeTensorsInfo({"F32": 1}, 1), {"parameters": {"F32": 1}, "total": 1}),
        (TransformersInfo("AutoModel", None, "fill-mask"), {"auto_model": "AutoModel", "pipeline_tag": "fill-mask"}),
        (WebhookWatchedItem("user", "ann"), {"type": "user", "name": "ann"}),
        (
            UserLikes("ann", 1, [], ["o/m"], []),
            {"user": "ann", "total": 1, "datasets": [], "models": ["o/m"], "spaces": []},
        ),
        (HFCacheInfo(0, frozenset(), []), {"size_on_disk": 0, "repos": frozenset(), "warnings": []}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_by_position(by_position, by_name):
    assert type(by_position)(**by_name) == by_position
    with pytest.raises(TypeError):
        type(by_position)(*range(20))


def test_an_info_by_json_names():
    info = ModelInfo(
        id="o/m",
        lastModified=MOMENT_TEXT,
        siblings=[{"rfilename": "a", "lfs": {"sha256": "c", "size": 3, "pointerSize": 9}}, RepoSibling("b")],
        cardData={"license": "mit"},
        createdAt=None,
    )
    assert info.last_modified == MOMENT
    assert info.siblings == [RepoSibling("a", lfs=BlobLfsInfo(3, "c", 9)), RepoSibling("b")]
    assert info == ModelInfo(**info.to_dict()) == ModelInfo(**vars(info))


def test_a_file_of_a_tree():
    file = RepoFile(
        path="a",
        size=3,
        oid="b",
        lfs={"size": 3, "oid": "c", "pointerSize": 9},
        lastCommit={"id": "d", "title": "t", "date": MOMENT_TEXT},
        securityFileStatus={"status": "safe"},
    )
    assert file == RepoFile(
        path="a",
        size=3,
        blob_id="b",
        lfs=BlobLfsInfo(3, "c", 9),
        last_commit=LastCommitInfo("d", "t", MOMENT),
        security=BlobSecurityInfo(status="safe"),
    )
    assert RepoFolder(path="a", oid="b").tree_id == "b"


@pytest.mark.parametrize(
    "commit",
    [
        GitCommitInfo("a", ["ann", "bob"], MOMENT, "t", "m", "<b>t</b>", None),
        GitCommitInfo(
            commit_id="a",
            authors=["ann", "bob"],
            created_at=MOMENT,
            title="t",
            message="m",
            formatted_title="<b>t</b>",
            formatted_message=None,
        ),
        GitCommitInfo("a", [CommitAuthor(user="ann"), "bob"], MOMENT, "t", "m", "<b>t</b>", None),
    ],
)
def test_a_commit(commit):
    assert (commit.commit_id, commit.authors, commit.created_at) == ("a", ["ann", "bob"], MOMENT)
    assert (commit.formatted_title, commit.formatted_message) == ("<b>t</b>", None)
    assert attrs.evolve(commit, title="u").title == "u"


def test_an_access_request():
    request = AccessRequest(
        username="ann", fullname="Ann", email="ann@x.org", timestamp=MOMENT, status="pending", fields=None
    )
    assert (request.username, request.fullname, request.email) == ("ann", "Ann", "ann@x.org")
    assert AccessRequest("ann", "Ann", "ann@x.org", MOMENT, "pending") == request
    assert AccessRequest(status="accepted", timestamp=MOMENT).user is None


def test_a_runtime_and_a_scan():
    runtime = SpaceRuntime({"stage": "RUNNING", "hardware": {"current": "cpu-basic", "requested": "t4-small"}})
    assert (runtime.stage, runtime.hardware, runtime.requested_hardware) == ("RUNNING", "cpu-basic", "t4-small")
    assert BlobSecurityInfo(safe=True, status="safe", av_scan=None, pickle_import_scan=None).safe
    assert BlobSecurityInfo(True, "safe", None, None) == BlobSecurityInfo(status="safe")


def test_metadata_of_a_card():
    info = ModelInfo(id="o/m", card_data=ModelCardData(license="mit"))
    assert info.card == {"license": "mit"}
    assert info == ModelInfo(id="o/m", card_data={"license": "mit"})
    assert info.card_data == info.cardData == ModelCardData(license="mit")


def test_the_odd_metadata_of_a_card():
    results = {"license": "mit", "eval_results": [{"metric": "acc"}], "model-index": 7, "self": 1, "pop": [None]}
    info = ModelInfo(id="o/m", cardData=results)
    assert (info.card_data.license, info.card_data.eval_results, info.card_data["model-index"]) == ("mit", None, 7)
    assert (info.card_data["self"], info.card_data["pop"], info.card) == (1, [None], results)
    info.card_data = ModelCardData(license="apache-2.0")
    assert (info.card_data.license, info.to_dict()["cardData"]) == ("apache-2.0", {"license": "apache-2.0"})


def test_members_that_this_version_does_not_know():
    assert ModelInfo(id="o/m", brandNew={"a": MOMENT}).extra == {"brandNew": {"a": MOMENT_TEXT}}
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        LfsRef(name="main", nothing=1)


def test_a_paper():
    paper = PaperInfo(
        id="1",
        title="t",
        summary="s",
        publishedAt=MOMENT_TEXT,
        upvotes=1,
        discussionId="x",
        authors=[{"name": "A"}],
    )
    assert paper.authors == ["A"]
    assert SpaceRuntime(data={"stage": "RUNNING"}).stage == "RUNNING"


def test_an_account():
    account = WhoAmI(type="user", name="ann", isPro=True)
    assert account.is_pro
    assert dict(account) == {"type": "user", "name": "ann", "isPro": True}
    assert WhoAmI(type="user", name="ann", is_pro=True) == account
    assert copy.copy(account) == pickle.loads(pickle.dumps(account)) == account


def test_a_discussion():
    of = ("A title", "open", 3, "o/m", "model", "ann", True, MOMENT, "https://hub.test")
    discussion = Discussion(*of)
    assert (discussion.git_reference, discussion.url) == ("refs/pr/3", "https://hub.test/o/m/discussions/3")
    assert (discussion.wire.num, discussion.wire.repo.name, discussion.wire.author.name) == (3, "o/m", "ann")
    details = DiscussionWithDetails(*of, [], None, "refs/heads/main", None, None)
    assert (details.target_branch, details.wire.events) == ("refs/heads/main", [])
    assert attrs.evolve(details, title="Another").title == "Another"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cardData": {}}, "misses the argument 'id'"),
        ({}, "missing 1 required"),
    ],
)
def test_a_wrong_argument(arguments, message):
    with pytest.raises(TypeError, match=message):
        ModelInfo(**arguments)


JSON_ACCOUNT = {"name": "ann", "fullname": "Ann", "avatarUrl": "", "type": "user"}
JSON_COLLECTION = {
    "slug": "ann/list-1",
    "title": "List",
    "owner": JSON_ACCOUNT,
    "lastUpdated": MOMENT_TEXT,
    "position": 2,
    "private": False,
    "theme": "blue",
    "upvotes": 1,
    "brandNew": 7,
    "items": [{"_id": "i", "id": "o/m", "type": "model", "position": 0, "note": {"text": "n", "html": "n"}}],
}
JSON_ENDPOINT = {
    "name": "small",
    "type": "protected",
    "status": {"state": "running", "createdAt": MOMENT_TEXT, "updatedAt": MOMENT_TEXT, "url": "https://x.test"},
    "model": {"repository": "o/m", "framework": "pytorch", "revision": "c", "task": "fill-mask"},
}
JSON_DAILY_PAPER = {
    "paper": {"id": "1", "authors": [{"name": "A"}], "publishedAt": MOMENT_TEXT, "upvotes": 3, "discussionId": "d"},
    "publishedAt": "2024-02-01T00:00:00.000Z",
    "title": "T",
    "summary": "S",
    "numComments": 4,
    "thumbnail": "t",
    "submittedBy": JSON_ACCOUNT,
}


@pytest.mark.parametrize(
    ("made", "members"),
    [
        (
            CollectionItem("i", "o/m", "model", 0, {"text": "n"}),
            {"item_object_id": "i", "item_id": "o/m", "item_type": "model", "position": 0, "note": "n"},
        ),
        (
            WebhookInfo("1", "https://x.test", [WebhookWatchedItem("user", "ann")], ["repo"], None, True),
            {"id": "1", "url": "https://x.test", "domains": ["repo"], "secret": None, "disabled": True},
        ),
        (Collection(**JSON_COLLECTION), {"owner": "ann", "position": 2, "last_updated": MOMENT, "upvotes": 1}),
        (Collection(**JSON_COLLECTION), {"url": "https://huggingface.co/collections/ann/list-1"}),
        (Collection(**JSON_COLLECTION, endpoint="https://m.test"), {"url": "https://m.test/collections/ann/list-1"}),
        (Collection(**(JSON_COLLECTION | {"owner": "bob"})), {"owner": "bob", "extra": {"brandNew": 7}}),
        (
            SpaceVariable("K", {"value": "v", "description": "d", "updatedAt": MOMENT_TEXT}),
            {"key": "K", "value": "v", "description": "d", "updated_at": MOMENT},
        ),
        (SpaceVariable("K", {"value": "v"}), {"description": None, "updated_at": None}),
        (
            InferenceEndpoint("ann", JSON_ENDPOINT, "hf_x", HfApi()),
            {"name": "small", "namespace": "ann", "status": "running", "url": "https://x.test"},
        ),
        (InferenceEndpoint(namespace="ann", raw=JSON_ENDPOINT, _token=None, _api=HfApi()), {"task": "fill-mask"}),
        (PaperInfo(id="1"), {"id": "1", "title": None, "authors": [], "published_at": None}),
        (
            PaperInfo(**JSON_DAILY_PAPER),
            {"id": "1", "title": "T", "summary": "S", "authors": ["A"], "comments": 4, "published_at": MOMENT},
        ),
        (User(user="ann"), {"username": "ann", "fullname": "", "avatar_url": ""}),
        (Organization(name="lab"), {"name": "lab", "fullname": "", "avatar_url": ""}),
        (BlobSecurityInfo(False, "safe", None, None), {"safe": False, "status": "safe"}),
        (BlobSecurityInfo(False, "unsafe", {"virusFound": True}, None), {"safe": False, "extra": None}),
        (HfHubHTTPError("text", ANSWERED, server_message="why"), {"args": ("text",), "server_message": "why"}),
        (HfHubHTTPError("text", response=ANSWERED), {"response": ANSWERED, "request_id": "r-1"}),
        (RepositoryNotFoundError("text", ANSWERED), {"server_message": None, "request_id": "r-1"}),
        (LocalEntryNotFoundError("text"), {"args": ("text",)}),
        (CacheNotFound("text", cache_dir="c"), {"args": ("text",), "cache_dir": "c"}),
        (CacheNotFound("text", "c", 7), {"args": ("text", 7), "cache_dir": "c"}),
    ],
)
def test_what_tests_of_others_make(made, members):
    assert {name: getattr(made, name) for name in members} == members


def test_a_daily_paper_keeps_its_submitter():
    paper = PaperInfo(**JSON_DAILY_PAPER)
    assert (paper.submitted_by.username, paper.submitted_at.month, paper.extra) == ("ann", 2, {"thumbnail": "t"})


OF_EVENT = ("1", "comment", MOMENT, "ann")


@pytest.mark.parametrize("sent", [{}, {"id": "1", "data": {"latest": 7}}, None])
def test_an_event_without_what_the_hub_sent(sent):
    comment = DiscussionComment(*OF_EVENT, sent, "Hi", False, True)
    named = DiscussionComment(
        id="1", type="comment", created_at=MOMENT, author="ann", _event=sent, content="Hi", edited=False, hidden=True
    )
    assert comment == named == pickle.loads(pickle.dumps(comment)) == attrs.evolve(comment)
    assert (comment.content, comment.edited, comment.hidden, comment.rendered) == ("Hi", False, True, "Hi")
    assert (comment.last_edited_by, comment.last_edited_at, comment.number_of_edits) == ("ann", MOMENT, 0)


def test_an_event_with_what_the_hub_sent():
    latest = {"raw": "Hi", "html": "<p>Hi</p>", "updatedAt": MOMENT_TEXT, "author": JSON_ACCOUNT}
    sent = {"id": "1", "type": "comment", "data": {"edited": True, "hidden": False, "latest": latest, "numEdits": 3}}
    comment = DiscussionComment(*OF_EVENT, sent, "Hi", True, False)
    assert (comment.rendered, comment.number_of_edits, comment.wire.created_at) == ("<p>Hi</p>", 3, MOMENT)


def test_events_of_other_types():
    assert DiscussionStatusChange("1", "status-change", MOMENT, "ann", {}, "closed").wire.data.status == "closed"
    assert DiscussionCommit("1", "commit", MOMENT, "ann", {}, "s", "c" * 40).wire.data.oid == "c" * 40
    title = DiscussionTitleChange("1", "title-change", MOMENT, "deleted", {}, "a", "b")
    assert (title.wire.data.from_, title.wire.data.to, title.wire.author) == ("a", "b", None)
    assert DiscussionEvent("1", "brand-new", MOMENT, "ann", {"x": 1}).wire["x"] == 1


@pytest.mark.parametrize(
    ("of", "names"),
    [
        (DiscussionEvent, "id type created_at author _event"),
        (DiscussionComment, "id type created_at author _event content edited hidden"),
        (BlobSecurityInfo, "safe status av_scan pickle_import_scan"),
        (CollectionItem, "_id id type position note"),
        (WebhookInfo, "id url watched domains secret disabled"),
        (SpaceVariable, "key values"),
        (AccessRequest, "username fullname email timestamp status fields"),
    ],
)
def test_too_many_arguments_or_one_twice(of, names):
    arguments = [None] * len(names.split())
    with pytest.raises(TypeError, match="positional arguments"):
        of(*arguments, None)
    with pytest.raises(TypeError, match="multiple values"):
        of(*arguments, **{names.split()[0]: None})
