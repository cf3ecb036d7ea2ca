import type { ServiceError } from "@grpc/grpc-js";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { version } from "../../package.json";
import type { Request } from "../../provider/host";
import { neverApplied } from "../../provider/lifecycle/imported";
import { UserError } from "../../provider/model/errors";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { plan } from "../../provider/plan";
import { away, factsOf, instance, madeAt, owner } from "../lifecycle/fake-host";
import type { Json } from "./plugin";
import { Plugin, partialFailureOf, secret, urnOf } from "./plugin";

const uuid = "00000043-1111-4222-8333-000000000043";
const urn = urnOf("MdevVgpu", "cad");
const given = { connection: { host: "gpu01.example", password: "hunter2" }, gpu: "41:00.0", type: "A40-4A", uuid };

const bare = factsOf("debian-12-a40-mdev");
const vgpu = bare.vgpus.find((one) => one.uuid === uuid)!;
const created: HostFacts = {
  ...bare,
  records: [{ uuid, function: vgpu.function, typeId: vgpu.type.id, owner, instance }],
};
const empty: HostFacts = { ...bare, vgpus: bare.vgpus.filter((one) => one.uuid !== uuid), records: [] };

/** Hosts of both frameworks, of which no vGPU has a record. */
const unrecorded: Record<string, () => HostFacts> = {
  mdev: () => ({ ...factsOf("debian-12-a40-mdev"), records: [] }),
  vendor: () => ({ ...factsOf("ubuntu-24.04-l40s-vendor"), records: [] }),
};

let on: Plugin;
beforeEach(async () => {
  on = await new Plugin(structuredClone(empty)).start();
});
afterEach(() => on.stop());

const inputs = async (more: Json = {}): Promise<Json> => (await on.check(urn, {}, { ...given, ...more })).inputs;
const create = async (more: Json = {}) => {
  on.host.becomes = structuredClone(created);
  return on.create(urn, await inputs(more));
};
const errorOf = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => expect.unreachable("the call did not fail"),
    (error: ServiceError) => error,
  );

describe("calls about the provider", () => {
  test("the handshake takes secrets, and brings the address of the engine", async () => {
    const request = new messages.ProviderHandshakeRequest().setEngineAddress(on.engine.address);
    const answer = await on.call<unknown, messages.ProviderHandshakeResponse>("handshake", request);
    expect(answer.toObject()).toMatchObject({ acceptSecrets: true, acceptResources: false, acceptOutputs: false });
    await on.call("attach", new plugin.PluginAttach().setAddress(on.engine.address));
  });

  test("version and schema are those of the package", async () => {
    const info = await on.call<unknown, plugin.PluginInfo>("getPluginInfo", new Empty());
    const answer = await on.call<unknown, messages.GetSchemaResponse>("getSchema", new messages.GetSchemaRequest());
    expect([info.getVersion(), (JSON.parse(answer.getSchema()) as Json).version]).toEqual([version, version]);
  });

  test("a mistake in the configuration is refused before anything is created", async () => {
    const news = Struct.fromJavaScript({ usr: "ops" });
    const check = new messages.CheckRequest().setNews(news);
    const answer = await on.call<unknown, messages.CheckResponse>("checkConfig", check);
    expect(answer.getFailuresList().map((one) => one.getReason())).toEqual([expect.stringContaining("usr")]);
    const error = await errorOf(on.call("configure", new messages.ConfigureRequest().setArgs(news)));
    expect(error.details).toContain("Could not configure the provider nvidia-vgpu");
  });

  test("another configuration replaces nothing", async () => {
    const request = new messages.DiffRequest().setOldInputs(Struct.fromJavaScript({ user: "a" }));
    request.setNews(Struct.fromJavaScript({ user: "b" }));
    const answer = await on.call<unknown, messages.DiffResponse>("diffConfig", request);
    expect(answer.toObject()).toMatchObject({ changes: messages.DiffResponse.DiffChanges.DIFF_SOME, replacesList: [] });
  });

  test("a resource that does not exist is an error that lists those that do", async () => {
    const error = await errorOf(on.check(urnOf("Vgpu", "x"), {}, {}));
    expect(error.details).toContain("Could not find the resource nvidia-vgpu:index:Vgpu: there are nvidia-vgpu:index:");
  });
});

