import { createRequire } from "node:module";

interface Modules {
  "@grpc/grpc-js": typeof import("@grpc/grpc-js");
  "google-protobuf/google/protobuf/any_pb.js": typeof import("google-protobuf/google/protobuf/any_pb");
  "google-protobuf/google/protobuf/empty_pb.js": typeof import("google-protobuf/google/protobuf/empty_pb");
  "google-protobuf/google/protobuf/struct_pb.js": typeof import("google-protobuf/google/protobuf/struct_pb");
  "./engine_pb.js": typeof import("@pulumi/pulumi/proto/engine_pb");
  "./engine_grpc_pb.js": typeof import("@pulumi/pulumi/proto/engine_grpc_pb");
  "./plugin_pb.js": typeof import("@pulumi/pulumi/proto/plugin_pb");
  "./provider_pb.js": typeof import("@pulumi/pulumi/proto/provider_pb");
  "./provider_grpc_pb.js": typeof import("@pulumi/pulumi/proto/provider_grpc_pb");
  "./status_pb.js": typeof import("@pulumi/pulumi/proto/status_pb");
}

/**
 * Loads a module as Pulumi's own code does, which has to get objects of the same classes: with linked packages, Node may load a file
 * twice, under two names. The modules of the protocol alone load in a tenth of the time of the whole library.
 */
export const pulumiModule = <N extends keyof Modules>(name: N): Modules[N] =>
  createRequire(require.resolve("@pulumi/pulumi/proto/engine_grpc_pb"))(name) as Modules[N];
