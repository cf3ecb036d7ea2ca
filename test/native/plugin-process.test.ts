import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Engine } from "../engine/grpc";
import { Monitor } from "./monitor";
import type { Json } from "./plugin";

const root = join(__dirname, "..", "..");

let engine: Engine;
let monitor: Monitor;
let plugin: ChildProcess;
let client: ResourceProviderClient;
let printed: string;
/** The name of the resource that the engine does not create. */
let failing: string;

beforeEach(async () => {
  engine = await new Engine().listen();
  const check = async (urn: string, _: Json, inputs: Json) => {
    if (urn.endsWith(`::${failing}`)) throw new Error("the disk is full");
    return { inputs, failures: [] };
  };
  const create = async (urn: string, inputs: Json) => ({ id: urn, outs: { ...inputs, pending: [], instances: {} } });
  monitor = await new Monitor({ check, create }, false).listen();
  plugin = spawn(join(root, "plugin", "pulumi-resource-nvidia-vgpu"), [engine.address], { stdio: "pipe" });
  printed = "";
  plugin.stderr!.on("data", (text: Buffer) => (printed += text.toString()));
  const [port] = (await once(plugin.stdout!, "data")) as [Buffer];
  client = new ResourceProviderClient(`127.0.0.1:${port.toString().trim()}`, grpc.credentials.createInsecure());
});
afterEach(() => {
  client.close();
  plugin.kill("SIGKILL");
  monitor.close();
  engine.close();
});

const failureOf = (name: string): Promise<grpc.ServiceError> => {
  const connection = { host: "gpu01.example" };
  const gpus = {
    a: { gpu: "0000:41:00.0", vgpus: { "A40-4Q": 1 } },
    b: { gpu: "0000:42:00.0", vgpus: { "A40-4Q": 1 } },
  };
  const request = new messages.ConstructRequest()
    .setProject("acme")
    .setStack("prod")
    .setMonitorendpoint(monitor.address)
    .setType("nvidia-vgpu:index:VgpuHost")
    .setName(name)
    .setInputs(Struct.fromJavaScript({ connection, gpus, driver: { version: "550.163.02" } }));
  return new Promise((resolve, reject) =>
    client.construct(request, (error) => (error ? resolve(error) : reject(new Error("it did not fail")))),
  );
};

test.each(["gpu01", "gpu01/b"])(
  "a component of which the resource %s fails ends with its error, and the plugin serves other calls",
  async (name) => {
    failing = name;
    expect((await failureOf("gpu01")).details).toMatch(
      /^Could not make VgpuHost gpu01: failed to register new resource gpu01.*the disk is full\.$/,
    );
    const info = await new Promise((resolve, reject) =>
      client.getPluginInfo(new Empty(), (error, answer) => (error ? reject(error) : resolve(answer))),
    );
    expect(info).toBeDefined();
    expect([plugin.exitCode, printed]).toEqual([null, ""]);
  },
);
