import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesIn, root } from "../setup/places.mjs";

/** Returns the comments of the classes that programs use, by the name of the class, without their examples. */
export function classComments(): Map<string, string> {
  const files = ["provider/resources", "provider/components"].flatMap((folder) =>
    filesIn(folder).map((file) => readFileSync(join(root, folder, file), "utf8")),
  );
  const found = files.flatMap((text) => [...text.matchAll(/\/\*\*\n((?: \*.*\n)+?) \*\/\nexport class (\w+)/g)]);
  return new Map(found.map(([, comment, name]) => [name!, textOf(comment!)]));
}

const textOf = (comment: string): string =>
  comment
    .replace(/^ \* @[^]*/m, "")
    .replace(/^ \* ?/gm, "")
    .replace(/\n(?!\n)/g, " ")
    .trim();
