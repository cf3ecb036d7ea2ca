/** What goes into a line of a log, or behind a dash in a message. */
export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

export const seconds = (count: number): string => `${count < 10 ? Math.round(count * 10) / 10 : Math.round(count)} s`;
