/** Text from elsewhere, so that it can neither fill the screen nor steer the terminal. */
export function printable(text: string, most = 4000): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(/(?![\n\t])\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

export const oneLine = (text: string, most = 500): string => printable(text, most).replace(/\s*[\n\t]\s*/g, " ");
