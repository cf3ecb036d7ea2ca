import { canonicalUrn } from "../lifecycle/engine/urn";

/** The URNs by which the core knows the resources of this process, and those that the engine has for them. */
export class Urns {
  private readonly given = new Map<string, string>();

  toCore(urn: string): string {
    const known = canonicalUrn(urn);
    this.given.set(known, urn);
    return known;
  }

  toEngine = (urn: string): string => this.given.get(urn) ?? urn;
}
