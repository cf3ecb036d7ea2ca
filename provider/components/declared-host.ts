import * as pulumi from "@pulumi/pulumi";
import { connection } from "../model/connection";
import type { Outlook } from "../outlook/outlook";
import { partsOf, type WantedHost, WantedParts } from "../outlook/wanted-host";
import { firstUnknown, isKnown, valueOf } from "./known";
import type { VgpuHost, VgpuHostArgs } from "./vgpu-host";

/** A host as the program declares it, and what was registered for it. */
export interface DeclaredHost {
  args: VgpuHostArgs;
  host: VgpuHost;
}

/** What is wanted of a host on which something is new; undefined: nothing is, or the engine will say what is wrong with it. */
export async function declaredAs(name: string, { args, host }: DeclaredHost): Promise<WantedHost | Outlook | undefined> {
  const news = await Promise.all(host.parts.map(({ generation }) => isKnown(generation)));
  if (news.every(Boolean) && args.maintenance === undefined) return undefined;
  const { connection: reached, driver, gpus, reboot, rebootTimeout, iommu, prerequisites, dkms, maintenance } = args;
  const given = pulumi.output({ connection: reached, driver, gpus, reboot, rebootTimeout, iommu, prerequisites, dkms });
  if (!(await isKnown(given))) return { host: name, is: "unknown", waitsFor: await firstUnknown({ connection: reached, driver, gpus }) };
  const { connection: known, ...declared } = await valueOf(given);
  const { data: login } = connection.safeParse(known);
  const { data: parts } = WantedParts.safeParse(partsOf(declared));
  return login && parts && { host: name, connection: login, maintenance, ...parts };
}
