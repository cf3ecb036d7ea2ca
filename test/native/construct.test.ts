import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unknownValue } from "../../provider/lifecycle/parse";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { shortName } from "../../provider/model/vgpu-type";
import { away, factsOf, owner } from "../lifecycle/fake-host";
import { Monitor } from "./monitor";
import type { Json } from "./plugin";
import { Plugin, secret } from "./plugin";

const captured = factsOf("debian-12-a40-mdev");
/** A host that has all that is declared. */
const ready: HostFacts = {
  ...captured,
  records: captured.vgpus.map(({ uuid, function: at, type }) => ({
    uuid: uuid!,
    function: at,
    typeId: type.id,
    owner,
  })),
};
const named = Object.fromEntries(
  captured.vgpus.map(({ uuid, type, parameters }, i) => [
    `vgpu-${i}`,
    { type: shortName(type.name!), uuid, ...(parameters && { parameters }) },
  ]),
);
const host = {
  connection: { host: "gpu01.example", user: "ops", password: secret("hunter2") },
  driver: { version: captured.driver.loaded! },
  gpus: { a: { gpu: { address: "0000:41:00.0" }, named } },
};
const provider = "urn:pulumi:prod::acme::pulumi:providers:nvidia-vgpu::lab::11111111-1111-4111-8111-111111111111";

let plugin: Plugin;
let monitor: Monitor;

async function begin(facts: HostFacts, isPreview: boolean): Promise<void> {
  plugin = await new Plugin(structuredClone(facts)).start();
  await plugin.call("handshake", new messages.ProviderHandshakeRequest().setEngineAddress(plugin.engine.address));
  monitor = await new Monitor(plugin, isPreview).listen();
}
beforeEach(() => begin(ready, false));
afterEach(() => {
  monitor.close();
  plugin.stop();
});

async function construct(
  type: string,
  name: string,
  inputs: Json,
  isPreview = false,
): Promise<{ urn: string; state: Json }> {
  const request = new messages.ConstructRequest()
    .setProject("acme")
    .setStack("prod")
    .setParallel(4)
    .setMonitorendpoint(monitor.address)
    .setDryrun(isPreview)
    .setType(`nvidia-vgpu:index:${type}`)
    .setName(name)
    .setInputs(Struct.fromJavaScript(inputs as never))
    .setProtect(true);
  request.getProvidersMap().set("nvidia-vgpu", provider);
  const answer = await plugin.call<unknown, messages.ConstructResponse>("construct", request);
  return { urn: answer.getUrn(), state: answer.getState()!.toJavaScript() as Json };
}

const registered = () => monitor.registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);

describe("VgpuHost in a program of another language", () => {
  test("has the resources of the host as its children, with its provider and options", async () => {
    const { urn } = await construct("VgpuHost", "gpu01", host);
    expect(registered()).toEqual([
      "VgpuHost gpu01",
      "VgpuManagerInstall gpu01",
      "SriovEnablement gpu01",
      "VgpuLayout gpu01/a",
    ]);
    expect(urn).toBe("urn:pulumi:prod::acme::nvidia-vgpu:index:VgpuHost::gpu01");
    for (const { type, ...one } of monitor.registered.slice(1)) {
      expect(type).toMatch(/^nvidia-vgpu:index:/);
      expect(one).toMatchObject({ parent: urn, provider, protect: true });
      expect(one.object.connection).toEqual(
        secret({ host: "gpu01.example", user: "ops", password: secret("hunter2") }),
      );
    }
  });

  test("returns its vGPUs, and registers them as outputs", async () => {
    const { urn, state } = await construct("VgpuHost", "gpu01", host);
    const { a } = state.vgpus as Record<string, Record<string, { uuid: string }>>;
    expect(Object.values(a!).map(({ uuid }) => uuid)).toEqual(captured.vgpus.map(({ uuid }) => uuid));
    expect(monitor.outputs.get(urn)).toEqual(state);
    expect(plugin.host.asked.map(({ goal: { kind } }) => kind)).toEqual(["driver", "sriov", "vgpus"]);
  });

  test("of a preview shows the steps on the rows of its children, and changes nothing", async () => {
    monitor.close();
    plugin.stop();
    await begin({ ...ready, records: [] }, true);
    const { state } = await construct("VgpuHost", "gpu01", host, true);
    expect(state).toEqual({ vgpus: unknownValue });
    const { urn } = monitor.registered.find(({ type }) => type.endsWith("VgpuLayout"))!;
    expect(plugin.shown(urn).at(-1)).toMatch(/2 steps[^]*adopt 2 × A40-4Q/);
    expect(plugin.host.asked).toEqual([]);
  });

  test("of which the GPUs are not known yet is refused before anything is registered", async () => {
    await expect(construct("VgpuHost", "gpu01", { ...host, gpus: unknownValue }, true)).rejects.toThrow(
      "Could not make the component: gpus is not known yet. Give plain values.",
    );
    expect(monitor.registered).toEqual([]);
  });
});

describe("VgpuFleet in a program of another language", () => {
  const fleet = { hosts: { gpu01: host } };

  test("has each of its hosts, with their resources", async () => {
    const { urn, state } = await construct("VgpuFleet", "fleet", fleet);
    expect(registered()).toEqual([
      "VgpuFleet fleet",
      "VgpuHost gpu01",
      "VgpuManagerInstall gpu01",
      "SriovEnablement gpu01",
      "VgpuLayout gpu01/a",
    ]);
    expect(monitor.registered[1]!.parent).toBe(urn);
    expect(Object.keys((state.vgpus as Record<string, Record<string, object>>).gpu01!.a!)).toHaveLength(3);
  });

  test("of an unreachable host registers all its resources, and ends with an error", async () => {
    plugin.host.away = away();
    await expect(construct("VgpuFleet", "fleet", fleet)).rejects.toThrow("Not all hosts are in sync.");
    expect(registered()).toHaveLength(5);
    const errors = plugin.engine.logged.filter(({ severity }) => severity === 3);
    expect(errors.map(({ message }) => message).join("\n")).toContain("Could not reach sshd on gpu01.example");
  });
});

test("a component that does not exist is an error that lists those that do", async () => {
  await expect(construct("VgpuRack", "rack", {})).rejects.toThrow(/VgpuRack: there are .*VgpuFleet.*VgpuHost/);
});
