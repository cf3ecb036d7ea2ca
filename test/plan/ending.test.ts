import { expect, test } from "vitest";
import { toEnd } from "../../provider/plan/ending";

const process = (command: string, unit: string | null, container: string | null = null) => ({ pid: 280, command, unit, container, guest: null });

test.each([
  ["nv-hostengine", "nvidia-dcgm.service", "Stop nvidia-dcgm.service"],
  ["nvidia-persiste", "nvidia-persistenced.service", "Stop nvidia-persistenced.service"],
  ["nvidia_gpu_expo", "nvidia_gpu_exporter.service", "Stop nvidia_gpu_exporter.service"],
  ["ollama", "ollama.service", "Stop ollama.service"],
  ["Xorg", "Xorg@0.service", "Stop Xorg@0.service"],
])("the service that %s is: %s", (command, unit, said) => expect(toEnd(process(command, unit))).toBe(said));

test.each([
  "ssh.service", "sshd.service", "sshd@7-10.0.0.1:22-10.0.0.2:4711.service", "session-4.scope", "user@0.service", "init.scope", "qemu-guest-agent.service",
  "systemd-logind.service", "getty@tty1.service", "serial-getty@ttyS0.service", "cron.service", null,
])("a process that was started from %s is ended alone", (unit) => expect(toEnd(process("sleep", unit))).toBe("End pid 280 (sleep)"));

test("what is a way in itself is never stopped as a unit", () => {
  expect(toEnd(process("sshd", "ssh.service"))).toBe("End pid 280 (sshd)");
  expect(toEnd(process("qemu-ga", "qemu-guest-agent.service"))).toBe("End pid 280 (qemu-ga)");
  expect(toEnd(process("systemd-logind", "systemd-logind.service"))).toBe("End pid 280 (systemd-logind)");
});

test("a container is stopped as a whole", () => {
  expect(toEnd(process("python3", "docker-3f3f3f3f3f3f.scope", "3f3f3f3f3f3f"))).toBe("Stop the container 3f3f3f3f3f3f");
});
