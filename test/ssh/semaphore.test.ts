import { describe, expect, it } from "vitest";
import { Semaphore } from "../../provider/ssh/semaphore";

describe("a semaphore", () => {
  it("admits as many as its limit, and the others in their order", async () => {
    const limit = new Semaphore(2);
    const order: number[] = [];
    const enter = (index: number) => limit.acquire().then((leave) => (order.push(index), leave));
    const [first, second] = await Promise.all([enter(1), enter(2)]);
    const third = enter(3);
    const fourth = enter(4);
    expect(order).toEqual([1, 2]);
    second();
    (await third)();
    await fourth;
    first();
    expect(order).toEqual([1, 2, 3, 4]);
    expect(limit.taken).toBe(1);
  });

  it("releases once if it is released twice", async () => {
    const limit = new Semaphore(1);
    const leave = await limit.acquire();
    leave();
    leave();
    expect(limit.taken).toBe(0);
  });

  it("forgets a waiter that is aborted", async () => {
    const limit = new Semaphore(1);
    const leave = await limit.acquire();
    const control = new AbortController();
    const impatient = limit.acquire(control.signal);
    const patient = limit.acquire();
    control.abort(new Error("no time"));
    await expect(impatient).rejects.toThrow("no time");
    leave();
    (await patient)();
    expect(limit.taken).toBe(0);
    await expect(limit.acquire(control.signal)).rejects.toThrow("no time");
  });

  it("can be reduced while it is taken, but always admits one", async () => {
    const limit = new Semaphore(3);
    const leaves = await Promise.all([limit.acquire(), limit.acquire(), limit.acquire()]);
    limit.reduceTo(0);
    const waiting = limit.acquire();
    leaves[0]!();
    leaves[1]!();
    expect(limit.taken).toBe(1);
    leaves[2]!();
    await waiting;
    expect(limit.taken).toBe(1);
  });
});
