import { sectionsOf } from "./replica";

const buses = ["c5", "c6", "c7", "c8", "c9", "ca", "cb"];

/** Adds seven GPUs like the A100 in MIG mode of `lab-t4-a40-a100`, which is the third GPU there, to the capture of that host. */
export function withEightMigGpus(capture: string): string {
  const boundary = /^nvidia-vgpu-capture 1 (\S+)/.exec(capture)![1]!;
  const bodies = [...sectionsOf(capture)].map(([name, lines]) => {
    const copies = buses.flatMap((bus, n) => copied(name, lines, bus, 3 + n));
    return [`--${boundary} ${name}`, ...lines, ...copies, ""].join("\n");
  });
  return `${capture.slice(0, capture.indexOf("\n"))}\n${bodies.join("")}`;
}

/** Returns the lines of a section that are about the A100, for another bus and index. */
function copied(section: string, lines: readonly string[], bus: string, index: number): string[] {
  const moved = (line: string) =>
    line
      .replaceAll("0000:c4:", `0000:${bus}:`)
      .replace("C4:00.0", `${bus.toUpperCase()}:00.0`)
      .replace(/GPU-[0-9a-f]{8}/, `GPU-000000${bus}`)
      .replace(/^(\| +|GPU +)2 /, `$1${index} `);
  if (["files", "links", "times"].includes(section))
    return lines.filter((line) => line.includes("0000:c4:")).map(moved);
  if (section.startsWith("mig-")) return lines.filter((line) => /^(\| +|GPU +)2 /.test(line)).map(moved);
  if (!["nvidia-smi", "vgpu-types"].includes(section)) return [];
  const from = lines.findIndex((line) => /^GPU .*C4:00\.0$/.test(line));
  return lines.slice(from).map(moved);
}
