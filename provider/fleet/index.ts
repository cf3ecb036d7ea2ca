export * from "./fleet";
export * from "./resolve";
export { SecretReference } from "./schema/common";
export { FleetConnection } from "./schema/connection";
export { FleetFile } from "./schema/file";
export { HostSettings } from "./schema/settings";
export * from "./show";
