import { expect, test } from "vitest";
import { howToStop } from "../../provider/plan/how-to-stop";

const process = (command: string, unit: string | null, container: string | null = null) => ({
  pid: 280,
  command,
  unit,
  container,
  guest: null,
});

test.each([
  ["nv-hostengine", "nvidia-dcgm.service", "Stop nvidia-dcgm.service"],
  ["nvidia-persiste", "nvidia-persistenced.service", "Stop nvidia-persistenced.service"],
  ["nvidia_gpu_expo", "nvidia_gpu_exporter.service", "Stop nvidia_gpu_exporter.service"],
  ["ollama", "ollama.service", "Stop ollama.service"],
  ["Xorg", "Xorg@0.service", "Stop Xorg@0.service"],
])("the service that %s is: %s", (command, unit, said) => expect(howToStop(process(command, unit))).toBe(said));

test.each([
  "ssh.service",
  "sshd.service",
  "sshd@7-10.0.0.1:22-10.0.0.2:4711.service",
  "session-4.scope",
  "user@0.service",
  "init.scope",
  "qemu-guest-agent.service",
  "systemd-logind.service",
  "getty@tty1.service",
  "serial-getty@ttyS0.service",
  "cron.service",
  null,
])("a process that was started from %s is ended alone", (unit) =>
  expect(howToStop(process("sleep", unit))).toBe("End pid 280 (sleep)"),
);

test("sshd, a way in, is never stopped as a unit", () => {
  expect(howToStop(process("sshd", "ssh.service"))).toBe("End pid 280 (sshd)");
  expect(howToStop(process("qemu-ga", "qemu-guest-agent.service"))).toBe("End pid 280 (qemu-ga)");
  expect(howToStop(process("systemd-logind", "systemd-logind.service"))).toBe("End pid 280 (systemd-logind)");
});

test("a container is stopped as a whole", () => {
  expect(howToStop(process("python3", "docker-3f3f3f3f3f3f.scope", "3f3f3f3f3f3f"))).toBe(
    "Stop the container 3f3f3f3f3f3f",
  );
});
