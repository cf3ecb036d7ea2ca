import type { Failure, HostIdentity } from "../lifecycle/kinds/outputs";
import type { RegisteredHost } from "../preview/host-preview";
import type { HostResource } from "../resources/host-resource";
import { isOutputKnown, valueIfKnown } from "../resources/pulumi-helpers";
import type { DeclaredHost } from "./declared-host";

/** The first of these that a resource has decides for the host. */
const byWeight = ["failed", "blocked", "unreachable", "waiting"] as const;

/** The last refresh could not reach it, which says more than an earlier failure. */
const unread = "unread";

/** Returns why a host is not in sync, as far as the outputs of its resources are known: in a preview, those of changed ones are not. */
export async function troubleOf(parts: readonly HostResource[]): Promise<Failure["kind"] | undefined> {
  const kinds = await Promise.all(
    parts.map(async ({ unreachable, failure }) =>
      (await valueIfKnown(unreachable)) ? unread : (await valueIfKnown(failure))?.kind,
    ),
  );
  return kinds.includes(unread) ? "unreachable" : byWeight.find((kind) => kinds.includes(kind));
}

/** Returns how a host is, from the outputs of its resources. */
export async function hostStatus(host: string, { host: { parts }, waitsFor }: DeclaredHost): Promise<RegisteredHost> {
  const trouble = await troubleOf(parts);
  const waitingFor = await waitsFor;
  if (trouble === "unreachable") return { host, status: "unread" };
  if (trouble === "failed" || trouble === "blocked") return { host, status: trouble };
  if (waitingFor !== undefined) return { host, status: "waiting", waitingFor };
  const isKnown = await Promise.all(parts.map(({ appliedAt }) => isOutputKnown(appliedAt)));
  const identities = await Promise.all(parts.map(({ identity }) => valueIfKnown(identity)));
  const known: HostIdentity = identities.find(Boolean) ?? {};
  const { productUuid = null, machineId = null } = known;
  return { host, status: isKnown.every(Boolean) ? "inSync" : "changing", identity: { productUuid, machineId } };
}
