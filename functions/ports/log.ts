/** Logs a warning: a static message, its data in fields. */
export type Warn = (message: string, fields: Record<string, unknown>) => void;
