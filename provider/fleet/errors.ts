import { UserError } from "../model/errors";

/** A fleet file with mistakes: all of them. */
export class FleetFileError extends UserError {
  constructor(
    path: string,
    /** `fleet.yaml:12:7: groups.l40s.gpus.a.vgpus: found "L40S-12Z"; did you mean L40S-12Q?` */
    readonly mistakes: string[],
  ) {
    super({ tried: `use the fleet file ${path}`, seen: mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes` });
    this.message = [this.message, ...mistakes].join("\n");
  }
}
