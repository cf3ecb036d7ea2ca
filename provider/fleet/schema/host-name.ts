import { z } from "zod";
import { isUserError } from "../../model/errors";
import { expand } from "../ranges";

const hostName = /^([A-Za-z0-9]([\w.-]*\w)?|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$/;

const notOne = "it is no host name or address; a port goes into connection.port";

/** What a host is called in the file, and its address where the file gives no other. */
export const HostName = z.string().regex(hostName, notOne);

/** `gpu[01-40].rack2.example`: one host or many. */
export const HostPattern = z.string().superRefine((pattern, context) => {
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  try {
    const [first] = expand(pattern);
    if (!hostName.test(first!)) refuse(notOne);
  } catch (error) {
    if (!isUserError(error)) throw error;
    refuse(error.trouble.seen);
  }
});
