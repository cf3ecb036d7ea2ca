import type { z } from "zod";
import { didYouMean, meant } from "./meant";

const kinds: Record<string, string> = {
  object: "a map",
  record: "a map",
  array: "a list",
  string: "a text",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
};

/** What would fit, where a schema does not say it in words of its own. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "it has to be given";
      if (issue.expected === "string" && ["number", "boolean"].includes(typeof issue.input)) return "a text is wanted: write it in quotes";
      if (issue.input === null && kinds[issue.expected] === "a map") return "a map is wanted, {} if it is empty";
      return `${kinds[issue.expected] ?? issue.expected} is wanted`;
    case "invalid_value": {
      const values = issue.values.map(String);
      return didYouMean(meant(String(issue.input), values)) ?? `${values.join(" or ")} is wanted`;
    }
    case "too_small":
      return issue.origin === "number" || issue.origin === "int" ? `${issue.minimum} is the least` : "it must not be empty";
    case "too_big":
      return `${issue.maximum} is the most`;
    default:
      return undefined;
  }
};
