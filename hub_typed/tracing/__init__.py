"""Traces of requests with OpenTelemetry."""

from __future__ import annotations

from hub_typed.tracing.spans import tracing_hooks

__all__ = ["tracing_hooks"]
