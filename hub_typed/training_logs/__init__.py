"""Logs of trainings for TensorBoard, which are committed to a repository."""