describe("calls about a resource", () => {
  test("check returns the inputs without what only the core needs, and marks secrets", async () => {
    const { inputs: checked, failures } = await on.check(urn, {}, given);
    expect(failures).toEqual([]);
    const connection = { host: "gpu01.example", password: secret("hunter2") };
    expect(checked).toEqual({
      connection,
      gpu: { address: "0000:41:00.0" },
      type: "A40-4A",
      uuid,
      restoreAtBoot: true,
    });
  });

  test("check reports each mistake with its path, and no value", async () => {
    const { type: _, ...rest } = given;
    const { failures } = await on.check(urn, {}, { ...rest, connection: { host: "a b" } });
    expect(failures.sort()).toEqual([expect.stringMatching(/^connection\.host: /), expect.stringMatching(/^type: /)]);
  });

  test("create applies the goal, and an unchanged resource has no difference", async () => {
    const { id, outs } = await create();
    expect(id).toBe(uuid);
    expect(outs).toMatchObject({ appliedAt: madeAt, pending: [], parentAddress: "0000:41:01.1", owner });
    expect(outs.host).toEqual({ connection: outs.connection, appliedAt: madeAt });
    expect(Object.keys(outs)).not.toContain("__urn");
    expect(await on.diff(urn, outs, await inputs())).toMatchObject({ changes: 1, detailed: {} });
  });

  test("a difference is shown with its path, and another UUID replaces the resource", async () => {
    const { outs } = await create();
    const { PropertyDiff } = messages;
    const changed = await on.diff(
      urn,
      outs,
      await inputs({ parameters: "a=1", connection: { host: "gpu01.example" } }),
    );
    expect(changed.detailed).toEqual({
      "connection.password": PropertyDiff.Kind.DELETE,
      parameters: PropertyDiff.Kind.ADD,
    });
    const other = "11111111-1111-4111-8111-111111111111";
    const replaced = await on.diff(urn, outs, await inputs({ uuid: other }));
    expect(replaced).toMatchObject({ detailed: { uuid: PropertyDiff.Kind.UPDATE_REPLACE }, replacesList: ["uuid"] });
  });

  test("a difference of a count is shown with its type", async () => {
    const layout = urnOf("VgpuLayout", "layout");
    const declared = { connection: given.connection, gpu: "41:00.0", vgpus: { "A40-4Q": 2, "A40-4A": 1 } };
    const { inputs: last } = await on.check(layout, {}, declared);
    const { inputs: news } = await on.check(layout, last, { ...declared, vgpus: { "A40-4Q": 1, "A40-8Q": 1 } });
    const { UPDATE, DELETE, ADD } = messages.PropertyDiff.Kind;
    expect((await on.diff(layout, { ...last, pending: [] }, news)).detailed).toEqual({
      'vgpus["A40-4Q"]': UPDATE,
      'vgpus["A40-4A"]': DELETE,
      'vgpus["A40-8Q"]': ADD,
    });
  });

  test("a resource depends on another one by its output host", async () => {
    const { outs } = await create();
    const { connection: _, ...rest } = given;
    const { inputs: checked } = await on.check(urnOf("MdevVgpu", "other"), {}, { ...rest, on: outs.host });
    expect(checked).toMatchObject({ connection: outs.connection, dependencyAppliedAt: madeAt });
    expect(Object.keys(checked)).not.toContain("on");
  });

  test("a resource without connection and without on is refused", async () => {
    const { connection: _, ...rest } = given;
    expect((await on.check(urn, {}, rest)).failures).toEqual([expect.stringMatching(/^connection: /)]);
  });

  test("an update that fails in part keeps the new state in the details of the error", async () => {
    const { id, outs } = await create();
    on.host.becomes = structuredClone(empty);
    on.host.failure = new UserError({ action: "finish", cause: "no" });
    const failed = await errorOf(on.update(urn, id, outs, await inputs({ type: "A40-4Q" })));
    const { properties, reasons } = partialFailureOf(failed);
    expect(reasons).toEqual(["Could not finish: no."]);
    expect(properties).toMatchObject({ host: { connection: { host: "gpu01.example", password: secret("hunter2") } } });
    expect(Object.keys(properties)).not.toContain("__urn");
  });

  test("what the program marked as secret stays secret in a partial failure", async () => {
    const marked = { gpu: secret("41:00.0") };
    const gpu = secret({ address: "0000:41:00.0" });
    on.host.failure = new UserError({ action: "finish", cause: "no" });
    const failed = partialFailureOf(await errorOf(create(marked)));
    expect(failed.properties.gpu).toEqual(gpu);
    on.host.becomes = structuredClone(empty);
    const news = await inputs({ ...marked, type: "A40-4Q" });
    const again = partialFailureOf(await errorOf(on.update(urn, failed.id, failed.properties, news)));
    expect(again.properties.gpu).toEqual(gpu);
  });

  test("a refresh returns the inputs that would declare the host as it is", async () => {
    const { id, outs } = await create();
    const read = await on.read(urn, id, { outs, inputs: await inputs() });
    expect(read).toEqual({ id, outs, inputs: await inputs() });
    on.host.now = structuredClone(empty);
    expect(await on.read(urn, id, { outs, inputs: {} })).toEqual({ id: "", outs: {}, inputs: {} });
  });

  test("a refresh returns inputs and outputs with the marks of secrets that each of them had", async () => {
    const { id, outs } = await create();
    const marked = { ...outs, connection: secret(outs.connection) };
    const read = await on.read(urn, id, { outs: marked, inputs: await inputs({ type: secret("A40-4A") }) });
    expect(read.outs).toMatchObject({ connection: secret(outs.connection), type: secret("A40-4A") });
    expect(read.inputs).toEqual(await inputs({ type: secret("A40-4A") }));
  });

  test("delete removes what was created", async () => {
    const { id, outs } = await create();
    on.host.becomes = structuredClone(empty);
    await on.delete(urn, id, outs);
    expect(on.host.asked.at(-1)).toMatchObject({ goal: { desired: [], obsolete: [{ uuid }] } });
  });

  test("the owner, the UUID and the instance are derived from the URN of the dynamic resource", async () => {
    const { uuid: _, ...rest } = given;
    const { inputs: checked } = await on.check(urn, {}, rest);
    on.host.becomes = structuredClone(created);
    await on.create(urn, checked).catch(() => undefined);
    const dynamic = "urn:pulumi:prod::acme::pulumi-nodejs:dynamic/nvidia-vgpu:MdevVgpu::cad";
    expect(on.host.asked[0]!.goal.key).toBe(dynamic);
  });
});

