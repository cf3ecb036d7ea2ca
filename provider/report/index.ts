export { driftText } from "./drift";
export type { DuplicateHosts } from "./duplicate-hosts";
export { duplicateHosts } from "./duplicate-hosts";
export { foldNames } from "./format";
export { FleetPreview, previewJson } from "./json";
export { previewMarkdown } from "./markdown";
export type { StepLine } from "./steps";
export { summarizeSteps } from "./steps";
export { previewText } from "./text";
