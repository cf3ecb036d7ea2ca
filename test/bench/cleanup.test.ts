import { expect, test, vi } from "vitest";
import { Cleanup } from "./cleanup";

test("clean-up runs in reverse order, and continues after a failing action", async () => {
  const printed = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const ended: string[] = [];
  const work = Cleanup.after(async (cleanup) => {
    cleanup.add(() => ended.push("first"));
    cleanup.add(() => Promise.reject(new Error("it is busy")));
    cleanup.add(async () => ended.push("last"));
    throw new Error("interrupted");
  });
  await expect(work).rejects.toThrow("interrupted");
  expect(ended).toEqual(["last", "first"]);
  expect(printed).toHaveBeenCalledWith("bench: clean-up failed: it is busy\n");
  printed.mockRestore();
});
