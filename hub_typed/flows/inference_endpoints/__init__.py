"""Inference Endpoints: dedicated deployments of models, managed by a service of their own."""
