import type { EngineClient as Client } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { pulumiModule } from "./pulumi-library";

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
  try {
    const { EngineClient } = pulumiModule("./engine_grpc_pb.js");
    return new EngineClient(address, pulumiModule("@grpc/grpc-js").credentials.createInsecure());
  } catch {
    return undefined;
  }
}

function send(client: Client, { urn, severity, message, ephemeral }: Entry): Promise<void> {
  const { LogRequest, LogSeverity } = pulumiModule("./engine_pb.js");
  const request = new LogRequest();
  request.setUrn(urn);
  request.setMessage(message);
  request.setEphemeral(ephemeral);
  request.setSeverity({ info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR }[severity]);
  return new Promise((resolve, reject) => {
    client.log(request, { deadline: Date.now() + limitMs } as never, (error) => (error ? reject(error) : resolve()));
  });
}
