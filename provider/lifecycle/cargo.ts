import { UserError } from "../model/errors";
import { digestOf, type FileDigest } from "../ssh";
import type { Cargo } from "./resource-kind";

/** A local file as it has to arrive. One that is not the file that was meant is found before anything is sent. */
export async function cargoOf(from: string, to: string, expectedSha256: string | undefined): Promise<Cargo> {
  const { bytes, sha256 } = await measure(from);
  if (expectedSha256 !== undefined && sha256 !== expectedSha256) {
    throw new UserError({
      tried: "use the package",
      device: from,
      seen: `its sha256 is ${sha256}, and ${expectedSha256} was expected`,
      next: "Download it again, or correct sha256.",
    });
  }
  return { from, to, bytes, sha256 };
}

async function measure(path: string): Promise<FileDigest> {
  try {
    return await digestOf(path);
  } catch (error) {
    throw new UserError({
      tried: "read the package",
      device: path,
      seen: (error as Error).message,
      next: "The path is looked up from the folder of the Pulumi program.",
    });
  }
}