describe("an import", () => {
  test("has the state of a managed resource, and no difference to its own inputs", async () => {
    on.host.now = structuredClone(created);
    const { id, outs, inputs: read } = await on.read(urn, `gpu01.example/${uuid}`);
    expect(id).toBe(uuid);
    expect(read).toEqual({
      connection: { host: "gpu01.example" },
      gpu: { address: "0000:41:00.0" },
      type: "A40-4A",
      uuid,
      restoreAtBoot: true,
    });
    expect(outs).toMatchObject({ pending: [], owner, instance, appliedAt: neverApplied });
    const { inputs: checked } = await on.check(urn, read, read);
    expect((await on.diff(urn, outs, checked)).detailed).toEqual({});
  });

  test("has no difference to a program in which it depends on another import, until that was applied", async () => {
    on.host.now = structuredClone(created);
    const functions = await on.read(urnOf("SriovEnablement", "functions"), "gpu01.example");
    const vgpu = await on.read(urn, `gpu01.example/${uuid}`);
    const differences = async (dependency: object) => {
      const { connection: _, ...inputs } = vgpu.inputs;
      const { inputs: checked } = await on.check(urn, vgpu.inputs, { ...inputs, on: dependency });
      return Object.keys((await on.diff(urn, vgpu.outs, checked)).detailed);
    };
    const host = functions.outs.host as Json;
    expect(await differences(host)).toEqual([]);
    expect(await differences({ ...host, appliedAt: madeAt })).toEqual(["dependencyAppliedAt"]);
  });

  test("declares what the host has: without a restorer, none is declared", async () => {
    const functions = urnOf("SriovEnablement", "functions");
    expect((await on.read(functions, "gpu01.example")).inputs).toMatchObject({ restoreAtBoot: true });
    // As the capture has it.
    on.host.facts = async () => structuredClone(empty);
    const { inputs: read, outs } = await on.read(functions, "gpu01.example");
    expect(read).toMatchObject({ gpus: [{ address: "0000:41:00.0" }], restoreAtBoot: false });
    expect(outs.pending).toEqual([]);
  });

  test.each(["mdev", "vendor"])(
    "of %s vGPUs without records has no difference until the next change, which records them",
    async (framework) => {
      const facts = unrecorded[framework]!();
      on.host.now = structuredClone(facts);
      const layout = urnOf("VgpuLayout", "layout");
      const read = await on.read(layout, `gpu01.example/${facts.vgpus[0]!.gpu}`);
      expect(read.outs.pending).toEqual([]);
      expect(Object.keys(read.outs.instances as Json)).toHaveLength(
        facts.vgpus.filter(({ gpu }) => gpu === facts.vgpus[0]!.gpu).length,
      );
      const refreshed = await on.read(layout, read.id, { outs: read.outs, inputs: read.inputs });
      expect(refreshed).toEqual(read);
      const { inputs: checked } = await on.check(layout, read.inputs, read.inputs);
      expect((await on.diff(layout, refreshed.outs, checked)).detailed).toEqual({});
      expect(on.engine.logged).toEqual([]);

      on.host.becomes = structuredClone(facts);
      const changed = { ...checked, connection: { host: "gpu01.example", user: "ops" } };
      const outs = await on.update(layout, read.id, refreshed.outs, changed).catch(partialFailureOf);
      const [{ goal }] = on.host.asked as [Request];
      expect(plan(facts, [goal]).steps.map(({ command: [name] }) => name)).toEqual(facts.vgpus.map(() => "adopt_vgpu"));
      expect(JSON.stringify(outs)).not.toContain('"imported"');
    },
  );

  test("of a vGPU in use or with parameters declares it as it is", async () => {
    on.host.now = unrecorded.vendor!();
    expect(on.host.now.vgpus.map(({ users }) => (users as unknown[]).length)).toEqual([0, 2, 1]);
    const layout = urnOf("VgpuLayout", "layout");
    const read = await on.read(layout, "gpu01.example/0001:c8:00.0");
    const named = { type: "L40S-12Q", parameters: "enable_uvm=1", virtualFunction: "0001:c8:00.4" };
    expect(read.inputs).toMatchObject({ vgpus: { "L40S-12Q": 2 }, named: { "vgpu-ad1530a4": named } });
    expect(read.outs.pending).toEqual([]);
    expect(await on.read(layout, read.id, read)).toEqual(read);
  });

  test("uses the login of the configuration, which is in no state", async () => {
    on.stop();
    on = await new Plugin(structuredClone(created)).start({ user: "ops", password: "hunter2-hunter2" });
    const read = await on.read(urn, `gpu01.example/${uuid}`);
    expect(on.connections.at(-1)).toEqual({ host: "gpu01.example", user: "ops", password: "hunter2-hunter2" });
    expect(JSON.stringify(read)).not.toMatch(/hunter2|ops/);
  });

  test("of what does not exist is an error", async () => {
    const error = await errorOf(on.read(urn, `gpu01.example/${uuid}`));
    expect(error.details).toBe(`Could not import ${uuid} on gpu01.example: nothing of this kind exists on the host.`);
  });
});

