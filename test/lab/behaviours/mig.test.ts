import { provedOn } from "./behaviour";
import { migChanges } from "./mig-changes";
import { mdevHost, prepareMdevHost, prepareVendorHost, vendorHost } from "./mig-hosts";
import { migInstances } from "./mig-instances";
import { migModes } from "./mig-mode";
import { migUsers } from "./mig-users";
import { migVendor } from "./mig-vendor";
import { mixedSizes, placements } from "./mixed-sizes";

provedOn("MIG and mixed sizes with mdev", { ...mdevHost, prepare: prepareMdevHost }, [
  ...mixedSizes,
  ...migInstances,
  ...migUsers,
  ...migChanges,
  ...migModes,
]);

provedOn("MIG and placements by type files", { ...vendorHost, prepare: prepareVendorHost }, [
  ...placements,
  ...migVendor,
]);
