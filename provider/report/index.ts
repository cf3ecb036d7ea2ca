export type { StepLine } from "../plan/step-lines";
export { summarizeSteps } from "../plan/step-lines";
export { driftText } from "./drift";
export type { DuplicateHosts } from "./duplicate-hosts";
export { duplicateHosts } from "./duplicate-hosts";
export { foldNames } from "./format";
export { FleetPreview, previewJson } from "./json";
export { previewMarkdown } from "./markdown";
export { previewText } from "./text";