describe("a preview", () => {
  test("of a create shows the steps on the row, and knows the UUID and the GPU", async () => {
    const { id, outs } = await on.create(urn, await inputs(), { preview: true });
    expect(id).toBe(uuid);
    expect(outs).toMatchObject({ uuid, gpuAddress: "0000:41:00.0" });
    expect(Object.keys(outs)).not.toContain("hostdevXml");
    expect(on.shown(urn).at(-1)).toMatch(/^\[cad@gpu01\.example\] 1 step\n {2}1\. create A40-4A/);
    expect(on.host.asked).toEqual([]);
  });

  test("of an update without steps knows all outputs, so that resources that depend on it have no difference", async () => {
    const { id, outs } = await create();
    const changed = await inputs({ connection: { host: "gpu01.example", user: "ops" } });
    const foreseen = await on.update(urn, id, outs, changed, true);
    expect(foreseen).toMatchObject({ appliedAt: madeAt, hostdevXml: outs.hostdevXml, host: { appliedAt: madeAt } });
    expect(on.shown(urn).at(-1)).toContain("no change on the host");
  });

  test("of a resource that depends on a changed one knows its connection", async () => {
    const { outs } = await on.create(urn, await inputs(), { preview: true });
    expect(outs.host).toEqual({ connection: outs.connection, appliedAt: "after the planned change" });
  });

  test("with an unreachable host is a warning, and its outputs are unknown", async () => {
    on.host.away = away();
    const { outs } = await on.create(urn, await inputs(), { preview: true });
    expect(Object.keys(outs)).not.toContain("gpuAddress");
    expect(on.engine.logged.map(({ severity }) => severity)).toEqual([2]);
    expect(on.shown(urn)).toEqual([
      expect.stringContaining("steps are not known: Could not reach sshd on gpu01.example"),
    ]);
  });

  test("that is strict fails for a blocker, and for an unreachable host", async () => {
    on.stop();
    on = await new Plugin(structuredClone(empty)).start({ strictPreview: "true" });
    const blocked = await errorOf(on.create(urn, await inputs({ gpu: "42:00.0" }), { preview: true }));
    expect(blocked.details).toContain("Could not apply the change on gpu01.example");
    on.host.away = away();
    expect((await errorOf(on.create(urn, await inputs(), { preview: true }))).details).toContain("reach sshd");
  });

  test("reads no host if the configuration turns it off", async () => {
    on.stop();
    on = await new Plugin(structuredClone(empty)).start({ previewHosts: false });
    await on.create(urn, await inputs(), { preview: true });
    expect([on.host.looks, on.shown(urn)]).toEqual([0, []]);
  });
});

describe("an interrupted call", () => {
  /** A host on which a change takes until it is stopped. */
  const endless = () => {
    on.host.ensure = ({ signal }) =>
      new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)));
  };

  test("ends at once when the run is canceled, and so does each later one", async () => {
    endless();
    const creating = errorOf(on.create(urn, await inputs()));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await on.call("cancel", new Empty());
    expect((await creating).details).toContain(
      "the run was canceled. A step that runs on the host continues to its end",
    );
  });

  test("ends after the time of customTimeouts", async () => {
    endless();
    const error = await errorOf(on.create(urn, await inputs(), { timeout: 0.05 }));
    expect(error.details).toContain("the 0.05 seconds of customTimeouts are over");
  });
});
