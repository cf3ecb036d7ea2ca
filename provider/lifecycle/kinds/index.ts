import type { ResourceKind } from "../resource-kind";
import { driver } from "./driver";
import { layout } from "./layout";
import { mig } from "./mig";
import { sriov } from "./sriov";
import { vgpu } from "./vgpu";

/** All kinds of resources. The native plugin and the package schema have each of them. */
export const kinds: readonly ResourceKind<object>[] = [driver, mig, sriov, vgpu, layout];
