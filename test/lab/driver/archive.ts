/** A file or symbolic link in an archive. Paths are relative, without a leading "./". */
export interface Entry {
  path: string;
  content: Buffer | string;
  mode?: number;
  /** Target of a symbolic link; `content` is empty then. */
  link?: string;
}

/** One time for all files, so that the same sources give the same bytes. Not 0: make and dpkg dislike 1970. */
const mtime = Date.UTC(2024, 0, 1) / 1000;
const blockSize = 512;

const pad = (data: Buffer, to: number, filler = 0): Buffer =>
  Buffer.concat([data, Buffer.alloc((to - (data.length % to)) % to, filler)]);

function tarHeader(name: string, type: "0" | "2" | "5", mode: number, size: number, link = ""): Buffer {
  if (name.length > 100) throw new Error(`"${name}" is too long for a tar header`);
  const header = Buffer.alloc(blockSize);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  header.write(name, 0);
  header.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(mtime, 12), 100);
  header.write(`${" ".repeat(8)}${type}${link}`, 148);
  header.write("ustar\x0000root", 257);
  header.write("root", 297);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return header;
}

/** A POSIX tar archive: entries in the order of their paths, each folder before what is in it, all owned by root. */
export function tar(entries: Entry[], prefix = ""): Buffer {
  const blocks: Buffer[] = [];
  const folders = new Set<string>();
  for (const entry of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const parts = entry.path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = `${parts.slice(0, depth).join("/")}/`;
      if (!folders.has(folder)) blocks.push(tarHeader(prefix + folder, "5", 0o755, 0));
      folders.add(folder);
    }
    const data = Buffer.from(entry.content);
    blocks.push(
      entry.link === undefined
        ? tarHeader(prefix + entry.path, "0", entry.mode ?? 0o644, data.length)
        : tarHeader(prefix + entry.path, "2", 0o777, 0, entry.link),
    );
    blocks.push(pad(data, blockSize));
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

/** An ar archive, the outer shape of a .deb. */
export function ar(members: { name: string; data: Buffer }[]): Buffer {
  const header = (name: string, size: number): string =>
    `${[
      [name, 16],
      [mtime, 12],
      [0, 6],
      [0, 6],
      ["100644", 8],
      [size, 10],
    ]
      .map(([value, width]) => String(value).padEnd(width as number))
      .join("")}\`\n`;
  return Buffer.concat([
    Buffer.from("!<arch>\n"),
    ...members.flatMap(({ name, data }) => [Buffer.from(header(name, data.length)), pad(data, 2, 0x0a)]),
  ]);
}
