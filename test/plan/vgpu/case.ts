import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { User } from "../../../provider/model/facts/users";
import { GpuSelector } from "../../../provider/model/gpu-selector";
import { pciAddress } from "../../../provider/model/pci-address";
import { vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { DesiredVgpu, ObsoleteVgpu, Sibling, VgpuGoal } from "../../../provider/plan/goal";
import { hostFacts } from "../../../provider/probe";
import { claimBy } from "../claim";
import { changed } from "../driver/changed";
import type { Kind } from "../model/cards";
import { functionsOf, typeBy } from "../model/cards";
import { ModelHost } from "../model/host";

/** One file of cases/; README.md there describes it. */
export interface Case {
  title: string;
  capture?: string;
  host?: Card[];
  records?: { uuid: string; function: string; typeId: number; owner: string; boot?: string }[];
  facts?: Record<string, unknown>;
  goals: GoalOfCase[];
  steps?: Record<string, string>;
  blockers?: Record<string, string>;
  notes?: string[];
}

interface Card {
  card: string;
  vfs?: "off";
  carries?: {
    type: string;
    on: number | string;
    uuid?: string;
    owner?: string;
    users?: string[];
    parameters?: string;
    record?: { boot?: string | null; adopted?: true };
  }[];
}

interface GoalOfCase {
  gpu: unknown;
  pin?: { uuid?: string; address: string; selector?: unknown };
  single?: boolean;
  owner?: string;
  counts?: Record<string, number>;
  named?: Record<string, { type: string; virtualFunction?: number | string; parameters?: string }>;
  obsolete?: string[];
  keepInUse?: true;
  /** UUIDs that the state has. */
  known?: string[];
  /** UUID to FUNCTION TYPE. */
  last?: Record<string, string>;
  takeOver?: string[];
  /** `UUID`, or `UUID FUNCTION TYPE`, of another resource of the stack. */
  siblings?: string[];
}

export function caseHost({ capture, host = [], records = [], facts = {} }: Case): HostFacts {
  if (capture)
    return changed(hostFacts(readFileSync(join(__dirname, "../../captures", `${capture}.txt`), "utf8")), facts);
  const model = new ModelHost();
  for (const one of host) place(model, one);
  for (const record of records)
    model.records.set(record.uuid, { boot: "an earlier one", ...record, function: pciAddress(record.function) });
  return changed(model.facts(), facts);
}

function place(model: ModelHost, { card: written, vfs, carries = [] }: Card): void {
  const [kind, address] = written.split("@") as [Kind, string];
  const card = model.add(kind, address, vfs !== "off");
  for (const one of carries) {
    const at = typeof one.on === "number" ? functionsOf(card)[one.on]! : pciAddress(one.on);
    const type = typeBy(kind, one.type);
    const vgpu = model.make(card, at, type, kind === "L40S" ? null : (one.uuid ?? "by-hand"));
    vgpu.parameters = one.parameters ?? "";
    vgpu.users = (one.users ?? []).map(asUser);
    const { boot = model.bootId, adopted } = one.record ?? {};
    const place = { uuid: one.uuid!, function: at, typeId: type.id, boot: boot ?? undefined };
    if (one.owner) model.records.set(one.uuid!, { ...place, owner: one.owner, adopted });
  }
}

/** `web running` and `build defined` are guests of libvirt. */
function asUser(written: string): User {
  const [guest, state] = written.split(" ") as [string, string];
  return { guest, kind: "libvirt", running: state === "running" };
}

export const goalsOf = ({ goals }: Case): VgpuGoal[] =>
  goals.map(
    (
      {
        gpu,
        pin,
        single = false,
        owner = "me",
        counts = {},
        named = {},
        obsolete = [],
        keepInUse,
        known = [],
        last = {},
        takeOver,
        siblings = [],
      },
      i,
    ) => ({
      kind: "vgpus",
      key: `card-${i}`,
      gpu: GpuSelector.parse(gpu),
      pin: pin && {
        uuid: pin.uuid,
        address: pciAddress(pin.address),
        selector: GpuSelector.parse(pin.selector ?? gpu),
      },
      managesWholeGpu: !single,
      keepInUse,
      takeOver,
      siblings: siblings.map(asSibling),
      claim: claimBy(owner),
      desired: [...Object.entries(named).map(asNamed), ...Object.entries(counts).flatMap(counted)].map((one) => ({
        ...one,
        ...(known.includes(one.uuid) && { known: true as const }),
        ...(last[one.uuid] && { last: asUnwanted(`${one.uuid} ${last[one.uuid]}`) }),
      })),
      obsolete: obsolete.map(asUnwanted),
    }),
  );

const asNamed = ([uuid, { type, virtualFunction, parameters }]: [
  string,
  NonNullable<GoalOfCase["named"]>[string],
]): DesiredVgpu => ({
  uuid,
  type: vgpuTypeName(type),
  virtualFunction: typeof virtualFunction === "string" ? pciAddress(virtualFunction) : virtualFunction,
  parameters,
  interchangeable: false,
});

const counted = ([type, count]: [string, number]): DesiredVgpu[] =>
  Array.from({ length: count }, (_, i) => ({
    uuid: `${type}#${i + 1}`,
    type: vgpuTypeName(type),
    interchangeable: true,
  }));

/** `UUID FUNCTION TYPE`, as a state remembers a vGPU; with `adopted` behind it, one that was there before. */
function asUnwanted(written: string): ObsoleteVgpu {
  const [uuid, at, typeId, adopted] = written.split(" ") as [string, string, string, string?];
  return { uuid, function: pciAddress(at), typeId: Number(typeId), ...(adopted && { adopted: true as const }) };
}

function asSibling(written: string): Sibling {
  const [uuid, at, typeId] = written.split(" ") as [string, string?, string?];
  return {
    resource: "MdevVgpu b",
    urn: "urn of b",
    uuid,
    function: at === undefined ? undefined : pciAddress(at),
    typeId: typeId === undefined ? undefined : Number(typeId),
  };
}

/** The words of a step as the cases have them: of what is written down beside a vGPU only the owner, whom it serves, and `adopted`. */
export function inShort([name, ...words]: readonly string[]): string {
  if (!["create_mdev", "set_type", "adopt_vgpu"].includes(name!)) return [name, ...words].join(" ");
  const [parameters, ...written] = words.slice(3);
  const { owner, serves, adopted } = Object.fromEntries(
    written.map((word) => word.split(/=(.*)/s) as [string, string]),
  );
  const shown = name === "adopt_vgpu" ? [serves, adopted && "adopted"] : [parameters];
  return [name, ...words.slice(0, 3), owner, ...shown].filter(Boolean).join(" ");
}
