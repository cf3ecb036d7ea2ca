export { Capture, CaptureError } from "./capture";
export { hostFacts } from "./host-facts";
export { installedProbe, installedProbePath, probeDigest } from "./installed";
export { newBoundary, probeScript } from "./script";
