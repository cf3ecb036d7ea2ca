import * as pulumi from "@pulumi/pulumi";
import { ownerOf } from "../lifecycle/owner";
import { connection } from "../model/connection";
import { DriverArguments } from "../model/desired/driver";
import { SriovArguments } from "../model/desired/sriov";
import { LayoutArguments } from "../model/desired/vgpu";
import { lookAhead } from "../outlook/look-ahead";
import type { Outlook } from "../outlook/outlook";
import { inText } from "../outlook/telling";
import type { WantedHost } from "../outlook/wanted-host";
import type { Whose } from "../outlook/whose";
import { failed } from "../resources/failed";
import type { VgpuHost, VgpuHostArgs } from "./vgpu-host";

/** A host as the program declares it, and what was registered for it. */
export interface DeclaredHost {
  args: VgpuHostArgs;
  host: VgpuHost;
}

/**
 * In a preview Pulumi creates nothing, so nobody would look at a host that is new. We do, read-only, and say in one message what
 * would be done and what stands in the way; that something does makes the preview fail, after all hosts are told.
 */
export function tellAhead(on: pulumi.ComponentResource, hosts: Record<string, DeclaredHost>, dialsAtOnce?: number): void {
  if (!pulumi.runtime.isDryRun() || Object.keys(hosts).length === 0) return;
  void tell(on, hosts, dialsAtOnce).catch((error: Error) => failed(`Looking ahead went wrong: ${error.stack}`, on));
}

async function tell(on: pulumi.ComponentResource, hosts: Record<string, DeclaredHost>, dialsAtOnce?: number): Promise<void> {
  const declared = await Promise.all(Object.entries(hosts).map(([name, one]) => known(name, one)));
  const toLookAt = declared.flatMap((one) => (one && "layouts" in one ? [one] : []));
  const untold = declared.flatMap((one) => (one && "is" in one ? [one] : []));
  if (toLookAt.length + untold.length === 0) return;
  const seen = await lookAhead(toLookAt, { whose: await whose(hosts), dialsAtOnce });
  const byName = new Map([...untold, ...seen].map((one) => [one.host, one]));
  const { text, isBlocked } = inText(Object.keys(hosts).flatMap((name) => byName.get(name) ?? []));
  if (isBlocked) failed(text, on);
  else await pulumi.log.info(text, on);
}

/** What is wanted of a host on which something is new; undefined: nothing is, or the engine will say what is wrong with it. */
async function known(name: string, { args, host }: DeclaredHost): Promise<WantedHost | Outlook | undefined> {
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

/** As their resources will be called: the owner is theirs, whatever stack the hosts speak of. */
async function whose(hosts: Record<string, DeclaredHost>): Promise<Whose> {
  const urns = new Map<string, string>();
  for (const [name, { host }] of Object.entries(hosts))
    for (const [card, layout] of Object.entries(host.layouts)) urns.set(`${name}/${card}`, await valueOf(layout.urn));
  const anyUrn = await valueOf(Object.values(hosts)[0]!.host.urn);
  return { owner: ownerOf(anyUrn), urnOfLayout: (host, card) => urns.get(`${host}/${card}`)! };
}

async function firstUnknown(parts: Record<string, unknown>): Promise<string> {
  for (const [name, part] of Object.entries(parts)) if (!(await isKnown(pulumi.output(part)))) return name;
  return "something";
}

/** Pulumi has no public word for it. */
const isKnown = (output: pulumi.Output<unknown>): Promise<boolean> => (output as unknown as { isKnown: Promise<boolean> }).isKnown;

const valueOf = <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as pulumi.Unwrap<T>)));
