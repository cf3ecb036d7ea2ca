import type { ServiceError } from "@grpc/grpc-js";
import { PartialFailure } from "../lifecycle/engine/errors";
import { pulumiModule } from "../lifecycle/engine/pulumi-library";
import { errorMessage } from "../model/errors";
import { toWire } from "./wire";

/** A partial failure of a call of the engine, with where the secrets of its inputs were. */
export class FailedChange extends PartialFailure {
  constructor(
    { id, properties, reasons }: PartialFailure,
    readonly secrets: ReadonlySet<string>,
  ) {
    super(id, properties, reasons);
  }
}

/** Returns a function that throws an error of a change again, so that what was secret in its inputs is secret in the state. */
export const keepingSecrets =
  (secrets: ReadonlySet<string>) =>
  (error: unknown): never => {
    throw error instanceof PartialFailure ? new FailedChange(error, secrets) : error;
  };

/** Converts an error for the engine. A partial failure has the new state in its details: the engine keeps it, and calls update next time. */
export function toStatus(error: unknown): Pick<ServiceError, "code" | "details" | "metadata"> {
  const { Metadata, status } = pulumiModule("@grpc/grpc-js");
  const metadata = new Metadata();
  if (error instanceof FailedChange) metadata.add("grpc-status-details-bin", detailsOf(error));
  return { code: status.UNKNOWN, details: messageOf(error), metadata };
}

/** Errors of the handlers are converted already, and have no stack. */
const messageOf = (error: unknown): string =>
  error instanceof Error && (error.stack === "" || error instanceof PartialFailure)
    ? error.message
    : errorMessage(error);

function detailsOf({ id, properties, reasons, message, secrets }: FailedChange): Buffer {
  const { ErrorResourceInitFailed } = pulumiModule("./provider_pb.js");
  const { Status } = pulumiModule("./status_pb.js");
  const { Any } = pulumiModule("google-protobuf/google/protobuf/any_pb.js");
  const failure = new ErrorResourceInitFailed();
  failure.setId(id);
  failure.setProperties(toWire(properties, secrets));
  failure.setReasonsList(reasons);
  const any = new Any();
  any.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(pulumiModule("@grpc/grpc-js").status.UNKNOWN);
  status.setMessage(message);
  status.addDetails(any);
  return Buffer.from(status.serializeBinary());
}
