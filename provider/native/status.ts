import type { ServiceError } from "@grpc/grpc-js";
import { PartialFailure } from "../lifecycle/engine/errors";
import { pulumiModule } from "../lifecycle/engine/pulumi-library";
import { errorMessage } from "../model/errors";
import { toWire } from "./wire";

/** Converts an error for the engine. A partial failure has the new state in its details: the engine keeps it, and calls update next time. */
export function toStatus(error: unknown): Pick<ServiceError, "code" | "details" | "metadata"> {
  const { Metadata, status } = pulumiModule("@grpc/grpc-js");
  const metadata = new Metadata();
  if (error instanceof PartialFailure) metadata.add("grpc-status-details-bin", detailsOf(error));
  return { code: status.UNKNOWN, details: messageOf(error), metadata };
}

/** Errors of the handlers are converted already, and have no stack. */
const messageOf = (error: unknown): string =>
  error instanceof Error && (error.stack === "" || error instanceof PartialFailure)
    ? error.message
    : errorMessage(error);

function detailsOf({ id, properties, reasons, message }: PartialFailure): Buffer {
  const { ErrorResourceInitFailed } = pulumiModule("./provider_pb.js");
  const { Status } = pulumiModule("./status_pb.js");
  const { Any } = pulumiModule("google-protobuf/google/protobuf/any_pb.js");
  const failure = new ErrorResourceInitFailed();
  failure.setId(id);
  failure.setProperties(toWire(properties));
  failure.setReasonsList(reasons);
  const any = new Any();
  any.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(pulumiModule("@grpc/grpc-js").status.UNKNOWN);
  status.setMessage(message);
  status.addDetails(any);
  return Buffer.from(status.serializeBinary());
}
