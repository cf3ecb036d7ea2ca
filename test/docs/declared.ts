import { join } from "node:path";
import ts from "typescript";
import { root } from "../../scripts/setup/places.mjs";
import { textOf } from "./markdown";

export interface Member {
  name: string;
  /** `@default` of its comment. */
  default?: string;
}

/** Returns the properties that classes and interfaces of a file declare, by the name of the class or interface. */
export function declaredIn(file: string): Map<string, Member[]> {
  const source = ts.createSourceFile(join(root, file), textOf(file), ts.ScriptTarget.ES2022, true);
  const found = new Map<string, Member[]>();
  source.forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node) && !ts.isClassDeclaration(node)) return;
    const properties = [...node.members].filter(
      (member) => ts.isPropertySignature(member) || ts.isPropertyDeclaration(member),
    );
    found.set(
      node.name!.text,
      properties.map((member) => ({ name: member.name.getText(source), default: defaultOf(member) })),
    );
  });
  return found;
}

function defaultOf(node: ts.Node): string | undefined {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === "default");
  return tag && ts.getTextOfJSDocComment(tag.comment);
}
