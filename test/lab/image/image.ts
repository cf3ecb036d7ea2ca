import { chmodSync } from "node:fs";
import { join } from "node:path";
import { cached, hashOf, labFolder } from "../cache";
import { asRoot, runLogged } from "../program";

/** The parts that every lab host is started from. All are read-only: a running host writes to an overlay. */
export interface Image {
  /** Changes when anything that the guest is made from changes. */
  hash: string;
  /** Raw disks: bare, with compiler and kernel headers, and without nouveau besides. */
  disks: Record<"bare" | "tools" | "nouveauOff", string>;
  repository: string;
  grub: string;
  /** Private key that logs in as root, ops and admin. */
  key: string;
  /** Public host key, `ssh-ed25519 AAAA…`. */
  hostKey: string;
}

const script = (name: string): string => join(__dirname, name);

/**
 * Gives the image, and makes what is missing of it: minutes the first time. The root file system follows the machine's
 * apt, so a new kernel comes in when the cache is emptied.
 */
export async function guestImage(): Promise<Image> {
  const rootfs = await cached("rootfs", hashOf({ path: script("rootfs.sh") }), (folder) =>
    asRootLogged(folder, script("rootfs.sh"), [join(folder, "rootfs.tar")]),
  );
  const repository = await cached("repository", hashOf(rootfs, { path: script("repository.sh") }), (folder) =>
    asRootLogged(folder, script("repository.sh"), [join(rootfs, "rootfs.tar"), folder]),
  );
  const grub = await cached("grub", hashOf({ path: script("grub.sh") }), (folder) =>
    runLogged(join(folder, "log"), script("grub.sh"), [folder]),
  );
  const hash = hashOf(
    repository,
    ...["assemble.sh", "files", "../hardware", "../guest"].map((name) => ({ path: script(name) })),
  );
  const image = await cached("image", hash, (folder) =>
    asRootLogged(folder, "unshare", ["-m", script("assemble.sh"), join(rootfs, "rootfs.tar"), repository, folder]),
  );
  chmodSync(labFolder, 0o755);
  return {
    hash,
    disks: {
      bare: join(image, "bare.img"),
      tools: join(image, "tools.img"),
      nouveauOff: join(image, "nouveau-off.img"),
    },
    repository: join(repository, "repository.img"),
    grub: join(grub, "grub.lkrn"),
    key: join(image, "id_ed25519"),
    hostKey: join(image, "ssh_host_ed25519_key.pub"),
  };
}

async function asRootLogged(folder: string, program: string, args: string[]): Promise<void> {
  const [command, all] = asRoot(program, args);
  await runLogged(join(folder, "log"), command, all);
}
