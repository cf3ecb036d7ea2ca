import { z } from "zod";
import { connection, rejectExclusive } from "../../model/connection";
import { SecretReference } from "./common";

const { host, proxy, sudo, readOnly, ...plain } = connection.shape;

const login = {
  ...plain,
  password: SecretReference.optional().describe(plain.password.description!),
  privateKey: SecretReference.optional().describe(plain.privateKey.description!),
  privateKeyPassword: SecretReference.optional().describe(plain.privateKeyPassword.description!),
};

export interface FleetProxy extends z.infer<z.ZodObject<typeof login>> {
  host: string;
  proxy?: FleetProxy;
}

export const FleetProxy: z.ZodType<FleetProxy, FleetProxy> = z
  .strictObject({
    host,
    ...login,
    get proxy() {
      return FleetProxy.optional().describe("Jump host through which this one is reached.");
    },
  })
  .superRefine(rejectExclusive)
  .meta({ id: "proxy" });

const Sudo = z.union([
  z.literal(true, "must be true or {password: {env: NAME}}").transform((): { password?: SecretReference } => ({})),
  z.strictObject({ password: SecretReference.optional().describe(sudo.unwrap().shape.password.description!) }),
]);

const rest = {
  ...login,
  proxy: FleetProxy.optional().describe(proxy.description!),
  sudo: Sudo.optional().describe(`${sudo.description} true is short for {}.`),
  readOnly,
};

/** The connection settings of one layer. */
export const ConnectionInput = z
  .strictObject({
    host: host.optional().describe("Name or address of the machine. Default: the name of the host in this file."),
    ...rest,
  })
  .meta({ id: "connection" });

/** The connection of a host, with references to secrets. */
export const FleetConnection = z.strictObject({ host, ...rest }).superRefine(rejectExclusive);
export type FleetConnection = z.infer<typeof FleetConnection>;
