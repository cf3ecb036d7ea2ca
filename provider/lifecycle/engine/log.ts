import { createRequire } from "node:module";
import type { EngineClient as Client } from "@pulumi/pulumi/proto/engine_grpc_pb";

export type Severity = "info" | "warning" | "error";

export interface Entry {
  /** The resource on the row of which it is shown. */
  urn: string;
  severity: Severity;
  message: string;
  /** Shown only while the run continues, and not repeated at its end. */
  ephemeral: boolean;
}

/** Shows a line; never fails. */
export type Sink = (entry: Entry) => Promise<void>;

const limitMs = 5000;

/** Returns a sink that sends lines to the rows of `pulumi up`, or to stdout if there is no engine. */
export function engineSink(address: string | undefined): Sink {
  let client = address === undefined ? undefined : connect(address);
  return async (entry) => {
    try {
      if (client) return await send(client, entry);
    } catch {
      client = undefined;
    }
    console.log(entry.message);
  };
}

function connect(address: string): Client | undefined {
  // The same gRPC library that Pulumi's classes use.
  const { credentials } = createRequire(require.resolve("@pulumi/pulumi"))(
    "@grpc/grpc-js",
  ) as typeof import("@grpc/grpc-js");
  const { EngineClient } =
    require("@pulumi/pulumi/proto/engine_grpc_pb") as typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
  try {
    return new EngineClient(address, credentials.createInsecure());
  } catch {
    return undefined;
  }
}

function send(client: Client, { urn, severity, message, ephemeral }: Entry): Promise<void> {
  // The same classes that the client uses: with linked packages, Node may load a file twice, under two names.
  const requireNextToClient = createRequire(require.resolve("@pulumi/pulumi/proto/engine_grpc_pb"));
  const { LogRequest, LogSeverity } = requireNextToClient(
    "./engine_pb.js",
  ) as typeof import("@pulumi/pulumi/proto/engine_pb");
  const request = new LogRequest();
  request.setUrn(urn);
  request.setMessage(message);
  request.setEphemeral(ephemeral);
  request.setSeverity({ info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR }[severity]);
  return new Promise((resolve, reject) => {
    client.log(request, { deadline: Date.now() + limitMs } as never, (error) => (error ? reject(error) : resolve()));
  });
}
