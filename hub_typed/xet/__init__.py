"""Transfers with Xet storage through the optional package `hf_xet`, which only this package imports."""
