"""Weights of models in files: shards, and checkpoints of PyTorch. torch and safetensors are imported when used."""
