import type { YAMLMap } from "yaml";
import { Document } from "yaml";
import { sanitizeLine } from "../../model/text";
import { byName, foldNames } from "../../report/format";
import { extractCommon } from "./common";
import type { DescribedGpu, DescribedHost, InspectedHost } from "./describe";
import { describeHost } from "./describe";

const schema = "./node_modules/pulumi-nvidia-vgpu/fleet.schema.json";

/** Returns the fleet file that describes the current state of hosts. */
export function asFleet(inspected: readonly InspectedHost[]): string {
  const { defaults, groups, singles } = extractCommon(
    [...inspected].sort((a, b) => byName(a.name, b.name)).map(describeHost),
  );
  const grouped = nameGroups(groups);
  const document = new Document({
    version: 1,
    defaults: { ...settingsOf(defaults), reboot: "never" },
    ...(groups.length && {
      groups: mapValues(grouped, ([first, ...others]) => ({
        hosts: patternsOf([first, ...others]),
        ...settingsOf(first),
      })),
    }),
    ...(singles.length && { hosts: Object.fromEntries(singles.map((host) => [host.name, settingsOf(host)])) }),
  });
  document.commentBefore = [
    ` yaml-language-server: $schema=${schema}`,
    ` Current state of ${inspected.length === 1 ? "one host" : `${inspected.length} hosts`}. Applying this file only adopts vGPUs that have no record.`,
  ].join("\n");
  const mapAt = (...path: string[]) => document.getIn(path) as YAMLMap;
  if (mapAt("defaults").has("driver"))
    addComment(mapAt("defaults", "driver"), "without a package, this version is required and not installed");
  for (const [name, [first]] of Object.entries(grouped)) addComments(mapAt("groups", name), first);
  for (const host of singles) addComments(mapAt("hosts", host.name), host);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function settingsOf({
  connection,
  driver,
  restoreAtBoot,
  gpus = {},
}: Pick<DescribedHost, "connection" | "driver" | "restoreAtBoot"> & Partial<Pick<DescribedHost, "gpus">>): object {
  return {
    ...(Object.keys(connection).length && { connection: withShortSudo(connection) }),
    ...(driver && { driver }),
    ...(restoreAtBoot === false && { restoreAtBoot }),
    ...(Object.keys(gpus).length && { gpus: mapValues(gpus, gpuEntry) }),
  };
}

const withShortSudo = ({ sudo, ...rest }: DescribedHost["connection"]) => ({
  ...rest,
  ...(sudo && { sudo: sudo.password ? sudo : true }),
});

const gpuEntry = ({ gpu, mig, vgpus, named: claimed, gpuInstances }: DescribedGpu): object => ({
  gpu,
  ...(mig && { mig }),
  ...(gpuInstances && { gpuInstances }),
  ...(vgpus && { vgpus }),
  ...(claimed && { named: mapValues(claimed, ({ comment: _, ...vgpu }) => vgpu) }),
});

const mapValues = <T, R>(record: Record<string, T>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

function patternsOf(group: readonly DescribedHost[]): string | string[] {
  const folded = foldNames(group.map(({ name }) => name));
  return folded.length === 1 ? folded[0]! : folded;
}

/** Names groups by the GPUs of their hosts: `l40s`, `a40-t4`, and a second `l40s-2`. */
function nameGroups<G extends readonly [DescribedHost, ...DescribedHost[]]>(groups: readonly G[]): Record<string, G> {
  const taken: Record<string, G> = {};
  for (const group of groups) {
    const name = groupName(group[0]);
    let number = 1;
    while ((number === 1 ? name : `${name}-${number}`) in taken) number++;
    taken[number === 1 ? name : `${name}-${number}`] = group;
  }
  return taken;
}

function groupName({ models }: DescribedHost): string {
  const words = [...new Set(models)].map((model) =>
    model
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, ""),
  );
  return words.join("-") || "hosts";
}

/** Adds what the file cannot express as comments. */
function addComments(map: YAMLMap, { gpus, comments }: DescribedHost): void {
  if (map.items.length === 0) return addComment(map, comments.join("; "));
  if (comments.length) map.commentBefore = comments.map((text) => ` ${sanitizeLine(text)}`).join("\n");
  if (map.has("driver")) addComment(map.get("driver") as YAMLMap);
  for (const [key, gpu] of Object.entries(gpus)) {
    const at = map.getIn(["gpus", key]) as YAMLMap;
    at.flow = !gpu.named;
    addComment(at.flow ? at : (at.get("gpu") as YAMLMap), gpu.comment);
    for (const counts of ["vgpus", "gpuInstances"]) if (at.has(counts)) (at.get(counts) as YAMLMap).flow = true;
    for (const [name, vgpu] of Object.entries(gpu.named ?? {}))
      addComment(at.getIn(["named", name]) as YAMLMap, vgpu.comment);
  }
}

function addComment(map: YAMLMap, text?: string): void {
  map.flow = true;
  if (text) map.comment = ` ${sanitizeLine(text)}`;
}
