import { provedOn } from "./behaviour";
import { mdevHost, prepareMdevHost, prepareVendorHost, vendorHost } from "./mig-hosts";
import { migInstances } from "./mig-instances";
import { migModes } from "./mig-mode";
import { migVendor } from "./mig-vendor";
import { mixedSizes, placements } from "./mixed-sizes";

provedOn("MIG and mixed sizes with mdev", { ...mdevHost, prepare: prepareMdevHost }, [
  ...mixedSizes,
  ...migInstances,
  ...migModes,
]);

provedOn("MIG and placements by type files", { ...vendorHost, prepare: prepareVendorHost }, [
  ...placements,
  ...migVendor,
]);
