// Runs with the Node and the SDK under test: prints as JSON what a program with one of each resource registers.
const pulumi = require("@pulumi/pulumi");

const registered = [];
const mocks = {
  newResource: ({ type, name, inputs }) => {
    registered.push({ type, name, inputs });
    return { id: `${name}-id`, state: { ...inputs, appliedAt: "1", pending: [] } };
  },
  call: () => ({}),
};

async function main() {
  await pulumi.runtime.setMocks(mocks, "acme", "prod", false);
  const { MdevVgpu, SriovEnablement, VgpuLayout, VgpuManagerInstall } = require("pulumi-nvidia-vgpu");
  const connection = { host: "gpu01.example", password: "hunter2" };
  const driver = new VgpuManagerInstall("driver", { connection, version: "550.163.02" });
  const functions = new SriovEnablement("functions", { on: driver, gpus: "all" });
  const layout = new VgpuLayout("layout", { on: functions, gpu: "41:00.0", vgpus: { "A40-8Q": 2 } });
  const vgpu = new MdevVgpu("vgpu", { on: functions, gpu: "41:00.0", type: "A40-8Q" });
  for (const { urn } of [layout, vgpu]) await new Promise((known) => urn.apply(known));
  const { version } = require("@pulumi/pulumi/package.json");
  console.log(JSON.stringify({ node: process.versions.node, version, registered }));
}

main();
