import * as pulumi from "@pulumi/pulumi";
import { connection } from "../model/connection";
import { DriverArguments } from "../model/desired/driver";
import { SriovArguments } from "../model/desired/sriov";
import { LayoutArguments } from "../model/desired/vgpu";
import type { Outlook } from "../outlook/outlook";
import type { WantedHost } from "../outlook/wanted-host";
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
  const { connection: reached, driver, gpus } = args;
  const given = pulumi.output({ connection: reached, driver: { ...driver, ...pick(args) }, gpus });
  if (!(await isKnown(given))) return { host: name, is: "unknown", waitsFor: await firstUnknown({ connection: reached, driver, gpus }) };
  return wanted(name, args, await valueOf(given));
}

type Given = pulumi.Unwrap<{ connection: VgpuHostArgs["connection"]; driver: object; gpus: VgpuHostArgs["gpus"] }>;

function wanted(name: string, { driver, maintenance }: VgpuHostArgs, given: Given): WantedHost | undefined {
  const cards = Object.entries(given.gpus);
  const parsed = {
    connection: connection.safeParse(given.connection).data,
    driver: driver && DriverArguments.safeParse(given.driver).data,
    sriov: cards.length > 0 ? SriovArguments.safeParse({ gpus: cards.map(([, { match }]) => match) }).data : undefined,
    layouts: cards.flatMap(([card, { match, vgpus, named }]): [string, LayoutArguments | undefined][] =>
      vgpus || named ? [[card, LayoutArguments.safeParse({ gpu: match, vgpus, named }).data]] : [],
    ),
  };
  const { connection: reached, sriov, layouts } = parsed;
  const isWhole = reached && (parsed.driver || !driver) && layouts.every(([, layout]) => layout);
  return isWhole ? { host: name, connection: reached, maintenance, driver: parsed.driver, sriov, layouts: Object.fromEntries(layouts) as WantedHost["layouts"] } : undefined;
}

const pick = ({ reboot, iommu, prerequisites, dkms }: VgpuHostArgs) => ({ reboot, iommu, prerequisites, dkms });
