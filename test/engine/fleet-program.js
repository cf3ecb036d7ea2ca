// The program of a fleet: only what its file declares.
const { VgpuFleet } = require("pulumi-nvidia-vgpu");

new VgpuFleet("fleet", { file: "fleet.yaml" });
