import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { LabHost, UpOptions } from "..";
import { up } from "..";
import type { Behaviour } from "./behaviour";
import { pci } from "./devices";
import { migChanges } from "./mig-changes";
import { mdevHost, prepareMdevHost, prepareVendorHost, vendorHost } from "./mig-hosts";
import { migInstances } from "./mig-instances";
import { A40, migModes } from "./mig-mode";
import { migUsers } from "./mig-users";
import { migVendor } from "./mig-vendor";
import { mixedSizes, placements } from "./mixed-sizes";

const tools = "/usr/lib/nvidia/standin/tools/NvidiaSmi";
const kept = "/root/kept";
const sed = (file: string, expression: string) => `sed -i '${expression}' ${file} && ! cmp -s ${file} ${kept}${file}`;
const list = (expression: string) => sed(`${tools}/Mig.pm`, expression);
const change = (expression: string) => sed(`${tools}/MigChange.pm`, expression);
const query = (expression: string) => sed(`${tools}/Query.pm`, expression);
const vgpu = (expression: string) => sed(`${tools}/Vgpu.pm`, expression);
/** Puts another content in the place of a file of sysfs. */
const cover = (path: string, content: string) =>
  `printf '%b' '${content}' > /root/cover && mount --bind /root/cover ${path}`;

const destroysAll = change("s/if (.host->control(.gi-destroy.*) {/if (0) {/");
const freeIsTotal = list(`s|"$free/|"$profile->{total}/|`);
const knob = (name: string) => `echo 99 > /sys/module/nvidia/parameters/${name}`;
const ignoresShm = vgpu("s/my .error = .host->control(.hetero.*;/my $error = q();/");
const changesWithVfs = change('s/$in_use.n"; return 19 }/$in_use\\\\n"; next }/');

/** How to disable each behaviour. */
type Disabled = [`B${number}`, string][];

const onMdevHost: Disabled = [
  ["B84", change("s/my .gi = .made ? .made->{gi} : 0;/return 1 if !$made; my $gi = $made->{gi};/")],
  ["B85", list("s/No GPU instances found: Not Found/none/")],
  ["B86", change('s/: .profile->{id}) :/: "$profile->{id}:0") :/')],
  ["B90", vgpu("s/? 19 : 3/? 3 : 3/")],
  ["B91", `nvidia-smi vgpu -i ${A40} -shm 1`],
  ["B92", query("s/Heterogenous/Heterogeneous/")],
  ["B93", ignoresShm],
  ["B103", change("s/if (.errno) {/if ($errno \\&\\& $errno !~ m{busy}) {/")],
  ["B104", change("s/return .status;/next;/")],
  ["B105", change("s/using profile %s: %s/using %s: %s/")],
  ["B106", freeIsTotal],
  ["B107", change("s/(\\[^+\\]\\*)/(.*)/")],
  ["B108", freeIsTotal],
  ["B109", change("s/Failed to destroy GPU instances: /Failed: /")],
  ["B110", destroysAll],
  ["B111", change("s/Not Found/none/")],
  ["B112", query("s/grep { .*compute} } //")],
  ["B115", query("s/.gpu->{mig} ? .N.A. : //")],
  ["B118", destroysAll],
  ["B122", cover(`${pci("0000:c4:00.5")}/mdev_supported_types/nvidia-476/available_instances`, "0\\n")],
  ["B126", list("s/No compute instances found/1 compute instance/")],
  ["B128", destroysAll],
  ["B147", ignoresShm],
  ["B148", ignoresShm],
  ["B149", ignoresShm],
  ["B113", sed(`${tools}/Nodes.pm`, "s/unless -e .node/if 0/")],
  ["B114", "printf '#!/bin/sh\\n' > /usr/lib/nvidia/sriov-manage"],
  ["B125", list("s/No compute instances found/1 compute instance/")],
  ["B127", change("s/.errno =~ .busy. ? .busy. : //")],
  ["B146", "echo 1 > /sys/module/nvidia_vgpu_vfio/parameters/lab_types_need_vgpud"],
  ["B130", sed(`${tools}/Accounting.pm`, "s/.gpu->{accounting}/1/")],
  ["B137", knob("lab_reset_nothing")],
  ["B139", change("s/Warning: MIG mode is in pending/MIG mode is in pending/")],
  ["B140", knob("lab_mig_busy")],
  ["B142", change("s/:Timeout//")],
  ["B153", ignoresShm],
  ["B150", vgpu('s/join . ., split/join ",", split/')],
  ["B37", "printf '#!/bin/sh\\n' > /usr/lib/nvidia/sriov-manage"],
  ["B82", changesWithVfs],
  ["B83", change("s/Warning: persistence/Note: persistence/")],
  ["B116", change("s/Treating as warning and moving on/Giving up/")],
  ["B129", changesWithVfs],
  ["B132", "sed -i s/plain-package/other/ $(command -v nvidia-vgpud)"],
  ["B136", change("s/Warning: MIG mode is in pending/MIG mode is in pending/")],
  ["B141", change("s/was successfully reset/was reset/")],
  ["B145", "sed -i /nvidia-smi-hangs/d $(command -v nvidia-smi)"],
  ["B89", change("s/^    save_inforom();//")],
];

