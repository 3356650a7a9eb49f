"""Lets torchvision of PyPI, built for CUDA, be imported beside a torch for CPUs: it describes these operators."""

import torch

for name in ("nms", "qnms"):
    torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
