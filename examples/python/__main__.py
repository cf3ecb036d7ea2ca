import pulumi
import pulumi_nvidia_vgpu as vgpu

driver = vgpu.VgpuManagerInstall(
    "driver",
    connection={"host": "gpu01.example", "user": "ops"},
    package="./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run",
    reboot="whenIdle",
)
functions = vgpu.SriovEnablement("functions", on=driver.host, gpus="all")
layout = vgpu.VgpuLayout("layout", on=functions.host, gpu={"model": "A40"}, vgpus={"A40-12Q": 4})
pulumi.export("vgpus", layout.instances)
