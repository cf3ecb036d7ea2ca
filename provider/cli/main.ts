#!/usr/bin/env node
import { run } from "./run";
import { processIo } from "./io";

void run(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code;
});
