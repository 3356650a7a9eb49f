"""Hardware of Inference Endpoints."""

from __future__ import annotations

from typing import Self

import attrs

from hub_typed_api.fields import Fields
from hub_typed_api.models import InferenceCompute

__all__ = ["InferenceEndpointHardware"]


@attrs.frozen(kw_only=True)
class InferenceEndpointHardware(Fields):
    """Hardware that an Inference Endpoint can run on; `create_inference_endpoint` takes its attributes.

    Attributes:
        id: Its id.
        vendor: Cloud vendor, for example ``aws``.
        region: Region of the vendor, for example ``us-east-1``.
        accelerator: ``cpu``, ``gpu`` or ``neuron``.
        instance_type: Type of the instance, for example ``nvidia-l4``.
        instance_size: Size of the instance, for example ``x1``.
        architecture: Description of the CPU or accelerator.
        num_accelerators: Number of accelerators of a replica.
        num_cpus: Number of CPUs of a replica.
        memory_gb: Memory of a replica in GB.
        gpu_memory_gb: Memory of all its accelerators in GB.
        price_per_hour: Dollars for each replica and hour.
        status: Availability, for example ``available`` or ``not_available``.
        max_accelerators: Number of such accelerators that the account may use; ``None`` if the service did not say.
        used_accelerators: Number of such accelerators that the account uses; ``None`` if the service did not say.
    """

    id: str
    vendor: str
    region: str
    accelerator: str
    instance_type: str
    instance_size: str
    architecture: str | None = None
    num_accelerators: int | None = None
    num_cpus: int | None = None
    memory_gb: float | None = None
    gpu_memory_gb: float | None = None
    price_per_hour: float
    status: str
    max_accelerators: int | None = None
    used_accelerators: int | None = None

    @classmethod
    def of(cls, compute: InferenceCompute, vendor: str, region: str) -> Self:
        """Return the hardware of a region."""
        return cls(
            id=compute.id,
            vendor=vendor,
            region=region,
            accelerator=compute.accelerator,
            instance_type=compute.instance_type,
            instance_size=compute.instance_size,
            architecture=compute.architecture,
            num_accelerators=compute.num_accelerators,
            num_cpus=compute.num_cpus,
            memory_gb=compute.memory_gb,
            gpu_memory_gb=compute.gpu_memory_gb,
            price_per_hour=compute.price_per_hour,
            status=compute.status,
            max_accelerators=None if compute.quota is None else compute.quota.max_accelerators,
            used_accelerators=None if compute.quota is None else compute.quota.used_accelerators,
        )
