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

/** Of what `pulumi preview --json` prints, the part that a person wants to know. */
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
  const hint =
    "It is what `pulumi preview --json` writes to stdout; what that writes to stderr says why it wrote nothing";
  const { data, error } = Preview.safeParse(parseJson(text));
  if (data) return data;
  const begins = text.trim().split("\n")[0]!.slice(0, 200);
  const cause =
    begins === ""
      ? "it is empty"
      : `it is no preview in JSON${error.issues[0]!.path.length ? ` (${error.issues[0]!.path.join(".")})` : ""}, and begins with: ${begins}`;
  throw new UserError({ action: `read the preview in ${from}`, cause, hint });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Pulumi repeats it in front of the message. */
function withoutSeverity({ message, ...diagnostic }: z.infer<typeof Diagnostic>): z.infer<typeof Diagnostic> {
  return { ...diagnostic, message: message.replace(/^(debug|info|warning|error): /, "").trim() };
}
