import { UserError } from "../model/errors";

/** What the id of an import names: a host, and an object on it. */
export interface ImportId {
  connection: { host: string; user?: string; port?: number };
  object?: string;
}

const pattern = /^(?:(?<user>[^@/\s]+)@)?(?<host>\[[^\]\s]+\]|[^@:/\s]+)(?::(?<port>\d+))?(?:\/(?<object>\S+))?$/;

/** Parses the id of an import: `HOST`, or `HOST/OBJECT`; the host may be `USER@HOST:PORT`. */
export function parseImportId(id: string, object: "gpu" | "uuid" | undefined): ImportId {
  const { user, host, port, object: found } = pattern.exec(id)?.groups ?? {};
  if (host === undefined || (object === undefined) !== (found === undefined)) {
    const form = object === undefined ? "HOST" : `HOST/${formOf[object]}`;
    throw new UserError({
      action: `import ${id}`,
      cause: `the id of this kind has the form ${form}, where HOST may be USER@HOST:PORT`,
      hint: `For example: ${object === undefined ? "gpu01.example" : `gpu01.example/${exampleOf[object]}`}`,
    });
  }
  return { connection: { host, ...(user && { user }), ...(port && { port: Number(port) }) }, object: found };
}

const formOf = { gpu: "GPU", uuid: "UUID" };
const exampleOf = { gpu: "0000:41:00.0", uuid: "2f0c5a3e-6d0b-5c39-9d0e-6b7a4f6d1c11" };
