// Components for all languages: the engine calls, and a program runs within the plugin. Only this needs the whole library of Pulumi, so
// it is loaded at the first call.
import * as pulumi from "@pulumi/pulumi";
import type { ConstructRequest, ConstructResponse } from "@pulumi/pulumi/proto/provider_pb";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";
import type { VgpuFleetArgs, VgpuHostArgs } from "../index";
import { pulumiModule } from "../lifecycle/engine/pulumi-library";
import { componentTypes } from "../lifecycle/engine/urn";
import { errorMessage, UserError } from "../model/errors";
import { VgpuFleet, VgpuHost } from "../native-sdk";
import { innerRun, runWithin } from "../resources/inner-run";
import { isOutputKnown, outputValue } from "../resources/pulumi-helpers";

/** Parts of Pulumi's own server of components, which its declarations leave out. A server for components alone could not serve resources. */
interface PulumiServer {
  withLocalStorage<R>(run: () => Promise<R>): Promise<R>;
  awaitFeatureSupport(): Promise<void>;
  waitForRPCs(): Promise<void>;
  deserializeInputs(inputs: unknown, dependencies: unknown): Promise<pulumi.Inputs>;
}

const { withLocalStorage } = require("@pulumi/pulumi/runtime/state") as PulumiServer;
const { awaitFeatureSupport, waitForRPCs } = require("@pulumi/pulumi/runtime/settings") as PulumiServer;
const { deserializeInputs } = require("@pulumi/pulumi/provider/server") as PulumiServer;

const failedResource = /failed to register new resource [^]*$/;

// Parts of a component wait for each other, so the failure of one rejects many promises, of which Pulumi handles few, and leaves others
// without an end. Without this, Node would end the plugin in the middle of its work on other hosts. Node calls it in the context of the
// promise, and so within the run of the component.
process.on("unhandledRejection", (error) => {
  const run = innerRun();
  if (run) run.fail(error);
  else console.error(errorMessage(error));
});

/** Returns an error that is not a mistake of this package: the engine did not create a resource of the component. */
function toFailure(error: unknown, request: ConstructRequest): unknown {
  const [cause] = failedResource.exec(String(error)) ?? [];
  if (!cause) return error;
  return new UserError({ action: `make ${request.getType().split(":").at(-1)} ${request.getName()}`, cause });
}

/** Makes the component of a request, with its resources, and waits for all that it reports. */
export const construct = (request: ConstructRequest, engine: string): Promise<ConstructResponse> =>
  // Several run at once, each with an engine and options of its own.
  withLocalStorage(() =>
    runWithin(async () => {
      await prepare(request, engine);
      const given = await deserializeInputs(request.getInputs(), request.getInputdependenciesMap());
      const component = make(request, await withKnownParts(given));
      const response = new (pulumiModule("./provider_pb.js").ConstructResponse)();
      const [state] = await pulumi.runtime.serializeResourceProperties("construct", { vgpus: component.vgpus });
      const { Struct } = pulumiModule("google-protobuf/google/protobuf/struct_pb.js");
      response.setUrn(await new Promise<string>((resolve) => component.urn.apply(resolve)));
      response.setState(Struct.fromJavaScript(state as never));
      await waitForRPCs();
      return response;
    }).catch((error: unknown) => {
      throw toFailure(error, request);
    }),
  );

async function prepare(request: ConstructRequest, engine: string): Promise<void> {
  resetOptions(
    request.getProject(),
    request.getStack(),
    request.getParallel(),
    engine,
    request.getMonitorendpoint(),
    request.getDryrun(),
    request.getOrganization(),
  );
  await awaitFeatureSupport();
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => (config[key] = value));
  pulumi.runtime.setAllConfig(config, request.getConfigsecretkeysList());
}

function make(request: ConstructRequest, args: object): VgpuHost | VgpuFleet {
  const [type, name, options] = [request.getType(), request.getName(), optionsOf(request)];
  if (type === componentTypes.host) return new VgpuHost(name, args as VgpuHostArgs, options);
  if (type === componentTypes.fleet) return new VgpuFleet(name, args as VgpuFleetArgs, options);
  throw new UserError({
    action: `find the component ${type}`,
    cause: `there are ${Object.values(componentTypes).join(", ")}`,
  });
}

function optionsOf(request: ConstructRequest): pulumi.ComponentResourceOptions {
  const providers: [string, pulumi.ProviderResource][] = [];
  request
    .getProvidersMap()
    .forEach((reference, name) => providers.push([name, new pulumi.DependencyProviderResource(reference)]));
  return {
    parent: request.getParent() ? new pulumi.DependencyResource(request.getParent()) : undefined,
    dependsOn: request.getDependenciesList().map((urn) => new pulumi.DependencyResource(urn)),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    providers: Object.fromEntries(providers),
  };
}

/** Returns the inputs with those that decide which resources there are as plain values. A secret within one makes all of it an output. */
async function withKnownParts(given: pulumi.Inputs): Promise<object> {
  const entries = Object.entries(given).map(async ([key, given]: [string, unknown]) => {
    if (key === "connection") return [key, given];
    const value = pulumi.output<unknown>(given);
    if (!(await isOutputKnown(value)))
      throw new UserError({
        action: "make the component",
        cause: `${key} is not known yet`,
        hint: "Give plain values.",
      });
    return [key, await outputValue(value)];
  });
  return Object.fromEntries((await Promise.all(entries)) as [string, unknown][]) as object;
}
