import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Ends a run with `N passed, N failed` alone on a line, for readers that are no people. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<SerializedError>): void {
    const count = (state: "passed" | "failed") =>
      modules.flatMap((module) => [...module.children.allTests(state)]).length;
    // What broke outside of any test (a file that does not load, a hook, a late rejection) is a failure too.
    const outside = modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .flatMap((part) => part.errors());
    console.log(`\n${count("passed")} passed, ${count("failed") + outside.length + unhandled.length} failed`);
  }
}
