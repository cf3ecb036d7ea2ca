export { RunResult } from "./command-execution";
export { SshError, SshErrorKind } from "./errors";
export { digestOf, FileDigest } from "./local-file";
export { StreamName } from "./output";
export { ConnectionPool } from "./pool";
export { quote, quoteAll } from "./script";
export { RunOptions, Ssh } from "./ssh";
export { isWrongPassword } from "./sudo";
export { UploadOptions, UploadResult, upload } from "./upload";
