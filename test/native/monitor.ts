import * as grpc from "@grpc/grpc-js";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { expect } from "vitest";
import { listenLocally } from "../engine/grpc";
import type { Json, Plugin } from "./plugin";

/** A resource that a program has registered. */
export interface Registered {
  type: string;
  name: string;
  urn: string;
  parent: string;
  provider: string;
  protect: boolean;
  object: Json;
}

type Answer<A> = (error: Partial<grpc.ServiceError> | null, answer?: A) => void;

/** The engine as a program sees it: it creates the resources of the program by the calls of a plugin. */
export class Monitor {
  readonly registered: Registered[] = [];
  /** Outputs of components, by URN. */
  readonly outputs = new Map<string, Json>();
  address = "";
  private readonly server = new grpc.Server();

  constructor(
    private readonly plugin: Pick<Plugin, "check" | "create">,
    private readonly isPreview: boolean,
  ) {}

  async listen(): Promise<this> {
    const unused = () => expect.unreachable("this call is not expected");
    const names = Object.keys(ResourceMonitorService);
    const calls = {
      ...Object.fromEntries(names.map((name) => [name, unused])),
      supportsFeature: this.supportsFeature,
      registerResource: this.registerResource,
      registerResourceOutputs: this.registerResourceOutputs,
    };
    this.server.addService(ResourceMonitorService as never, calls as never);
    this.address = await listenLocally(this.server);
    return this;
  }

  close(): void {
    this.server.forceShutdown();
  }

  private supportsFeature = (
    { request }: { request: messages.SupportsFeatureRequest },
    done: Answer<messages.SupportsFeatureResponse>,
  ): void =>
    done(
      null,
      new messages.SupportsFeatureResponse().setHassupport(["secrets", "aliasSpecs"].includes(request.getId())),
    );

  private registerResource = (
    { request }: { request: messages.RegisterResourceRequest },
    done: Answer<messages.RegisterResourceResponse>,
  ): void => {
    this.register(request).then(
      (answer) => done(null, answer),
      (error: Error) => done({ code: grpc.status.UNKNOWN, details: error.message }),
    );
  };

  private async register(request: messages.RegisterResourceRequest): Promise<messages.RegisterResourceResponse> {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const types = parent ? `${parent.split("::")[2]}$${type}` : type;
    const urn = `urn:pulumi:prod::acme::${types}::${name}`;
    const object = request.getObject()!.toJavaScript() as Json;
    const [provider, protect] = [request.getProvider(), request.getProtect() ?? false];
    this.registered.push({ type, name, urn, parent, provider, protect, object });
    const answer = new messages.RegisterResourceResponse().setUrn(urn);
    if (!request.getCustom()) return answer.setObject(request.getObject());
    const { inputs, failures } = await this.plugin.check(urn, {}, object);
    if (failures.length > 0) throw new Error(failures.join("; "));
    const { id, outs } = await this.plugin.create(urn, inputs, { preview: this.isPreview });
    return answer.setId(id).setObject(Struct.fromJavaScript(outs as never));
  }

  private registerResourceOutputs = (
    { request }: { request: messages.RegisterResourceOutputsRequest },
    done: Answer<Empty>,
  ): void => {
    this.outputs.set(request.getUrn(), request.getOutputs()!.toJavaScript() as Json);
    done(null, new Empty());
  };
}
