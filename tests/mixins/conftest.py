"""Tests of what PyTorch is needed for."""

from tests.fake_torch import fake_torch

__all__ = ["fake_torch"]
