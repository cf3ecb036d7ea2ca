/** With a full stop, where it has no end of its own. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
