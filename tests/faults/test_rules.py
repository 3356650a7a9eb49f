"""Rules: which requests have a fault, and which arguments make no sense."""

from __future__ import annotations

import math

import pytest

from hub_typed.local.faults import Drip, Faults, RateLimited, Reset, Stall, Status, Truncated, WrongBytes

OPERATIONS = {"GET /a": "files.resolve_file", "PUT /s": "storage.upload", "POST /c": "commits.create_commit"}


@pytest.fixture
def faults():
    return Faults(lambda method, path: OPERATIONS.get(f"{method} {path}", ""), OPERATIONS.values)


def test_a_hub_without_rules_has_no_faults(faults):
    assert faults.choose("GET", "/a") is None
    assert faults.rules == []


@pytest.mark.parametrize(
    ("conditions", "matches"),
    [
        ({}, {"GET /a", "PUT /s", "POST /c", "GET /nowhere"}),
        ({"operation": "storage.*"}, {"PUT /s"}),
        ({"operation": "*.create_commit"}, {"POST /c"}),
        ({"path": "/[as]"}, {"GET /a", "PUT /s"}),
        ({"method": "get"}, {"GET /a", "GET /nowhere"}),
        ({"method": "P*", "path": "/s"}, {"PUT /s"}),
        ({"path": "/A"}, set()),
    ],
)
def test_operation_path_and_method_all_must_match(faults, conditions, matches):
    rule = faults.add(Status(500), **conditions)
    found = {one for one in [*OPERATIONS, "GET /nowhere"] if faults.choose(*one.split())}
    assert found == matches
    assert rule.count == rule.matched == len(matches)


def test_some_requests_are_spared_and_some_have_the_fault(faults):
    rule = faults.add(Reset(), path="/a", skip=2, times=3)
    found = [faults.choose("GET", "/a") is not None for _ in range(8)]
    assert found == [False, False, True, True, True, False, False, False]
    assert (rule.count, rule.matched) == (3, 8)


def test_a_request_has_the_fault_of_the_first_rule_that_applies(faults):
    first = faults.add(Status(500), times=1)
    second = faults.add(Status(503), times=1)
    assert [faults.choose("GET", "/a") for _ in range(3)] == [Status(500), Status(503), None]
    assert (first.matched, second.matched) == (3, 2)


def test_chance_is_the_same_for_the_same_seed(faults):
    def course(seed):
        faults.clear()
        faults.add(Status(500), probability=0.5, seed=seed)
        return [faults.choose("GET", "/a") is not None for _ in range(200)]

    assert course(1) == course(1)
    assert course(1) != course(2)
    assert 60 < sum(course(3)) < 140


def test_rules_can_be_removed(faults):
    first, second = faults.add(Status(500)), faults.add(Status(503))
    faults.remove(first)
    faults.remove(first)
    assert faults.rules == [second]
    assert faults.choose("GET", "/a") == Status(503)
    faults.clear()
    assert faults.choose("GET", "/a") is None


def test_an_operation_that_does_not_exist_is_refused_with_those_alike(local_hub):
    with pytest.raises(ValueError, match=r"'commit\.create_commit'; did you mean commits\.create_commit"):
        local_hub.faults.add(Status(500), operation="commit.create_commit")
    with pytest.raises(ValueError, match="No operation of this Hub matches 'qqqq'"):
        local_hub.faults.add(Status(500), operation="qqqq")
    assert local_hub.faults.rules == []


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"method": "PSOT"}, r"No method of this Hub matches 'PSOT'; did you mean POST"),
        ({"path": "owner/name/resolve/*"}, r"No path matches 'owner/name/resolve/\*': paths begin with a slash"),
        ({"operation": "control.*"}, r"No operation of this Hub matches 'control\.\*'"),
    ],
)
def test_a_rule_that_can_never_match_is_refused(local_hub, condition, message):
    with pytest.raises(ValueError, match=message):
        local_hub.faults.add(Status(500), **condition)
    assert local_hub.faults.rules == []


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Status, {"status": 200}, r"Status\.status must be a whole number from 300 to 599, not 200"),
        (Status, {"status": "503"}, r"Status\.status must be a whole number from 300 to 599, not '503'"),
        (Status, {"status": True}, r"Status\.status must be a whole number"),
        (Status, {"status": 503, "headers": {"a\r\nb": "c"}}, r"Status\.headers must be an object of texts"),
        (Status, {"status": 503, "headers": []}, r"Status\.headers must be"),
        (Status, {"status": 503, "applied": "yes"}, r"Status\.applied must be true or false"),
        (RateLimited, {"seconds": -1}, r"RateLimited\.seconds must be a whole number from 0 up"),
        (RateLimited, {"seconds": 1, "form": "date"}, r"RateLimited\.form must be one of 'ratelimit', 'retry-after', "),
        (Reset, {"after": 1.5}, r"Reset\.after must be a whole number from 0 up, not 1\.5"),
        (Reset, {"of": "answer"}, r"Reset\.of must be one of 'request', 'response', not 'answer'"),
        (Truncated, {"at": -1}, r"Truncated\.at must be"),
        (Stall, {"seconds": math.nan}, r"Stall\.seconds must be a number from 0 up, not nan"),
        (Stall, {"seconds": math.inf}, r"Stall\.seconds must be a number from 0 up, not inf"),
        (Drip, {"bytes_per_second": 0}, r"Drip\.bytes_per_second must be a number greater than 0"),
        (WrongBytes, {"count": 0}, r"WrongBytes\.count must be a whole number from 1 up"),
    ],
)
def test_members_that_make_no_sense_are_refused(kind, given, message):
    with pytest.raises(ValueError, match=message):
        kind(**given)


@pytest.mark.parametrize(
    "conditions",
    [
        {"skip": -1},
        {"times": 1.0},
        {"times": 0},
        {"probability": 0},
        {"probability": 1.1},
        {"probability": "1"},
        {"seed": None},
        {"path": None},
        {"operation": 5},
        {"method": b"GET"},
    ],
)
def test_conditions_that_make_no_sense_are_refused(faults, conditions):
    (name,) = conditions
    with pytest.raises(ValueError, match=rf"Rule\.{name} must be"):
        faults.add(Status(500), **conditions)
