// A program that ends when nothing keeps it: it prints the facts of the host whose connection it reads.
import { readFileSync } from "node:fs";
import { inspectHost } from "../../provider/outlook/inspect-host";

void inspectHost(JSON.parse(readFileSync(0, "utf8"))).then((facts) => console.log(JSON.stringify(facts)));
