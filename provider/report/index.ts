export { summarizeSteps, type Line } from "./steps";
export { driftText } from "./drift";
export { foldNames } from "./format";
export { FleetPreview, previewJson } from "./json";
export { previewMarkdown } from "./markdown";
export { previewText } from "./text";
export { duplicateHosts, type DuplicateHosts } from "./duplicate-hosts";
