import { endLast } from "./end-last";
import type { ProviderEnvironment } from "./environment";
import type { NativeHandler } from "./handler";
import { handlerFor } from "./handler";
import { Machines } from "./machines";
import type { ResourceKind } from "./resource-kind";

/** Returns a function that makes the handler of a kind. The handlers of one provider process know of each other. */
export function providerHandlers(
  environment: ProviderEnvironment,
): <A extends object>(kind: ResourceKind<A>) => NativeHandler {
  const machines = new Machines();
  return (kind) => {
    const handler = handlerFor(kind, environment, machines);
    // Pulumi calls one deletion after the other on its workers: see endLast.
    return { ...handler, delete: (id, last, signal) => endLast(() => handler.delete(id, last, signal)) };
  };
}
