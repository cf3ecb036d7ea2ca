// The program of a fleet: what its file says, and nothing else.
const { VgpuFleet } = require("pulumi-nvidia-vgpu");

new VgpuFleet("fleet", { file: "fleet.yaml" });
