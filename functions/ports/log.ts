/** The message is static; data goes into fields. */
export type Warn = (message: string, fields: Record<string, unknown>) => void;
