export { condensed, type Line } from "./condensed";
export { driftInText } from "./drift-in-text";
export { foldedNames } from "./folded-names";
export { FleetOutlook, inJson } from "./in-json";
export { inMarkdown } from "./in-markdown";
export { inText } from "./in-text";
export { twins, type Twins } from "./twins";
