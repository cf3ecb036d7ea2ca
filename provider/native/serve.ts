import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { engineSink } from "../lifecycle/engine/log";
import { pulumiModule } from "../lifecycle/engine/pulumi-library";
import { nativeType } from "../lifecycle/engine/urn";
import type { ProviderEnvironment } from "../lifecycle/environment";
import { kinds } from "../lifecycle/kinds";
import { providerHandlers } from "../lifecycle/provider-handlers";
import { UserError } from "../model/errors";
import { redactor } from "../model/redact";
import { Cancellation } from "./cancellation";
import type { Configuration } from "./configuration";
import { withDefaults } from "./configuration";
import { NativeResource } from "./native-resource";
import { providerCalls } from "./provider-calls";
import { resourceCalls } from "./resource-calls";
import { toStatus } from "./status";
import { Urns } from "./urns";

/** A running server. */
export interface Served {
  port: number;
  stop(): void;
}

/** Serves the calls of the engine on a free port of this machine. `engine` is its address, if that is known already. */
export async function serve(
  environment: Omit<ProviderEnvironment, "sink">,
  engine: string | undefined,
): Promise<Served> {
  const { Server, ServerCredentials } = pulumiModule("@grpc/grpc-js");
  const { ResourceProviderService } = pulumiModule("./provider_grpc_pb.js");
  // Without a limit: a schema, or a layout of many vGPUs, is more than the 4 MB of the default.
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  // A call that is not implemented is answered by the library.
  server.addService(ResourceProviderService, implementation(environment, engine));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { port, stop: () => server.forceShutdown() };
}

function implementation(
  environment: Omit<ProviderEnvironment, "sink">,
  engine: string | undefined,
): UntypedServiceImplementation {
  let address = engine;
  let sink = engineSink(address);
  let configuration: Configuration = {};
  const urns = new Urns();
  const cancellation = new Cancellation();
  const handlerOf = providerHandlers({
    ...environment,
    hostAt: (connection) => environment.hostAt(withDefaults(connection, configuration)),
    // The configuration has secrets that no connection shows.
    sink: (entry) => sink({ ...entry, urn: urns.toEngine(entry.urn), message: redactor(configuration)(entry.message) }),
  });
  const resources = new Map(
    kinds.map((kind) => [nativeType(kind.name), new NativeResource(kind, handlerOf(kind), urns, () => configuration)]),
  );
  const resourceOf = (type: string): NativeResource => {
    const found = resources.get(type);
    if (found) return found;
    throw new UserError({
      action: `find the resource ${type}`,
      cause: `there are ${[...resources.keys()].join(", ")}`,
    });
  };
  const calls = {
    ...providerCalls({
      connect(to) {
        address = to;
        sink = engineSink(to);
      },
      engineAddress: () => address!,
      configure: (value) => void (configuration = value),
      cancellation,
    }),
    ...resourceCalls(resourceOf, cancellation),
  };
  return Object.fromEntries(Object.entries(calls).map(([name, run]) => [name, unary(run as Call)]));
}

type Call = (request: unknown) => Promise<unknown>;

const unary =
  (run: Call): handleUnaryCall<unknown, unknown> =>
  ({ request }, callback) =>
    void run(request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(toStatus(error)),
    );
