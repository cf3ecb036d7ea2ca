/** The cause of a failure in a sentence, and the way out, when a program's output tells them. */
export interface Explanation {
  seen: string;
  next: string;
}

export type Explainer = (output: string) => Explanation | null;

/** Who can read what a function of the library prints. */
export const explainers: Readonly<Record<string, Explainer>> = {};
