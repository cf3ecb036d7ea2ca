/** Ends a text with a full stop, unless it has an end. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Removes the full stop at the end, for a sentence that continues. */
export const withoutFullStop = (text: string): string => text.replace(/\.$/, "");

/** Joins the lines of a text with blanks. */
export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** `1 host`, `2 hosts` */
export const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

export const seconds = (count: number): string => `${count < 10 ? Math.round(count * 10) / 10 : Math.round(count)} s`;

/** Shortens text from hosts and files, and escapes control characters, so that it cannot control the terminal. */
export function sanitize(text: string, maxLength = 4000): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(/(?![\n\t])\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

export const sanitizeLine = (text: string, maxLength = 500): string =>
  sanitize(text, maxLength).replace(/\s*[\n\t]\s*/g, " ");
