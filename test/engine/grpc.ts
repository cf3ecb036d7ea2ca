import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

const root = join(__dirname, "..", "..");

export type Json = Record<string, unknown>;

/** An error of the provider as the engine gets it. */
export interface ProviderError extends Error {
  /** Only a partial failure has one. */
  partial?: { id: string; properties: Json; reasons: string[] };
}

/** Has a server listen on a free port of this machine, and returns its address. */
export async function listenLocally(server: grpc.Server): Promise<string> {
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return `127.0.0.1:${port}`;
}

/** The engine as the provider process sees it. It keeps all log messages. */
export class Engine {
  readonly logged: LogRequest.AsObject[] = [];
  private readonly server = new grpc.Server();
  address = "";

  async listen(): Promise<this> {
    const log: grpc.handleUnaryCall<LogRequest, Empty> = ({ request }, done) => {
      this.logged.push(request.toObject());
      done(null, new Empty());
    };
    const unused = () => {};
    this.server.addService(
      EngineService as never,
      {
        log,
        getRootResource: unused,
        setRootResource: unused,
        startDebugging: unused,
        requirePulumiVersion: unused,
      } as never,
    );
    this.address = await listenLocally(this.server);
    return this;
  }

  close(): void {
    this.server.forceShutdown();
  }
}

/** The real dynamic-provider process of Pulumi, started as the engine starts it. */
export class ProviderProcess {
  printed = "";
  readonly child: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), "provider-"));
  private client!: ResourceProviderClient;

  /** `modules` and `node` replace those of this checkout. */
  constructor(
    engine: string,
    env: NodeJS.ProcessEnv = {},
    { modules, node = process.execPath }: { modules?: string; node?: string } = {},
  ) {
    const own = join(this.folder, "node_modules");
    if (modules) symlinkSync(modules, own);
    else {
      mkdirSync(own);
      symlinkSync(root, join(own, "pulumi-nvidia-vgpu"));
      symlinkSync(join(root, "node_modules", "@pulumi"), join(own, "@pulumi"));
    }
    const script = createRequire(join(this.folder, "x.js")).resolve("@pulumi/pulumi/cmd/dynamic-provider");
    this.child = spawn(node, [script, "--logflow", engine], {
      cwd: this.folder,
      stdio: "pipe",
      env: { ...process.env, ...env },
    });
  }

  async ready(): Promise<this> {
    const port = await new Promise<string>((resolve) =>
      this.child.stdout!.once("data", (text: Buffer) => resolve(text.toString().trim())),
    );
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on("data", (text: Buffer) => (this.printed += text.toString()));
    this.client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const configure = new messages.ConfigureRequest();
    configure.setArgs(Struct.fromJavaScript({}));
    await this.call("configure", configure);
    return this;
  }

  async check(olds: Json, news: Json): Promise<{ inputs: Json; failures: { property: string; reason: string }[] }> {
    const request = new messages.CheckRequest();
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    const answer = await this.call<messages.CheckResponse>("check", request);
    return { inputs: json(answer.getInputs()), failures: answer.getFailuresList().map((one) => one.toObject()) };
  }

  async diff(id: string, olds: Json, news: Json): Promise<messages.DiffResponse.AsObject> {
    const request = new messages.DiffRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return (await this.call<messages.DiffResponse>("diff", request)).toObject();
  }

  async create(properties: Json): Promise<{ id: string; outs: Json }> {
    const request = new messages.CreateRequest();
    request.setProperties(struct(properties));
    const answer = await this.call<messages.CreateResponse>("create", request);
    return { id: answer.getId(), outs: json(answer.getProperties()) };
  }

  async read(id: string, properties: Json): Promise<{ id: string; props: Json; inputs: Json }> {
    const request = new messages.ReadRequest();
    request.setId(id);
    request.setProperties(struct(properties));
    const answer = await this.call<messages.ReadResponse>("read", request);
    return { id: answer.getId(), props: json(answer.getProperties()), inputs: json(answer.getInputs()) };
  }

  async update(id: string, olds: Json, news: Json): Promise<Json> {
    const request = new messages.UpdateRequest();
    request.setId(id);
    request.setOlds(struct(olds));
    request.setNews(struct(news));
    return json((await this.call<messages.UpdateResponse>("update", request)).getProperties());
  }

  async delete(id: string, properties: Json): Promise<void> {
    const request = new messages.DeleteRequest();
    request.setId(id);
    request.setProperties(struct(properties));
    await this.call("delete", request);
  }

  /** Waits for the end of the process; returns the time in milliseconds and how it ended. */
  async end(): Promise<{ ms: number; code: number | null; signal: string | null }> {
    const since = performance.now();
    const [code, signal] =
      this.child.exitCode === null && this.child.signalCode === null
        ? ((await once(this.child, "exit")) as [number | null, string | null])
        : [this.child.exitCode, this.child.signalCode];
    return { ms: performance.now() - since, code, signal };
  }

  stop(): void {
    this.client?.close();
    this.child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private call<R>(method: string, request: unknown): Promise<R> {
    type Calls = Record<string, (request: unknown, done: (error: grpc.ServiceError | null, answer: R) => void) => void>;
    return new Promise((resolve, reject) => {
      (this.client as unknown as Calls)[method]!(request, (error, answer) =>
        error ? reject(toProviderError(error)) : resolve(answer),
      );
    });
  }
}

const struct = (value: Json) => Struct.fromJavaScript(value as never);
const json = (value: Struct | undefined): Json => (value?.toJavaScript() ?? {}) as Json;

function toProviderError(error: grpc.ServiceError): ProviderError {
  const [details] = error.metadata.get("grpc-status-details-bin");
  const result: ProviderError = new Error(error.details);
  if (details) {
    const [detail] = Status.deserializeBinary(details as Uint8Array).getDetailsList();
    const failed = messages.ErrorResourceInitFailed.deserializeBinary(detail!.getValue_asU8());
    result.partial = { id: failed.getId(), properties: json(failed.getProperties()), reasons: failed.getReasonsList() };
  }
  return result;
}
