import type { Service } from "../../model/facts/driver";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { settings } from "../text";

/** Output of `systemctl show`: blocks of NAME=value with an empty line between them, in no fixed order. */
export function services(capture: Capture): OrUnknown<Service[]> {
  const blocks = capture
    .section("services")
    .join("\n")
    .split("\n\n")
    .map((block) => settings(block.split("\n")));
  const named = blocks.filter(({ Id }) => Id);
  if (!named.length) return unknown("systemctl is missing or told nothing");
  const byName = new Map(named.map((unit) => [unit.Id!, unit]));
  return [...byName.values()].map((unit) => ({
    name: unit.Id!,
    present: unit.LoadState === "loaded",
    enabled: unit.UnitFileState ?? "",
    active: unit.ActiveState ?? "",
    sub: unit.SubState ?? "",
    result: unit.Result ?? "",
    exitStatus: Number(unit.ExecMainStatus ?? 0),
  }));
}
