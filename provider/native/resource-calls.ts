import type * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { pulumiModule } from "../lifecycle/engine/pulumi-library";
import type { State } from "../lifecycle/state";
import type { Cancellation } from "./cancellation";
import type { NativeResource, PropertyDifference } from "./native-resource";
import { formatPath } from "./property-path";
import { keepingSecrets } from "./status";
import { fromWire, toWire } from "./wire";

/** Returns the calls of the engine that are about a resource. */
export function resourceCalls(resourceOf: (type: string) => NativeResource, cancellation: Cancellation) {
  const pb = pulumiModule("./provider_pb.js");
  const { Empty: Nothing } = pulumiModule("google-protobuf/google/protobuf/empty_pb.js");
  const resource = (request: { getType(): string; getUrn(): string }) =>
    resourceOf(request.getType() || request.getUrn().split("::")[2]!.split("$").at(-1)!);

  return {
    async check(request: messages.CheckRequest): Promise<messages.CheckResponse> {
      const news = fromWire(request.getNews());
      const before = fromWire(request.getOlds()).value;
      const { inputs, failures } = await resource(request).check(request.getUrn(), before, news.value);
      return new pb.CheckResponse()
        .setInputs(toWire(inputs, news.secrets))
        .setFailuresList(failures.map((reason) => new pb.CheckFailure().setReason(reason)));
    },

    async diff(request: messages.DiffRequest): Promise<messages.DiffResponse> {
      const [last, inputs] = [request.getOlds(), request.getNews()].map((one) => fromWire(one).value) as [State, State];
      return toDiffResponse(await resource(request).diff(request.getUrn(), request.getId(), last, inputs));
    },

    create: (request: messages.CreateRequest): Promise<messages.CreateResponse> =>
      cancellation.limit(request.getTimeout(), async (signal) => {
        const { value, secrets } = fromWire(request.getProperties());
        const options = { isPreview: request.getPreview(), signal };
        const { id, outs } = await resource(request)
          .create(request.getUrn(), value, options)
          .catch(keepingSecrets(secrets));
        return new pb.CreateResponse().setId(id).setProperties(toWire(outs, secrets));
      }),

    async read(request: messages.ReadRequest): Promise<messages.ReadResponse> {
      const [urn, id] = [request.getUrn(), request.getId()];
      const [last, given] = [fromWire(request.getProperties()), fromWire(request.getInputs())];
      const read = request.hasInputs()
        ? await resource(request).read(urn, id, last.value, given.value)
        : await resource(request).import(urn, id);
      if (read === undefined) return new pb.ReadResponse();
      // The engine shows a mark that only the outputs had as a difference of the input.
      return new pb.ReadResponse()
        .setId(read.id)
        .setProperties(toWire(read.outs, new Set([...last.secrets, ...given.secrets])))
        .setInputs(toWire(read.inputs, given.secrets));
    },

    update: (request: messages.UpdateRequest): Promise<messages.UpdateResponse> =>
      cancellation.limit(request.getTimeout(), async (signal) => {
        const news = fromWire(request.getNews());
        const last = fromWire(request.getOlds()).value;
        const options = { isPreview: request.getPreview(), signal };
        const outs = await resource(request)
          .update(request.getUrn(), request.getId(), last, news.value, options)
          .catch(keepingSecrets(news.secrets));
        return new pb.UpdateResponse().setProperties(toWire(outs, news.secrets));
      }),

    delete: (request: messages.DeleteRequest): Promise<Empty> =>
      cancellation.limit(request.getTimeout(), async (signal) => {
        const last = fromWire(request.getProperties()).value;
        await resource(request).delete(request.getUrn(), request.getId(), last, signal);
        return new Nothing();
      }),
  };
}

function toDiffResponse(found: readonly PropertyDifference[]): messages.DiffResponse {
  const { DiffResponse, PropertyDiff } = pulumiModule("./provider_pb.js");
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  const topLevel = (some: readonly PropertyDifference[]) => [...new Set(some.map(({ path }) => String(path[0])))];
  const response = new DiffResponse()
    .setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE)
    // Always: the old and the new resource would have the same devices.
    .setDeletebeforereplace(true)
    .setHasdetaileddiff(found.length > 0)
    .setDiffsList(topLevel(found))
    .setReplacesList(topLevel(found.filter(({ isReplaced }) => isReplaced)));
  for (const { path, change, isReplaced, isInput } of found) {
    const kind = `${change.toUpperCase()}${isReplaced ? "_REPLACE" : ""}` as keyof typeof PropertyDiff.Kind;
    response
      .getDetaileddiffMap()
      .set(formatPath(path), new PropertyDiff().setKind(PropertyDiff.Kind[kind]).setInputdiff(isInput));
  }
  return response;
}
