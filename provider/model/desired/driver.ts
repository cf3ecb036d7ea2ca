import { z } from "zod";
import { parseDriverPackage } from "../driver-package";
import { DriverVersion } from "../driver-version";
import { isUserError } from "../errors";
import { RebootPolicy } from "./reboot-policy";

const sha256 = z
  .string()
  .regex(/^[\da-fA-F]{64}$/, "a sha256 has 64 hexadecimal digits")
  .transform((digits) => digits.toLowerCase());

const path = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    try {
      parseDriverPackage(value);
    } catch (error) {
      if (!isUserError(error)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  });

/** A file beside the Pulumi program, or one that the host has already. */
export const PackageSource = z.union([
  path,
  z.strictObject({
    onHost: path
      .refine((at) => at.startsWith("/"), "a path on the host begins with /")
      .describe("Where the host has the .run file."),
  }),
]);
export type PackageSource = z.infer<typeof PackageSource>;

/** Which driver is meant: what belongs together, and says nothing without the rest. */
const driverSelection = {
  package: PackageSource.optional().describe(
    "The vGPU Manager: a local .run file, or {onHost} for one that the host has. Left out: nothing is installed, only required.",
  ),
  sha256: sha256.optional().describe("Digest of the package, in hexadecimal. Checked before anything is run."),
  version: DriverVersion.optional().describe(
    "The version that shall be loaded. Default: the one in the package's name.",
  ),
};

export const DriverSelection = z.strictObject(driverSelection).superRefine(requireOneDriver);
export type DriverSelection = z.infer<typeof DriverSelection>;

/** What a host's driver shall be. */
export const DriverArguments = z
  .strictObject({
    ...driverSelection,
    prerequisites: z
      .enum(["install", "require"])
      .default("install")
      .describe(
        "Compiler, kernel headers, nouveau's blacklist, kernel command line: bring them, or only require them.",
      ),
    iommu: z.boolean().default(false).describe("Turn the IOMMU on by the kernel command line where it is off."),
    dkms: z
      .boolean()
      .optional()
      .describe("Have DKMS rebuild the modules for new kernels. Default: what the installer of the branch does."),
    reboot: RebootPolicy.default("never").describe(
      "never: stop before a reboot and say so. whenIdle: reboot when no virtual machine, no container and no package manager runs, and " +
        "nobody forbids a shutdown; {whenIdle: {exceptContainers: [...]}}: containers of these names do not count.",
    ),
    rebootTimeout: z
      .int()
      .min(60)
      .max(86_400)
      .optional()
      .describe("How many seconds the host may take to come back from a reboot. Default: 1800."),
    onDelete: z
      .enum(["keep", "uninstall"])
      .default("keep")
      .describe("What becomes of the driver when the resource is deleted."),
  })
  .superRefine(requireOneDriver);
export type DriverArguments = z.infer<typeof DriverArguments>;

type Parts = z.infer<z.ZodObject<typeof driverSelection>>;

function requireOneDriver({ package: source, version, sha256: digest }: Parts, context: z.RefinementCtx): void {
  const refuse = (property: keyof Parts, message: string) =>
    context.addIssue({ code: "custom", path: [property], message });
  if (source === undefined && version === undefined) refuse("version", "required: set version or package");
  if (source === undefined && digest !== undefined)
    refuse("sha256", "it is the digest of a package, but package is not set");
  if (source === undefined || version === undefined) return;
  const packaged = versionOf(source);
  if (packaged !== version) refuse("version", `the package contains ${packaged}`);
}

export const pathOf = (source: PackageSource): string => (typeof source === "string" ? source : source.onHost);

const versionOf = (source: PackageSource): DriverVersion => parseDriverPackage(pathOf(source)).version;

/** One of the two is always given. */
export const desiredVersion = ({ version, package: source }: DriverArguments): DriverVersion =>
  version ?? versionOf(source!);
