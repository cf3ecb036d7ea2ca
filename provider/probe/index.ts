export { Capture } from "./capture";
export { hostFacts } from "./host-facts";
export { newBoundary, probeScript } from "./script";
