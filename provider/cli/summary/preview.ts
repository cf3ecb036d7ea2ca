import { z } from "zod";
import { UserError } from "../../model/errors";

const State = z.object({ inputs: z.record(z.string(), z.unknown()).optional() });

const Step = z.object({
  op: z.string(),
  urn: z.string(),
  oldState: State.nullish(),
  newState: State.nullish(),
  detailedDiff: z.record(z.string(), z.unknown()).nullish(),
});
export type PreviewStep = z.infer<typeof Step>;

const Diagnostic = z.object({ urn: z.string().optional(), message: z.string(), severity: z.string() });

/** Pulumi leaves out empty parts, but not all of them: even an empty stack has a step, and a failure a diagnostic. */
const isPreview = (value: unknown): boolean =>
  typeof value === "object" && value !== null && ["steps", "diagnostics", "changeSummary"].some((key) => key in value);

/** The parts of the output of `pulumi preview --json` that the summary uses. */
const Preview = z.object({
  steps: z
    .array(Step)
    .nullish()
    .transform((steps) => steps ?? []),
  diagnostics: z
    .array(Diagnostic)
    .nullish()
    .transform((diagnostics) => (diagnostics ?? []).map(withoutSeverity)),
  changeSummary: z
    .record(z.string(), z.number())
    .nullish()
    .transform((summary) => summary ?? {}),
});
export type Preview = z.infer<typeof Preview>;

export function readPreview(text: string, from: string): Preview {
  const hint = "Pass the stdout of `pulumi preview --json`. If that is empty, its stderr has the reason";
  const json = parseJson(text);
  const { data, error } = Preview.safeParse(json);
  if (data && isPreview(json)) return data;
  const begins = text.trim().split("\n")[0]!.slice(0, 200);
  const place = error ? error.issues[0]!.path.join(".") : "neither steps nor diagnostics";
  const cause =
    begins === "" ? "it is empty" : `not a preview in JSON${place && ` (${place})`}; it begins with: ${begins}`;
  throw new UserError({ action: `read the preview in ${from}`, cause, hint });
}

function parseJson(text: string): unknown {
  try {
    // PowerShell writes a byte order mark.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

/** Removes the severity that Pulumi repeats before the message. */
function withoutSeverity({ message, ...diagnostic }: z.infer<typeof Diagnostic>): z.infer<typeof Diagnostic> {
  return { ...diagnostic, message: message.replace(/^(debug|info|warning|error): /, "").trim() };
}
