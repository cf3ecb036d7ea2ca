import { createHash } from "node:crypto";

const ours = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** The UUID that belongs to a name (RFC 9562, version 5, namespace of URLs): the same name has the same one for ever. */
export function uuidOf(name: string): string {
  const bytes = createHash("sha1").update(ours).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
