"""Hardware that Inference Endpoints of the embedded Hub can run on."""

from __future__ import annotations

from typing import Final

from hub_typed_api import models

__all__ = ["HARDWARE", "all_hardware"]

HARDWARE: Final = (
    ("aws", "us-east-1", "cpu", "intel-icl", "x1", 1, 2.0, 0.032),
    ("aws", "us-east-1", "cpu", "intel-icl", "x2", 2, 4.0, 0.064),
    ("aws", "us-east-1", "gpu", "nvidia-t4", "x1", 3, 14.0, 0.5),
    ("aws", "us-east-1", "gpu", "nvidia-a10g", "x1", 6, 30.0, 1.0),
    ("gcp", "us-east4", "gpu", "nvidia-l4", "x1", 7, 30.0, 0.7),
)
"""Vendor, region, accelerator, instance type, size, number of CPUs, memory in GB, dollars per hour."""
_MAX_ACCELERATORS: Final = 8


def all_hardware() -> models.InferenceHardware:
    """Return the hardware by vendor and region, as in responses."""
    vendors: dict[str, dict[str, list[models.InferenceCompute]]] = {}
    for vendor, region, accelerator, kind, size, cpus, memory, price in HARDWARE:
        vendors.setdefault(vendor, {}).setdefault(region, []).append(
            models.InferenceCompute(
                id=f"{vendor}-{region}-{kind}-{size}",
                accelerator=accelerator,
                instance_type=kind,
                instance_size=size,
                num_accelerators=0 if accelerator == "cpu" else 1,
                num_cpus=cpus,
                memory_gb=memory,
                price_per_hour=price,
                status="available",
                architecture=f"{kind} {size}",
                quota=models.InferenceQuota(max_accelerators=_MAX_ACCELERATORS, used_accelerators=0),
            )
        )
    return models.InferenceHardware(
        vendors=[
            models.InferenceVendor(
                name=vendor,
                regions=[models.InferenceRegion(name=region, computes=found) for region, found in regions.items()],
            )
            for vendor, regions in vendors.items()
        ]
    )
