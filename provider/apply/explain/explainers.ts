import type { Explainer } from "./rule";
import { explainBy } from "./rule";
import type { Table } from "./texts";
import { rulesOf } from "./texts";

const explainer =
  (...names: readonly Table[]): Explainer =>
  (output) =>
    explainBy(rulesOf(...names), output.split("\n"));

/** Explains a failed installation. The installer exits with 1 for all errors; the reason is in its output (B01). */
export const explainInstaller = explainer("installer", "host", "build", "kernel");

/** Explains why modules could not be built by DKMS. */
export const explainBuild = explainer("host", "build", "kernel");

/** Explains why modules could not be loaded or unloaded, or services not started. */
export const explainModules = explainer("host", "system", "kernel");

/** Explains why packages could not be installed. */
export const explainPackages = explainer("host", "packages");

/** Explains why virtual functions could not be enabled or disabled. */
export const explainSriovManage = explainer("sriov", "host", "kernel");

/** Explains why MIG mode or a GPU instance did not change. */
export const explainMig = explainer("mig", "host");

/** Explains why a vGPU was not created, by the last line: earlier ones were retried. */
export const explainVgpu: Explainer = (output) => explainBy(rulesOf("vgpu"), output.trim().split("\n").slice(-1));

/** Explains errors that any step may have. */
export const explainAnyStep = explainer("host", "system");
