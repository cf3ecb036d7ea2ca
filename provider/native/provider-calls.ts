import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import type * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { pulumiModule } from "../lifecycle/engine/pulumi-library";
import { UserError } from "../model/errors";
import { formatIssue } from "../model/issue";
import type { Cancellation } from "./cancellation";
import type { Configuration } from "./configuration";
import { parseConfiguration } from "./configuration";
import { fromWire, toWire } from "./wire";

export const version = (
  JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }
).version;

interface Options {
  /** Takes the address of the engine. */
  connect(engine: string): void;
  engineAddress(): string;
  configure(configuration: Configuration): void;
  cancellation: Cancellation;
}

/** Returns the calls of the engine that are about the provider itself. */
export function providerCalls({ connect, engineAddress, configure, cancellation }: Options) {
  const pb = pulumiModule("./provider_pb.js");
  const { PluginInfo } = pulumiModule("./plugin_pb.js");
  const { Empty: Nothing } = pulumiModule("google-protobuf/google/protobuf/empty_pb.js");

  return {
    // An answer means that previews are supported.
    async handshake(request: messages.ProviderHandshakeRequest): Promise<messages.ProviderHandshakeResponse> {
      if (request.getEngineAddress()) connect(request.getEngineAddress());
      return new pb.ProviderHandshakeResponse().setAcceptSecrets(true);
    },

    /** Instead of a start by the engine: PULUMI_DEBUG_PROVIDERS=nvidia-vgpu:PORT. */
    async attach(request: plugin.PluginAttach): Promise<Empty> {
      connect(request.getAddress());
      return new Nothing();
    },

    async getPluginInfo(): Promise<plugin.PluginInfo> {
      return new PluginInfo().setVersion(version);
    },

    async getSchema(): Promise<messages.GetSchemaResponse> {
      return new pb.GetSchemaResponse().setSchema(readFileSync(join(__dirname, "schema.json"), "utf8"));
    },

    async checkConfig(request: messages.CheckRequest): Promise<messages.CheckResponse> {
      const { value, secrets } = fromWire(request.getNews());
      const { issues } = parseConfiguration(value);
      return new pb.CheckResponse()
        .setInputs(toWire(value, secrets))
        .setFailuresList(issues.map((issue) => new pb.CheckFailure().setReason(formatIssue(issue))));
    },

    /** No change of the configuration replaces resources: it has only ways to reach their hosts. */
    async diffConfig(request: messages.DiffRequest): Promise<messages.DiffResponse> {
      const [before, after] = [request.getOldInputs(), request.getNews()].map((one) => fromWire(one).value);
      const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
      return new pb.DiffResponse().setChanges(isDeepStrictEqual(before, after) ? DIFF_NONE : DIFF_SOME);
    },

    async configure(request: messages.ConfigureRequest): Promise<messages.ConfigureResponse> {
      const { value, issues } = parseConfiguration(fromWire(request.getArgs()).value);
      if (issues.length > 0)
        throw new UserError({
          action: "configure the provider nvidia-vgpu",
          cause: issues.map(formatIssue).join("; "),
        });
      configure(value);
      // For engines without a handshake.
      return new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    },

    async construct(request: messages.ConstructRequest): Promise<messages.ConstructResponse> {
      // It loads the whole library of Pulumi.
      const { construct } = await import("./construct.js");
      return construct(request, engineAddress());
    },

    async cancel(): Promise<Empty> {
      cancellation.cancel();
      return new Nothing();
    },
  };
}
