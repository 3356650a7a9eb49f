"""Inference Endpoints of the embedded Hub."""
