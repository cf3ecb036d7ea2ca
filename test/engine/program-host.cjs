// Runs the program of a folder for one CLI after another, as Pulumi's Automation API runs inline programs: the CLI gets the port
// (--client) and starts no process for the program. program-host.ts starts it with an IPC channel, and it ends with its parent.
const { readFileSync } = require("node:fs");
const { join, sep } = require("node:path");
const grpc = require("@grpc/grpc-js");
const { LanguageServer } = require("@pulumi/pulumi/automation/server");
const { LanguageRuntimeService } = require("@pulumi/pulumi/proto/language_grpc_pb");

const package_ = join(__dirname, "..", "..", "dist") + sep;

/** Loads the program and this package anew, so that nothing is left of an earlier run. Pulumi's own modules stay. */
async function runProgram() {
  const main = join(process.cwd(), JSON.parse(readFileSync("package.json", "utf8")).main);
  for (const file of Object.keys(require.cache)) {
    if (file === main || file.startsWith(package_)) delete require.cache[file];
  }
  require(main);
}

/** Tells the parent that no program runs. */
class Language extends LanguageServer {
  run(call, callback) {
    super.run(call, (...answer) => {
      callback(...answer);
      // The stack of a killed CLI may be gone, and the channel with it.
      process.send("ended", () => undefined);
    });
  }
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, new Language(runProgram));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send(port);
});
process.on("disconnect", () => process.exit());
