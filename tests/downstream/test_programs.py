"""The programs of tests/typing/programs, which type checkers read against the wheel, run against the embedded Hub."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import struct
import sys
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from hub_typed import AsyncHfApi, HfApi, operations


@pytest.fixture
def load(repository, monkeypatch):
    """Imports a program by its name."""

    def imported(name):
        path = repository / "tests" / "typing" / "programs" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"downstream_{name}", path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)  # dataclasses look for it there
        spec.loader.exec_module(module)
        return module

    return imported


def safetensors(**tensors):
    """A file with these tensors of zeros in F32, by their lengths."""
    header, end = {}, 0
    for name, length in tensors.items():
        header[name] = {"dtype": "F32", "shape": [length], "data_offsets": [end, end + 4 * length]}
        end += 4 * length
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def test_a_checkpoint_saver_saves_in_the_background_and_restores(load, hub_api, local_hub, tmp_path):
    program = load("checkpoint_saver")
    repo = f"{local_hub.user}/run"
    saver = program.CheckpointSaver(hub_api, repo, tmp_path)
    saver.prepare()
    for step, loss in ((1, 0.5), (2, 0.25)):
        saver.save(step, loss, bytes(100))
    assert saver.finish() == "best-2"
    assert saver.restore("best-2", [1, 2]) == [0.5, 0.25]
    with pytest.raises(SystemExit, match="best-9: 404"):
        saver.restore("best-9", [1])


def test_a_mirror_copies_models_and_datasets_of_an_owner(load, hub_api, hub_repo, tmp_path):
    program = load("mirror")
    model = hub_repo({"config.json": "{}", "notes.txt": "left out"})
    hub_repo({"README.md": "rows"}, repo_type="dataset")
    copied = program.Mirror(hub_api, "local-user", tmp_path).run()
    assert [one.repo_type for one in copied] == ["model", "dataset"]
    assert (tmp_path / "models" / model.repo_id / "config.json").read_text() == "{}"
    assert not (tmp_path / "models" / model.repo_id / "notes.txt").exists()
    assert all(program.is_current(hub_api, one) for one in copied)
    hub_api.delete_repo(model.repo_id)
    assert not program.is_current(hub_api, copied[0])


def test_a_backup_in_a_bucket_is_planned_executed_and_restored(load, xet_hub, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))
    program = load("bucket_backup")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.tmp"):
        (folder / name).write_text(name)
    with HfApi() as api:
        backup = program.Backup(api, f"{xet_hub.user}/backup", most_deletions=1)
        assert backup.size() is None
        assert backup.prepare().bucket_id == backup.bucket_id
        assert backup.run(folder, tmp_path / "plan").summary()["uploads"] == 2
        assert backup.mark("done") == []
        assert backup.sizes() == {"files/a.txt": 5, "files/b.txt": 5, "marker": 4}
        assert backup.size() == 14
        assert backup.restore(tmp_path / "restored") == 10
        for name in ("a.txt", "b.txt"):
            (folder / name).unlink()
        with pytest.raises(program.TooManyDeletionsError, match=r"b[.]txt"):
            backup.run(folder, tmp_path / "plan")


def test_an_access_bot_accepts_one_domain_and_rejects_others(load, hub_api, hub_repo, hub_users):
    program = load("access_bot")
    repo = hub_repo(gated="manual")
    with HfApi(token=hub_users.outsider.token) as asking:
        asking.call(operations.access.ask_access(repo.repo_id, members={}))
    report = program.answer_requests(hub_api, repo.repo_id, program.works_at("example.test"), "Not a member")
    assert report.accepted + report.rejected == [hub_users.outsider.name]
    assert not report.failed
    assert program.waited(report, datetime.now(UTC)) < timedelta(minutes=1)
    assert program.admit(hub_api, repo.repo_id, [hub_users.reader.name]) >= {hub_users.reader.name}


def test_a_webhook_receiver_runs_jobs_and_answers(load, hub_api, hub_repo, local_hub):
    program = load("webhook_receiver")
    repo = hub_repo()
    seen = []
    receiver = program.Receiver(hub_api, "secret", lambda repo, commit: seen.append((repo.name, commit)))
    hub_api.create_webhook(
        url="http://127.0.0.1:9/", watched=[{"type": "model", "name": repo.repo_id}], domains=["repo", "discussion"]
    )
    info = hub_api.upload_file(path_or_fileobj=b"1", path_in_repo="a", repo_id=repo.repo_id)
    discussion = hub_api.create_discussion(repo.repo_id, "A question", description="Why?")
    headers = {"X-Webhook-Secret": "secret"}
    bodies = [json.dumps(one.payload).encode() for one in local_hub.hub.webhooks.deliveries]
    assert {receiver(headers, body) for body in bodies} == {HTTPStatus.OK}
    assert receiver({}, bodies[0]) == HTTPStatus.FORBIDDEN
    assert receiver(headers, b"{}") == HTTPStatus.BAD_REQUEST
    assert (seen, receiver.answered) == ([(repo.repo_id, info.oid)], [discussion.num])
    details = hub_api.get_discussion_details(repo.repo_id, discussion.num)
    assert details.events[-1].content == "> Why?\n\nThank you."


def test_a_publisher_commits_on_main_and_opens_pull_requests_elsewhere(load, hub_api, hub_repo, local_hub, tmp_path):
    program = load("ci_publisher")
    repo = hub_repo({"old.safetensors": b"old"})
    (tmp_path / "model.safetensors").write_bytes(b"new")
    published = program.publish(hub_api, repo.repo_id, program.Build("1.0", "main", tmp_path))
    assert published.pull_request is None
    assert set(hub_api.list_repo_files(repo.repo_id)) == {".gitattributes", "README.md", "model.safetensors"}
    assert [tag.name for tag in hub_api.list_repo_refs(repo.repo_id).tags] == ["v1.0"]
    assert program.publish(hub_api, repo.repo_id, program.Build("1.1", "next", tmp_path)).pull_request == 1
    with HfApi(token=local_hub.read_token) as reading, pytest.raises(SystemExit, match="403: "):
        program.publish(reading, repo.repo_id, program.Build("1.1", "main", tmp_path))


def test_a_janitor_deletes_until_the_cache_fits(load, hub_api, hub_repo, tmp_path):
    program = load("cache_janitor")
    repo, kept = hub_repo({"a.bin": bytes(3000)}), hub_repo({"b.bin": bytes(1000)})
    hub_api.snapshot_download(repo.repo_id, cache_dir=tmp_path)
    hub_api.snapshot_download(kept.repo_id, cache_dir=tmp_path)
    assert program.clean(tmp_path, 10_000_000) == 0
    assert program.clean(tmp_path, 0, keep=frozenset({kept.repo_id})) >= 3000
    assert [one.repo_id for one in program.scan_cache_dir(tmp_path).repos] == [kept.repo_id]
    assert program.clean(tmp_path / "none", 0) == 0


def test_a_crawler_reads_all_public_models_of_an_author(load, hub_repo):
    program = load("async_crawler")
    repo = hub_repo({"README.md": "---\nlicense: mit\n---\n", "a.bin": bytes(100)})
    hub_repo({"b": "2"}, private=True)

    async def run():
        async with AsyncHfApi() as api:
            return await program.crawl(api, "local-user")

    found = asyncio.run(run())
    assert [row.repo_id for row in found.rows] == [repo.repo_id]
    assert found.licences() == {"mit": 1}
    assert found.rows[0].size > 100
    assert not found.errors


def test_a_bot_greets_closes_and_merges(load, hub_api, hub_repo, local_hub):
    program = load("discussion_bot")
    repo = hub_repo().repo_id
    asked = hub_api.create_discussion(repo, "A question", description="Why?")
    changed = hub_api.upload_file(path_or_fileobj=b"1", path_in_repo="a", repo_id=repo, create_pr=True)
    hub_api.comment_discussion(repo, changed.pr_num, "/merge")
    bot = program.Bot(hub_api, repo, "bot", frozenset({local_hub.user}))
    done = bot.run()
    assert (done.welcomed, done.merged, done.refused) == ([asked.num], [changed.pr_num], {})
    assert hub_api.file_exists(repo, "a")
    assert bot.run() == program.Done()


def test_an_operator_brings_a_space_into_the_wanted_state(load, hub_api, local_hub):
    program = load("space_operator")
    operator = program.Operator(hub_api)
    wanted = program.Wanted("gradio", "t4-small", variables={"A": "1"}, secrets={"KEY": "hidden"})
    space = f"{local_hub.user}/app"
    runtime = operator.ensure(space, wanted)
    assert "t4-small" in (runtime.hardware, runtime.requested_hardware)
    assert {key: one.value for key, one in hub_api.get_space_variables(space).items()} == {"A": "1"}
    assert set(hub_api.get_space_secrets(space)) == {"KEY"}
    operator.ensure(space, program.Wanted("gradio", "t4-small"))
    assert hub_api.get_space_variables(space) == {}
    assert "hidden" not in repr(wanted)
    assert set(operator.pause_all(local_hub.user)) <= {space}


def test_a_curator_keeps_a_collection_up_to_date(load, hub_api, hub_repo, local_hub):
    program = load("curator")
    card = "---\ntags: [chosen]\n---\n"
    first, second = hub_repo({"README.md": card}).repo_id, hub_repo({"README.md": card}).repo_id
    curator = program.Curator(hub_api, local_hub.user)
    rules = program.Rules("Chosen", "chosen")
    assert {item.item_id for item in curator.update(rules).items} == {first, second}
    changed = curator.update(program.Rules("Chosen", "chosen", excluded=frozenset({first})))
    assert [(item.item_id, item.note) for item in changed.items] == [(second, "model, 0 downloads")]


def test_an_inspector_reports_the_tensors_of_a_model(load, hub_api, hub_repo):
    program = load("safetensors_inspector")
    repo = hub_repo({"model.safetensors": safetensors(weight=6, bias=2)})
    assert program.report(hub_api, repo.repo_id) == "F32: 8\nweight F32 (6,)\nbias F32 (2,)"
    assert all(one.is_consistent for one in program.tensors(hub_api.get_safetensors_metadata(repo.repo_id)))
    assert program.report(hub_api, hub_repo().repo_id).endswith("has no safetensors")
    assert "is invalid" in program.report(hub_api, hub_repo({"model.safetensors": b"short"}).repo_id)


def test_a_double_stands_in_for_the_client(load, hub_api, hub_repo, tmp_path):
    program = load("protocol_double")
    repo = hub_repo().repo_id
    assert [program.bump_for_real(hub_api, repo) for _ in range(2)] == [1, 2]
    (tmp_path / "VERSION").write_text("7")
    assert program.bump_with_double({"VERSION": str(tmp_path / "VERSION")}) == (8, [b"8"])
    assert program.bump_with_double({}) == (1, [b"1"])


def test_a_client_of_a_team_audits_uploads_and_keeps_releases(load, local_hub, tmp_path):
    program = load("client_subclass")
    (tmp_path / "a.bin").write_bytes(b"1")
    with program.TeamApi(local_hub.user, endpoint=local_hub.endpoint, token=local_hub.token) as api:
        url = api.create_private("model")
        info = api.publish("model", tmp_path)
        assert api.audit == [(url.repo_id, info.oid)]
        assert api.team_models()[url.repo_id].private
        api.create_tag(url.repo_id, tag="v1")
        api.create_tag(url.repo_id, tag="trial")
        api.delete_tag(url.repo_id, tag="trial")
        with pytest.raises(PermissionError, match="v1 is a release"):
            api.delete_tag(url.repo_id, tag="v1")


def test_a_sweep_runs_follows_and_stops_jobs(load, hub_api, local_hub, hub_repo):
    program = load("job_sweep")
    sweep = program.Sweep(hub_api, hub_repo({"rows.csv": "1"}, repo_type="dataset").repo_id, "rates")
    assert sweep.cheapest("16 GB") == "cpu-basic"
    local_hub.jobs.simulate(logs=["begun", "loss=0.5"])
    local_hub.jobs.simulate(command="*0.9", exit_code=1)
    [trial] = sweep.finish(sweep.start([0.1, 0.9]), 10)
    assert (trial.rate, trial.loss) == (0.1, 0.5)
    assert trial.url.startswith(f"{local_hub.endpoint}/jobs/{local_hub.user}/")
    local_hub.jobs.simulate(held=True)
    held = sweep.start([0.2])
    with pytest.raises(TimeoutError, match="is still RUNNING"):
        sweep.finish(held, 0)
    assert sweep.stop() == []
    assert sweep.nightly(0.1).schedule == "@weekly"
    assert sweep.nightly(0.1).schedule == "@daily"

    async def watched():
        async with AsyncHfApi(local_hub.endpoint, local_hub.token) as api:
            return await program.watch(api, list(held))

    assert asyncio.run(watched()) == dict.fromkeys(held, "")
    assert list(program.peaks(hub_api, hub_api.inspect_job(job_id=next(iter(held))))) == []
