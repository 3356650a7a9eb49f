"""What some models can do beyond holding members."""

from __future__ import annotations

import pickle

import pytest

from hub_typed_api.codec.commits import structure_git_commit_info
from hub_typed_api.codec.papers import structure_paper_info
from hub_typed_api.codec.spaces import structure_space_runtime
from hub_typed_api.codec.tree import structure_blob_security_info
from hub_typed_api.codec.users import structure_who_am_i, unstructure_who_am_i
from hub_typed_api.models import JobInfo, JobInput

COMMIT = {"id": "c0ffee", "title": "T", "message": "", "date": "2024-02-29T12:00:00.000Z"}
WHO = {
    "type": "user",
    "name": "ann",
    "email": None,
    "avatarUrl": "/a.png",
    "auth": {"type": "access_token", "accessToken": {"displayName": "laptop", "role": "write"}},
    "orgs": [{"name": "team", "roleInOrg": "read"}],
    "isNew": True,
}


def test_a_commit_tells_its_authors_by_name():
    commit = structure_git_commit_info({**COMMIT, "authors": [{"user": "ann"}, {"user": "bob", "avatar": "/b.png"}]})
    assert commit.authors == ["ann", "bob"]


def test_a_commit_has_html_only_where_it_was_asked_for():
    plain = structure_git_commit_info({**COMMIT, "authors": []})
    assert (plain.formatted_title, plain.formatted_message) == (None, None)
    formatted = structure_git_commit_info({**COMMIT, "authors": [], "formatted": {"title": "<b>T</b>"}})
    assert (formatted.formatted_title, formatted.formatted_message) == ("<b>T</b>", None)


def test_a_runtime_tells_its_hardware():
    sent = {"stage": "RUNNING", "hardware": {"current": None, "requested": "t4-small", "next": "a10g"}, "gcTimeout": 60}
    runtime = structure_space_runtime({**sent, "replicas": None, "newest": [1]})
    assert (runtime.hardware, runtime.requested_hardware) == (None, "t4-small")
    assert runtime.raw == {**sent, "hardware": {"requested": "t4-small", "next": "a10g"}, "newest": [1]}


def test_a_job_tells_its_url_and_ports():
    sent = {"id": "1", "owner": {"id": "2", "name": "ann", "type": "user"}, "status": {"stage": "RUNNING"}}
    job = JobInfo(**sent)
    assert (job.url, job.expose, job.expose_public) == ("https://huggingface.co/jobs/ann/1", None, None)
    job = JobInfo(**sent, expose={"ports": [1, 2], "portsPublic": [2]}, endpoint="https://hub.test")
    assert (job.url, job.expose, job.expose_public) == ("https://hub.test/jobs/ann/1", [1, 2], [2])
    for copy in (pickle.loads(pickle.dumps(job)), JobInfo(**vars(job)), JobInfo(**job.to_dict())):
        assert (copy, copy.url) == (job, job.url)


def test_secrets_of_a_job_are_not_shown():
    assert "hush" not in repr(JobInput(flavor="cpu-basic", secrets={"KEY": "hush"}))


def test_a_paper_names_its_authors():
    authors = [{"_id": f"{number}", "name": name, "hidden": False} for number, name in enumerate(("Ann", "Bob"))]
    sent = {"id": "2402.17764", "title": "T", "summary": "", "upvotes": 1, "discussionId": "6", "authors": authors}
    paper = structure_paper_info({**sent, "publishedAt": "2024-02-27T18:56:19.000Z"})
    assert paper.authors == ["Ann", "Bob"]
    assert [author.internal_id for author in paper.author_infos] == ["0", "1"]


def test_a_runtime_without_hardware():
    runtime = structure_space_runtime({"stage": "STOPPED"})
    assert (runtime.hardware, runtime.requested_hardware) == (None, None)


@pytest.mark.parametrize(("status", "safe"), [("safe", True), ("queued", False), ("unsafe", False), ("new", False)])
def test_a_file_is_safe_when_all_scans_say_so(status, safe):
    assert structure_blob_security_info({"status": status}).safe is safe


def test_some_models_read_like_the_object_they_were_made_from():
    who = structure_who_am_i(WHO)
    assert dict(who) == WHO
    assert who["avatarUrl"] == who.avatar_url == "/a.png"
    assert who["auth"]["accessToken"]["role"] == "write"
    assert who["orgs"][0].get("roleInOrg") == "read"
    assert who["isNew"] is True
    assert {name: value for name, value in who.items() if value is not None} == unstructure_who_am_i(who)
    (team,) = who.orgs or []
    assert list(team) == team.keys() == ["name", "roleInOrg"]
    assert team["role_in_org"] == team["roleInOrg"] == "read"


def test_records_read_like_dictionaries():
    file = structure_blob_security_info({"status": "safe", "avScan": {"a": 1}, "new": 2})
    assert list(file) == list(file.keys()) == ["safe", "status", "av_scan"]
    assert dict(file) == {"safe": True, "status": "safe", "av_scan": {"a": 1}}
    assert file["av_scan"] == file["avScan"] == {"a": 1}
    assert file["new"] == 2
    assert file.get("jFrogScan") is None


def test_what_is_null_or_not_there_counts_as_absent():
    (team,) = structure_who_am_i(WHO).orgs or []
    for name in ("email", "fullname", "avatar_url", "nothing"):
        assert name not in team
        assert team.get(name) is None
        assert team.get(name, 1) == 1
        with pytest.raises(KeyError, match=name):
            team[name]
