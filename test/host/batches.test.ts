import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from "vitest";
import { Sshd } from "../ssh/sshd";
import { withSshd } from "../ssh/with-sshd";
import { BenchHost, request } from "./bench-host";

withSshd("requests that wait for one host", () => {
  let sshd: Sshd;
  let bench: BenchHost;
  beforeAll(async () => void (sshd = await Sshd.start("127.0.0.41")));
  afterAll(() => sshd.remove());
  beforeEach(() => void (bench = new BenchHost(sshd.connection)));
  afterEach(() => bench.remove());

  const execs = () => sshd.count(/Starting session/);
  const logins = () => sshd.count(/Accepted publickey/);

  it("are served by one probe and one apply", async () => {
    const host = bench.host();
    const before = execs();
    const keys = Array.from({ length: 32 }, (_, index) => `vgpu-${index}`);
    const outcomes = await Promise.all(keys.map((key) => host.ensure(request(key))));
    expect(keys.every((key) => bench.has(key))).toBe(true);
    expect(outcomes.map(({ applied, failure, remaining }) => [applied.map(({ result }) => result), failure, remaining.steps])).toEqual(
      keys.map(() => [["done"], undefined, []]),
    );
    expect(outcomes[3]!.applied[0]!.step.run).toEqual(["make_file", bench.path("vgpu-3")]);
    await expect.poll(() => execs() - before).toBe(2);
    expect(logins()).toBe(1);
  });
});
