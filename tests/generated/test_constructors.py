"""Constructors take what those of huggingface_hub take: positional arguments, JSON names and JSON values."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import attrs
import pytest

from hub_typed import (
    AccessRequest,
    Discussion,
    DiscussionWithDetails,
    GitCommitInfo,
    GitRefInfo,
    GitRefs,
    HFCacheInfo,
    ModelCardData,
    ModelInfo,
    RepoFile,
    RepoFolder,
    UserLikes,
)
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
