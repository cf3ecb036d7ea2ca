export { driftText } from "./drift";
export { type DuplicateHosts, duplicateHosts } from "./duplicate-hosts";
export { foldNames } from "./format";
export { FleetPreview, previewJson } from "./json";
export { previewMarkdown } from "./markdown";
export { type Line, summarizeSteps } from "./steps";
export { previewText } from "./text";
