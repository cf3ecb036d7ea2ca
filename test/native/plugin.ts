import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Connection } from "../../provider/model/connection";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import type { Served } from "../../provider/native/serve";
import { serve } from "../../provider/native/serve";
import { signatures } from "../../provider/native/wire";
import { Engine } from "../engine/grpc";
import { FakeHost, instance, laterInstance, madeAt, owner } from "../lifecycle/fake-host";

export type Json = Record<string, unknown>;

export const urnOf = (kind: string, name: string): string =>
  `urn:pulumi:prod::acme::nvidia-vgpu:index:${kind}::${name}`;

export const secret = (value: unknown): Json => ({ [signatures.key]: signatures.secret, value });

const struct = (value: object) => Struct.fromJavaScript(value as never);
const plain = (value: Struct | undefined) => (value?.toJavaScript() ?? {}) as Json;

/** A native plugin on one host of a test, called as the engine does. */
export class Plugin {
  readonly host: FakeHost;
  readonly engine = new Engine();
  readonly connections: Connection[] = [];
  client!: ResourceProviderClient;
  private served!: Served;

  constructor(facts: HostFacts) {
    this.host = new FakeHost(facts);
  }

  async start(configuration: Json = {}): Promise<this> {
    await this.engine.listen();
    const environment = {
      hostAt: (connection: Connection) => {
        this.connections.push(connection);
        return this.host;
      },
      ownerOf: () => owner,
      newInstance: (_: string, isFirst: boolean) => (isFirst ? instance : laterInstance),
      now: () => new Date(madeAt),
    };
    this.served = await serve(environment, this.engine.address);
    this.client = new ResourceProviderClient(`127.0.0.1:${this.served.port}`, grpc.credentials.createInsecure());
    await this.call("configure", new messages.ConfigureRequest().setArgs(struct(configuration)));
    return this;
  }

  stop(): void {
    this.client.close();
    this.served.stop();
    this.engine.close();
  }

  /** What was shown on the row of a resource. */
  shown(urn: string): string[] {
    return this.engine.logged.filter((one) => one.urn === urn && !one.ephemeral).map(({ message }) => message);
  }

  call<Q, A>(name: keyof ResourceProviderClient, request: Q): Promise<A> {
    type Unary = (request: Q, done: (error: grpc.ServiceError | null, answer: A) => void) => void;
    const method = (this.client[name] as unknown as Unary).bind(this.client);
    return new Promise((resolve, reject) =>
      method(request, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  }

  async check(urn: string, before: Json, news: Json): Promise<{ inputs: Json; failures: string[] }> {
    const request = new messages.CheckRequest().setUrn(urn).setOlds(struct(before)).setNews(struct(news));
    const answer = await this.call<unknown, messages.CheckResponse>("check", request);
    return { inputs: plain(answer.getInputs()), failures: answer.getFailuresList().map((one) => one.getReason()) };
  }

  async diff(urn: string, last: Json, news: Json): Promise<messages.DiffResponse.AsObject & { detailed: Json }> {
    const request = new messages.DiffRequest().setUrn(urn).setId("x").setOlds(struct(last)).setNews(struct(news));
    const answer = await this.call<unknown, messages.DiffResponse>("diff", request);
    const detailed: Json = {};
    answer.getDetaileddiffMap().forEach((one, path) => (detailed[path] = one.getKind()));
    return { ...answer.toObject(), detailed };
  }

  async create(urn: string, inputs: Json, { preview = false, timeout = 0 } = {}): Promise<{ id: string; outs: Json }> {
    const request = new messages.CreateRequest().setUrn(urn).setProperties(struct(inputs));
    request.setPreview(preview).setTimeout(timeout);
    const answer = await this.call<unknown, messages.CreateResponse>("create", request);
    return { id: answer.getId(), outs: plain(answer.getProperties()) };
  }

  async update(urn: string, id: string, last: Json, news: Json, preview = false): Promise<Json> {
    const request = new messages.UpdateRequest().setUrn(urn).setId(id).setOlds(struct(last)).setNews(struct(news));
    const answer = await this.call<unknown, messages.UpdateResponse>("update", request.setPreview(preview));
    return plain(answer.getProperties());
  }

  /** Without a state it is an import. */
  async read(
    urn: string,
    id: string,
    state?: { outs: Json; inputs: Json },
  ): Promise<{ id: string; outs: Json; inputs: Json }> {
    const request = new messages.ReadRequest().setUrn(urn).setId(id);
    if (state) request.setProperties(struct(state.outs)).setInputs(struct(state.inputs));
    const answer = await this.call<unknown, messages.ReadResponse>("read", request);
    return { id: answer.getId(), outs: plain(answer.getProperties()), inputs: plain(answer.getInputs()) };
  }

  async delete(urn: string, id: string, last: Json): Promise<void> {
    const request = new messages.DeleteRequest().setUrn(urn).setId(id).setProperties(struct(last));
    await this.call("delete", request);
  }
}

/** Returns the state that a partial failure has in its details. */
export function partialFailureOf(error: grpc.ServiceError): { id: string; properties: Json; reasons: string[] } {
  const [details] = error.metadata.get("grpc-status-details-bin");
  const [any] = Status.deserializeBinary(details as Buffer).getDetailsList();
  const failure = messages.ErrorResourceInitFailed.deserializeBinary(any!.getValue_asU8());
  return { id: failure.getId(), properties: plain(failure.getProperties()), reasons: failure.getReasonsList() };
}