const vf = "0000:c4:00.2";
const onVendorHost: Disabled = [
  ["B73", cover(`${pci(vf)}/nvidia/current_vgpu_type`, "0\\n")],
  ["B87", vgpu("s/eq .-. ? .N.A. : .type->{profile})/eq q(-) ? 0 : $type->{profile})/")],
  ["B88", vgpu("s/0x%x/%d/")],
  ["B117", change("s/Treating as warning and moving on/Giving up/")],
  ["B119", cover(`${pci("0000:41:00.5")}/nvidia/creatable_vgpu_types`, "821   : NVIDIA H100-1-10C\\n")],
  ["B120", vgpu("s/575/999/")],
  ["B121", cover(`${pci(vf)}/nvidia/creatable_vgpu_types`, "")],
  ["B123", cover(`${pci("0000:c4:00.4")}/nvidia/current_vgpu_type`, "0\\n")],
  ["B124", cover(`${pci(vf)}/nvidia/gpu_instance_id`, "5\\n")],
  ["B135", change('s/: .in_use.n.; return 19 }/\\\\n"; return 19 }/')],
  ["B151", cover(`${pci("0000:3d:00.5")}/nvidia/placement_id`, "0\\n")],
  ["B152", vgpu("s/565/999/")],
  ["B154", vgpu("s/: Not Supported/: None/")],
];

/** What a switch may have changed outside of the kernel: it is kept, and put back. */
const changed = `${tools} /usr/lib/nvidia/sriov-manage $(command -v nvidia-smi) $(command -v nvidia-vgpud)`;
const putBack = `
  cp -a ${kept}/. /
  sed -n 's|^[^ ]* \\(/sys/devices/[^ ]*\\) .*|\\1|p' /proc/mounts | xargs -r -n 1 umount
  rm -rf /run/nvidia-standin/faults
  for one in /sys/module/nvidia*/parameters/lab_*; do case $one in */lab_framework) ;; *) echo 0 > $one ;; esac; done`;

function checksFail(
  title: string,
  options: UpOptions,
  prepare: (lab: LabHost) => Promise<string>,
  behaviours: Behaviour[],
  disabled: Disabled,
): void {
  describe(title, () => {
    let lab: LabHost;
    let prepared: string;
    beforeAll(async () => {
      lab = await up(options);
      prepared = await prepare(lab);
      await lab.run(`mkdir -p ${kept} && tar -cPf - ${changed} | tar -xf - -C ${kept}`);
    });
    afterAll(() => lab?.down());
    afterEach(async () => {
      await lab.run(putBack);
      expect(await prepare(lab), "the host as it was prepared").toBe(prepared);
    });

    test.each(disabled)("the check of %s fails if the host behaves otherwise", async (id, how) => {
      await lab.run(how);
      await expect(behaviours.find((one) => one.id === id)!.check(lab)).rejects.toThrow();
    });

    test("each of these behaviours was disabled", () =>
      expect(disabled.map(([id]) => id).sort()).toEqual(behaviours.map(({ id }) => id).sort()));
  });
}

checksFail(
  "checks of disabled behaviours of MIG and mixed sizes with mdev",
  mdevHost,
  prepareMdevHost,
  [...mixedSizes, ...migInstances, ...migUsers, ...migChanges, ...migModes],
  onMdevHost,
);

checksFail(
  "checks of disabled behaviours of MIG by type files",
  vendorHost,
  prepareVendorHost,
  [...placements, ...migVendor],
  onVendorHost,
);
