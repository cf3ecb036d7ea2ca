import { UserError } from "../model/errors";
import type { FileDigest } from "../ssh";
import { digestOf } from "../ssh";
import { expandHome } from "../ssh/local-file";
import type { PackageFile } from "./resource-kind";

/** Measures a local package, and compares its digest before anything is uploaded. */
export async function packageFile(path: string, to: string, expectedSha256: string | undefined): Promise<PackageFile> {
  const from = expandHome(path);
  const { bytes, sha256 } = await measure(from);
  if (expectedSha256 !== undefined && sha256 !== expectedSha256) {
    throw new UserError({
      action: "use the package",
      device: from,
      cause: `its sha256 is ${sha256}, and ${expectedSha256} was expected`,
      hint: "Download it again, or correct sha256.",
    });
  }
  return { from, to, bytes, sha256 };
}

const reasons: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
};

async function measure(path: string): Promise<FileDigest> {
  try {
    return await digestOf(path);
  } catch (error) {
    throw new UserError({
      action: "read the package",
      device: path,
      cause: reasons[(error as NodeJS.ErrnoException).code ?? ""] ?? (error as Error).message,
      hint: "A path is relative to the fleet file that names it, or to the folder of the Pulumi program.",
    });
  }
}
