import { z } from "zod";
import { equivalences } from "../comparable";
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

/** A file on the machine that runs Pulumi, or one on the host. */
export const PackageSource = z.union([
  path,
  z.strictObject({
    onHost: path
      .refine((at) => at.startsWith("/"), "a path on the host begins with /")
      .describe("Path of the .run file on the host."),
  }),
]);
export type PackageSource = z.infer<typeof PackageSource>;

/** The arguments that select the driver; they are only valid together. */
const driverSelection = {
  package: PackageSource.optional().describe(
    "The vGPU Manager: a local .run file, or {onHost} for a file on the host. Left out: the driver is required, never installed.",
  ),
  sha256: sha256.optional().describe("Digest of the package, in hexadecimal. Checked before the package is run."),
  version: DriverVersion.optional().describe(
    "The required driver version. Default: the version in the package's name.",
  ),
};

export const DriverSelection = z.strictObject(driverSelection).superRefine(requireOneDriver);
export type DriverSelection = z.infer<typeof DriverSelection>;

/** The desired driver of a host. */
export const DriverArguments = z
  .strictObject({
    ...driverSelection,
    prerequisites: z
      .enum(["install", "require"])
      .default("install")
      .describe(
        "Compiler, kernel headers, nouveau blacklist, kernel command line: install them, or only require them.",
      ),
    iommu: z.boolean().default(false).describe("Turn on the IOMMU by the kernel command line if it is off."),
    dkms: z
      .boolean()
      .optional()
      .describe("Let DKMS rebuild the modules for new kernels. Default: the default of the branch's installer."),
    reboot: RebootPolicy.default("never").describe(
      "never: stop before a reboot with an error. whenIdle: reboot when no virtual machine, container or package manager runs, and " +
        "no inhibitor blocks a shutdown; {whenIdle: {exceptContainers: [...]}}: ignore containers of these names.",
    ),
    rebootTimeout: z
      .int()
      .min(60)
      .max(86_400)
      .optional()
      .register(equivalences, { absentMeans: 1800 })
      .describe("Seconds to wait for the host after a reboot. Default: 1800."),
    onDelete: z
      .enum(["keep", "uninstall"])
      .default("keep")
      .describe("What happens to the driver when the resource is deleted."),
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

/** Returns the desired version. Either version or package is always set. */
export const desiredVersion = ({ version, package: source }: DriverArguments): DriverVersion =>
  version ?? versionOf(source!);
