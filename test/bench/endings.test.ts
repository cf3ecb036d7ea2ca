import { expect, test, vi } from "vitest";
import { Endings } from "./endings";

test("what was begun last is ended first, and all of it when something fails", async () => {
  const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const ended: string[] = [];
  const work = Endings.after(async (endings) => {
    endings.add(() => ended.push("first"));
    endings.add(() => Promise.reject(new Error("it is busy")));
    endings.add(async () => ended.push("last"));
    throw new Error("broken off");
  });
  await expect(work).rejects.toThrow("broken off");
  expect(ended).toEqual(["last", "first"]);
  expect(told).toHaveBeenCalledWith("bench: something stays behind: it is busy\n");
  told.mockRestore();
});
