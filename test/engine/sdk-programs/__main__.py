"""A program with the generated SDK: arguments as classes and as dictionaries, and an output of each resource as `on` of the next."""

import json

import pulumi
import pulumi_nvidia_vgpu as vgpu

with open("declared.json", encoding="utf-8") as file:
    declared = json.load(file)

driver = vgpu.VgpuManagerInstall(
    "driver",
    connection=vgpu.ConnectionArgs(**declared["connection"]),
    version=declared["version"],
    prerequisites="require",
)
functions = vgpu.SriovEnablement("functions", on=driver.host, gpus=[declared["gpu"]])
layout = vgpu.VgpuLayout(
    "layout", on=functions.host, gpu={"address": declared["gpu"]}, vgpus=declared["vgpus"]
)
pulumi.export("uuids", layout.instances.apply(lambda all: sorted(one.uuid for one in all.values())))
