import { causes, inDots, type Issue } from "../model/issue";
import { oneLine } from "./printable";

/** What is wrong, after the property where it is: `connection.proxy.port: ...`. */
export function inWords(issue: Issue): string {
  const { path, message } = mostTelling(issue);
  const text = message.endsWith("received undefined") ? "it has to be given" : message;
  return oneLine(path.length ? `${inDots(path)}: ${text}` : text, 400);
}

function mostTelling(issue: Issue): { path: PropertyKey[]; message: string } {
  const inner = causes(issue)[0];
  if (!inner) return issue;
  const { path, message } = mostTelling(inner);
  return { path: [...issue.path, ...path], message };
}
