#!/usr/bin/env node
import { run } from "./run";
import { ourWorld } from "./world";

void run(process.argv.slice(2), ourWorld()).then((code) => {
  process.exitCode = code;
});
