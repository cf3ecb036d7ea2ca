import { beforeEach, describe, expect, test } from "vitest";
import { PartialFailure } from "../../provider/lifecycle/engine/errors";
import type { State } from "../../provider/lifecycle/state";
import { UserError } from "../../provider/model/errors";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import type { Stage } from "./fake-host";
import { away, checked, factsOf, instance, madeAt, owner, provider, stage, urnOf } from "./fake-host";

const uuid = "00000043-1111-4222-8333-000000000043";
const wanted = { gpu: "41:00.0", type: "A40-4A", uuid };

/** The A40 with its vGPUs as they are, but for this one. */
function without(facts: HostFacts): HostFacts {
  return { ...facts, vgpus: facts.vgpus.filter((vgpu) => vgpu.uuid !== uuid) };
}

/** As it is behind a creation: the vGPU is there, and is written down as ours. */
function ours(facts: HostFacts): HostFacts {
  const { function: at, type } = facts.vgpus.find((vgpu) => vgpu.uuid === uuid)!;
  return { ...facts, records: [{ uuid, function: at, typeId: type.id, owner }] };
}

let there: HostFacts;
let on: Stage;
let inputs: State;

beforeEach(async () => {
  there = ours(factsOf("debian-12-a40-mdev"));
  on = stage({ ...without(there), records: [] });
  inputs = await checked(on.vgpu, "MdevVgpu", "cad", wanted);
});

describe("create", () => {
  test("creates the vGPU, and stores all that read and delete need", async () => {
    on.host.becomes = there;
    const { id, outs } = await on.vgpu.create(inputs);
    expect(id).toBe(uuid);
    const { __provider, ...echoed } = inputs;
    expect(outs).toMatchObject(echoed);
    expect(outs).toMatchObject({
      schemaVersion: 2,
      identity: { productUuid: "4c4c4544-0042-3510-8052-b4c04f4a3031", machineId: "0123456789abcdef0123456789abcd01" },
      pending: [],
      appliedAt: madeAt,
      parentAddress: "0000:41:01.1",
      typeId: 570,
      typeName: "NVIDIA A40-4A",
      framebufferMiB: 4096,
      iommuGroup: 122,
      framework: "mdev",
    });
    expect(outs.hostdevXml).toContain(`<address uuid='${uuid}'/>`);
    expect(JSON.parse(JSON.stringify(outs))).toStrictEqual(outs);
  });

  test("sends URN and owner to the host, and expects no identity yet", async () => {
    on.host.becomes = there;
    await on.vgpu.create(inputs);
    expect(on.host.asked[0]).toMatchObject({
      goal: { key: urnOf("MdevVgpu", "cad"), claim: { owner, instance, resource: "MdevVgpu cad" } },
      expectedIdentity: undefined,
    });
  });

  test("adopts an existing vGPU", async () => {
    on.host.now = there;
    const { outs } = await on.vgpu.create(inputs);
    expect(outs).toMatchObject({ pending: [], appliedAt: madeAt, parentAddress: "0000:41:01.1" });
  });

  test("reports progress on the row of the resource, with name, host and seconds", async () => {
    on.host.becomes = there;
    await on.vgpu.create(inputs);
    expect(on.said[0]).toMatchObject({ urn: urnOf("MdevVgpu", "cad"), severity: "info", ephemeral: true });
    expect(on.said[0]!.message).toMatch(/^\[cad@gpu01\.example 0 s\] ./);
  });

  test("fails without a state on an unreachable host", async () => {
    on.host.away = away();
    const error = await on.vgpu.create(inputs).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: "Could not reach sshd on gpu01.example: connection refused.", stack: "" });
    expect(error).not.toHaveProperty("id");
  });

  test("fails without a state if nothing was changed", async () => {
    on.host.failure = new UserError({ action: "create the vGPUs", cause: "the card is full" });
    const error = await on.vgpu.create(inputs).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: "Could not create the vGPUs: the card is full." });
    expect(error).not.toHaveProperty("id");
  });

  test("fails if steps are left without an error", async () => {
    await expect(on.vgpu.create(inputs)).rejects.toThrow(/^Could not finish on gpu01\.example: /);
  });
});

describe("a create that failed after a change", () => {
  const failure = async (): Promise<PartialFailure> => {
    on.host.becomes = { ...without(there), records: [] };
    on.host.failure = new UserError({ action: "create the vGPUs", cause: "the card is full" });
    return on.vgpu.create(inputs).then(
      () => {
        throw new Error("it did not fail");
      },
      (thrown) => thrown as PartialFailure,
    );
  };

  test("is a partial failure: with id, reasons, the whole state, and the provider, without which it could not be deleted", async () => {
    const error = await failure();
    expect(error).toBeInstanceOf(PartialFailure);
    expect(error).toMatchObject({ id: uuid, reasons: ["Could not create the vGPUs: the card is full."] });
    expect(error.properties).toMatchObject({
      __provider: provider,
      uuid,
      schemaVersion: 2,
      __urn: urnOf("MdevVgpu", "cad"),
    });
    expect(JSON.parse(JSON.stringify(error.properties))).toStrictEqual(error.properties);
  });

  test("stores in the state what is left to do", async () => {
    expect((await failure()).properties.pending).not.toEqual([]);
  });
});

test("a bug is reported as such with its stack, and not as a partial failure", async () => {
  on.host.away = Object.assign(new TypeError("undefined is not a function"), { id: "7" });
  const error = await on.vgpu.create(inputs).catch((thrown: Error) => thrown);
  expect(error).not.toHaveProperty("id");
  expect((error as Error).message).toMatch(
    /^This is a bug in pulumi-nvidia-vgpu: TypeError: undefined is not a function\n +at /,
  );
});

test("errors and messages contain no secret of the connection", async () => {
  const secret = "hunter2-hunter2";
  const login = {
    host: "gpu01.example",
    password: secret,
    sudo: { password: `${secret}-sudo` },
    proxy: { host: "jump", privateKey: `-----BEGIN\n${secret}-key\nEND` },
  };
  inputs = await checked(on.vgpu, "MdevVgpu", "cad", { ...wanted, connection: login });
  on.host.becomes = { ...without(there), records: [] };
  on.host.failure = new UserError({
    action: `log in with ${secret}-sudo`,
    cause: `the host said ${secret}-key and ${secret}`,
    hint: "",
  });
  const error = (await on.vgpu.create(inputs).catch((thrown: Error) => thrown)) as PartialFailure;
  expect(error.reasons.join()).toBe("Could not log in with [secret]: the host said [secret] and [secret].");
  expect(error.message).not.toContain(secret);
  expect(JSON.stringify(on.said)).not.toContain(secret);
});
