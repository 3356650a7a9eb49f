"""Suspension of Xet storage: after two transfers in a row that failed, for five minutes."""

from __future__ import annotations

from hub_typed.xet.suspension import MAX_FAILURES, SECONDS, Suspension


def test_xet_storage_is_suspended_after_failures_in_a_row_and_then_tried_again():
    suspension = Suspension()
    for _ in range(MAX_FAILURES):
        assert not suspension.is_active(1000)
        suspension.record_failure(1000)
    assert suspension.is_active(1000)
    assert suspension.is_active(999 + SECONDS)
    assert not suspension.is_active(1000 + SECONDS)


def test_a_success_in_between_counts():
    suspension = Suspension()
    for _ in range(2 * MAX_FAILURES):
        suspension.record_failure(1000)
        suspension.record_success()
    assert not suspension.is_active(1000)


def test_a_failure_after_a_suspension_begins_another_one():
    suspension = Suspension()
    for _ in range(MAX_FAILURES):
        suspension.record_failure(1000)
    suspension.record_failure(2000)
    assert suspension.is_active(2000)


def test_a_hub_without_xet_storage_is_not_asked_again():
    suspension = Suspension()
    suspension.record_absence()
    suspension.record_failure(1000)
    assert suspension.is_active(1e12)
